//! The same writes as a batch of local items makes, without anything that decides them: the rows are
//! made before the clock starts.

use std::time::Instant;

use anyhow::Result;
use chrono::{DateTime, Utc};
use domain::{canonical, id::ItemId};
use sqlx::{Arguments as _, AssertSqlSafe, postgres::PgArguments, sqlite::SqliteArguments};
use uuid::Uuid;

use crate::{
    database::{Bare, Database, bare},
    items::House,
    timing::rate,
};

/// Items in one transaction, as the dispatcher takes them.
const BATCH: usize = 500;

/// Sizes as ours have them, in bytes.
const LEAF: usize = 360;
const PAYLOAD: usize = 210;
const ATTRIBUTES: &str = r#"{"about":{"key":"A","kind":"account"},"description":null,"opened_at":"2026-07-01T08:00:00Z","severity":"medium","status":"open","title":"Account A"}"#;

/// Rows of one statement for SQLite.
const ROWS: usize = 100;

/// One value of a row.
#[derive(Debug, Clone)]
enum Cell {
    Uuid(Uuid),
    Text(String),
    Int(i64),
    Time(DateTime<Utc>),
    Bytes(Vec<u8>),
}

type Row = Vec<Cell>;

/// One statement and the rows it is run with for each batch. The rows are a table called `j`.
struct Step {
    columns: &'static [(&'static str, &'static str)],
    statement: String,
    batches: Vec<Vec<Row>>,
}

impl Step {
    fn insert(
        table: &str,
        columns: &'static [(&'static str, &'static str)],
        batches: Vec<Vec<Row>>,
    ) -> Self {
        let names = names(columns);
        let statement = format!("INSERT INTO {table} ({names}) SELECT {names} FROM j");
        Self { columns, statement, batches }
    }

    async fn run(&self, connection: &mut Bare, n: usize) -> Result<()> {
        match connection {
            Bare::Sqlite(connection) => {
                for rows in self.batches[n].chunks(ROWS) {
                    let query =
                        sqlx::query_with(AssertSqlSafe(self.sqlite(rows.len())), flat(rows));
                    query.execute(&mut *connection).await?;
                }
            }
            Bare::Postgres(connection) => {
                let arguments = self.arrays(&self.batches[n])?;
                let query = sqlx::query_with(AssertSqlSafe(self.postgres()), arguments);
                query.execute(&mut *connection).await?;
            }
        }
        Ok(())
    }

    fn sqlite(&self, rows: usize) -> String {
        let row = format!("({})", vec!["?"; self.columns.len()].join(", "));
        let values = vec![row; rows].join(", ");
        format!(
            "WITH j({}) AS MATERIALIZED (VALUES {values}) {}",
            names(self.columns),
            self.statement
        )
    }

    fn postgres(&self) -> String {
        let array = |(n, (_, kind)): (usize, &(&str, &str))| format!("${}::{kind}[]", n + 1);
        let arrays: Vec<String> = self.columns.iter().enumerate().map(array).collect();
        format!(
            "WITH j AS MATERIALIZED (SELECT * FROM unnest({}) AS t({})) {}",
            arrays.join(", "),
            names(self.columns),
            self.statement
        )
    }

    fn arrays(&self, rows: &[Row]) -> Result<PgArguments> {
        let mut arguments = PgArguments::default();
        for (n, (_, kind)) in self.columns.iter().enumerate() {
            let cells = rows.iter().map(|row| row[n].clone());
            macro_rules! array {
                ($kind:ident) => {{
                    let values = cells.map(|cell| match cell {
                        Cell::$kind(value) => value,
                        other => unreachable!("{other:?} in a column of {kind}"),
                    });
                    arguments.add(values.collect::<Vec<_>>())
                }};
            }
            let added = match *kind {
                "uuid" => array!(Uuid),
                "bigint" => array!(Int),
                "timestamptz" => array!(Time),
                "bytea" => array!(Bytes),
                _ => array!(Text),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}

fn names(columns: &[(&str, &str)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn flat(rows: &[Row]) -> SqliteArguments {
    let mut arguments = SqliteArguments::default();
    for cell in rows.iter().flatten().cloned() {
        let added = match cell {
            Cell::Uuid(value) => arguments.add(value),
            Cell::Text(value) => arguments.add(value),
            Cell::Int(value) => arguments.add(value),
            Cell::Time(value) => arguments.add(value),
            Cell::Bytes(value) => arguments.add(value),
        };
        debug_assert!(added.is_ok());
    }
    arguments
}

pub async fn rate_of_bare_loop(database: Database, count: usize) -> Result<f64> {
    let db = database.fresh().await?;
    let house = House::new(&db.store).await?;
    let workspace = house.workspace().uuid();
    let run = house.queued(count).await?.uuid();
    let mut connection = database.connect(&db.address).await?;
    let items = item_ids(&mut connection, run).await?;
    let size = log_size(&mut connection, workspace).await?;
    let steps = steps(workspace, run, &items, size);
    let start = Instant::now();
    for n in 0..items.len().div_ceil(BATCH) {
        batch(database, &mut connection, workspace, run, &steps, n).await?;
    }
    Ok(rate(items.len(), start.elapsed()))
}

async fn item_ids(connection: &mut Bare, run: Uuid) -> Result<Vec<Uuid>> {
    let ids: Vec<Uuid> = bare!(connection, |c| sqlx::query_scalar(
        "SELECT id FROM run_item WHERE run_id = $1 ORDER BY not_before, id"
    )
    .bind(run)
    .fetch_all(c))?;
    Ok(ids)
}

async fn log_size(connection: &mut Bare, workspace: Uuid) -> Result<i64> {
    let size: i64 = bare!(connection, |c| sqlx::query_scalar(
        "SELECT size FROM audit_head WHERE workspace_id = $1"
    )
    .bind(workspace)
    .fetch_one(c))?;
    Ok(size)
}

/// What a batch writes for each item, by the tables.
fn steps(workspace: Uuid, run: Uuid, items: &[Uuid], size: i64) -> Vec<Step> {
    let other = |id: Uuid, n: u8| {
        let mut bytes = *id.as_bytes();
        bytes[9] = n;
        Uuid::from_bytes(bytes)
    };
    let numbered: Vec<(i64, Uuid)> = (0..).zip(items.iter().copied()).collect();
    let batches = |rows: &dyn Fn(i64, Uuid) -> Vec<Row>| -> Vec<Vec<Row>> {
        let part = |part: &[(i64, Uuid)]| part.iter().flat_map(|&(n, id)| rows(n, id)).collect();
        numbered.chunks(BATCH).map(part).collect()
    };
    let text = |text: &str| Cell::Text(text.to_owned());
    let at = Cell::Time(DateTime::UNIX_EPOCH);
    let record = |id: Uuid| Cell::Uuid(other(id, 1));
    let attempt = |id: Uuid| Cell::Uuid(other(id, 2));
    let key =
        |n: i64| Cell::Text(format!("{n:016x}{}", &canonical::digest(&n.to_be_bytes())[..36]));
    vec![
        Step::insert(
            "record",
            &[
                ("id", "uuid"),
                ("workspace_id", "uuid"),
                ("kind", "text"),
                ("key", "text"),
                ("attributes", "text"),
                ("revision", "bigint"),
                ("created_at", "timestamptz"),
                ("updated_at", "timestamptz"),
                ("created_by_item", "uuid"),
            ],
            batches(&|n, id| {
                vec![vec![
                    record(id),
                    Cell::Uuid(workspace),
                    text("finding"),
                    Cell::Text(format!("F-A{n:07}")),
                    text(ATTRIBUTES),
                    Cell::Int(1),
                    at.clone(),
                    at.clone(),
                    Cell::Uuid(id),
                ]]
            }),
        ),
        Step {
            columns: &[
                ("id", "uuid"),
                ("workspace_id", "uuid"),
                ("state", "text"),
                ("parameters", "text"),
                ("input_digest", "text"),
                ("effect_key", "text"),
                ("result_id", "uuid"),
                ("at", "timestamptz"),
            ],
            statement: "UPDATE run_item SET state = j.state, tries = 1, invoked = true, \
                parameters = j.parameters, input_digest = j.input_digest, \
                effect_key = j.effect_key, result_id = j.result_id, lease_until = NULL, \
                started_at = j.at, ended_at = j.at FROM j \
                WHERE run_item.workspace_id = j.workspace_id AND run_item.id = j.id \
                AND run_item.state = 'leased' AND run_item.attempt = 1"
                .to_owned(),
            batches: batches(&|n, id| {
                vec![vec![
                    Cell::Uuid(id),
                    Cell::Uuid(workspace),
                    text("succeeded"),
                    Cell::Text("x".repeat(50)),
                    Cell::Text("0".repeat(64)),
                    key(n),
                    record(id),
                    at.clone(),
                ]]
            }),
        },
        Step::insert(
            "attempt",
            &[
                ("id", "uuid"),
                ("workspace_id", "uuid"),
                ("run_id", "uuid"),
                ("item_id", "uuid"),
                ("number", "bigint"),
                ("round", "bigint"),
                ("worker", "text"),
                ("started_at", "timestamptz"),
                ("ended_at", "timestamptz"),
                ("ended_as", "text"),
                ("result_id", "uuid"),
            ],
            batches(&|_, id| {
                vec![vec![
                    attempt(id),
                    Cell::Uuid(workspace),
                    Cell::Uuid(run),
                    Cell::Uuid(id),
                    Cell::Int(1),
                    Cell::Int(0),
                    text("bench"),
                    at.clone(),
                    at.clone(),
                    text("succeeded"),
                    record(id),
                ]]
            }),
        ),
        Step::insert(
            "effect",
            &[
                ("workspace_id", "uuid"),
                ("effect_key", "text"),
                ("item_id", "uuid"),
                ("attempt_id", "uuid"),
                ("record_id", "uuid"),
                ("created_at", "timestamptz"),
            ],
            batches(&|n, id| {
                vec![vec![
                    Cell::Uuid(workspace),
                    key(n),
                    Cell::Uuid(id),
                    attempt(id),
                    record(id),
                    at.clone(),
                ]]
            }),
        ),
        Step::insert(
            "audit_entry",
            &[
                ("workspace_id", "uuid"),
                ("seq", "bigint"),
                ("at", "timestamptz"),
                ("actor_kind", "text"),
                ("verb", "text"),
                ("object_kind", "text"),
                ("object_id", "text"),
                ("run_id", "uuid"),
                ("leaf", "text"),
                ("leaf_hash", "bytea"),
            ],
            batches(&|n, id| {
                let entry = |k: i64| {
                    vec![
                        Cell::Uuid(workspace),
                        Cell::Int(size + 2 * n + k),
                        at.clone(),
                        text("system"),
                        text(if k == 0 { "item.started" } else { "item.succeeded" }),
                        text("item"),
                        Cell::Text(ItemId::new(id).to_string()),
                        Cell::Uuid(run),
                        Cell::Text("x".repeat(LEAF)),
                        Cell::Bytes(vec![0; 32]),
                    ]
                };
                vec![entry(0), entry(1)]
            }),
        ),
        Step::insert(
            "audit_payload",
            &[("workspace_id", "uuid"), ("seq", "bigint"), ("salt", "bytea"), ("payload", "text")],
            batches(&|n, _| {
                let payload = |k: i64| {
                    vec![
                        Cell::Uuid(workspace),
                        Cell::Int(size + 2 * n + k),
                        Cell::Bytes(vec![0; 32]),
                        Cell::Text("x".repeat(PAYLOAD)),
                    ]
                };
                vec![payload(0), payload(1)]
            }),
        ),
    ]
}

/// Claim, then everything else: two transactions, as the dispatcher makes them.
async fn batch(
    database: Database,
    connection: &mut Bare,
    workspace: Uuid,
    run: Uuid,
    steps: &[Step],
    n: usize,
) -> Result<()> {
    let lock = database.pick("", " FOR UPDATE SKIP LOCKED");
    let claim = format!(
        "WITH due AS MATERIALIZED (SELECT workspace_id, id FROM run_item WHERE state = 'queued' \
         AND class = 'local' ORDER BY not_before, id LIMIT {BATCH}{lock}) UPDATE run_item \
         SET state = 'leased', attempt = attempt + 1 FROM due \
         WHERE run_item.workspace_id = due.workspace_id AND run_item.id = due.id \
         RETURNING run_item.id"
    );
    let begin = database.pick("BEGIN IMMEDIATE", "BEGIN");
    control(connection, begin).await?;
    let _claimed: Vec<Uuid> =
        bare!(connection, |c| sqlx::query_scalar(AssertSqlSafe(claim.clone())).fetch_all(c))?;
    control(connection, "COMMIT").await?;
    control(connection, begin).await?;
    for step in steps {
        step.run(connection, n).await?;
    }
    for statement in [
        "UPDATE run SET actions_invoked = actions_invoked + 500 WHERE workspace_id = $1 AND id = $2",
        "UPDATE run_rollup SET actions_invoked = actions_invoked + 500 WHERE workspace_id = $1 AND $2 IS NOT NULL",
        "UPDATE audit_head SET size = size + 1000 WHERE workspace_id = $1 AND $2 IS NOT NULL",
    ] {
        bare!(connection, |c| async {
            sqlx::query(statement).bind(workspace).bind(run).execute(c).await.map(drop)
        })?;
    }
    control(connection, "COMMIT").await
}

async fn control(connection: &mut Bare, statement: &'static str) -> Result<()> {
    bare!(connection, |c| async { sqlx::raw_sql(statement).execute(c).await.map(drop) })?;
    Ok(())
}
