//! The same writes as a batch of local items makes, without anything that decides them: the rows are
//! made before the clock starts.

use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{
    database::{Bare, Database, bare},
    items::House,
    timing::rate,
};

/// Items in one transaction, as the dispatcher takes them.
const BATCH: usize = 500;

/// A statement over rows bound as JSON: for either database a table `j` with these columns.
fn over_rows(database: Database, columns: &[(&str, &str)], statement: &str) -> String {
    let sqlite = |&(name, kind): &(&str, &str)| match kind {
        "uuid" | "bytea" => format!("unhex(value->>'{name}') AS {name}"),
        _ => format!("value->>'{name}' AS {name}"),
    };
    let postgres = |&(name, kind): &(&str, &str)| match kind {
        "bytea" => format!("decode({name}, 'hex') AS {name}"),
        _ => name.to_owned(),
    };
    let typed = |&(name, kind): &(&str, &str)| {
        format!("{name} {}", if kind == "bytea" { "text" } else { kind })
    };
    let list = |part: &dyn Fn(&(&str, &str)) -> String| {
        columns.iter().map(part).collect::<Vec<_>>().join(", ")
    };
    let rows = database.pick(
        format!("SELECT {} FROM json_each($1)", list(&sqlite)),
        format!(
            "SELECT {} FROM json_to_recordset($1::json) AS t({})",
            list(&postgres),
            list(&typed)
        ),
    );
    format!("WITH j AS MATERIALIZED ({rows}) {statement}")
}

/// One statement and the rows it is run with for each batch.
struct Step {
    statement: String,
    rows: Vec<String>,
}

impl Step {
    fn insert(
        database: Database,
        table: &str,
        columns: &[(&str, &str)],
        batches: &[Vec<Value>],
    ) -> Self {
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let insert = format!("INSERT INTO {table} ({names}) SELECT {names} FROM j");
        Self {
            statement: over_rows(database, columns, &insert),
            rows: batches.iter().map(|batch| Value::from(batch.clone()).to_string()).collect(),
        }
    }
}

pub async fn rate_of_bare_loop(database: Database, count: usize) -> Result<f64> {
    let db = database.fresh().await?;
    let house = House::new(&db.store).await?;
    let workspace = house.workspace().uuid();
    let run = house.queued(count).await?.uuid();
    let mut connection = database.connect(&db.address).await?;
    let items = item_ids(&mut connection, run).await?;
    let size = log_size(&mut connection, workspace).await?;
    let steps = steps(database, workspace, run, &items, size);
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

async fn log_size(connection: &mut Bare, workspace: Uuid) -> Result<usize> {
    let size: i64 = bare!(connection, |c| sqlx::query_scalar(
        "SELECT size FROM audit_head WHERE workspace_id = $1"
    )
    .bind(workspace)
    .fetch_one(c))?;
    Ok(usize::try_from(size)?)
}

fn steps(database: Database, workspace: Uuid, run: Uuid, items: &[Uuid], size: usize) -> Vec<Step> {
    let hex = |id: Uuid| id.simple().to_string();
    let other = |id: Uuid, n: u8| {
        let mut bytes = *id.as_bytes();
        bytes[9] = n;
        Uuid::from_bytes(bytes)
    };
    let at = "2026-07-01T08:00:00+00:00";
    let batches = |row: &dyn Fn(usize, Uuid) -> Vec<Value>| -> Vec<Vec<Value>> {
        let numbered: Vec<(usize, Uuid)> = items.iter().copied().enumerate().collect();
        let part = |part: &[(usize, Uuid)]| part.iter().flat_map(|(n, id)| row(*n, *id)).collect();
        numbered.chunks(BATCH).map(part).collect()
    };
    let records = batches(&|n, id| {
        vec![json!({"id": hex(other(id, 1)), "workspace_id": hex(workspace), "kind": "finding",
            "key": format!("F-A{n:07}"), "revision": 1, "created_at": at, "updated_at": at,
            "attributes": r#"{"about":{"key":"A","kind":"account"},"description":null,"opened_at":"2026-07-01T08:00:00Z","severity":"medium","status":"open","title":"Account A"}"#,
            "created_by_item": hex(id)})]
    });
    let attempts = batches(&|_, id| {
        vec![json!({"id": hex(other(id, 2)), "workspace_id": hex(workspace), "run_id": hex(run),
            "item_id": hex(id), "number": 1, "round": 0, "worker": "bench", "started_at": at,
            "ended_at": at, "ended_as": "succeeded", "result_id": hex(other(id, 1))})]
    });
    let effects = batches(&|n, id| {
        vec![json!({"workspace_id": hex(workspace), "effect_key": format!("{n:052}"),
            "item_id": hex(id), "attempt_id": hex(other(id, 2)), "record_id": hex(other(id, 1)),
            "created_at": at})]
    });
    let entries = batches(&|n, id| {
        let entry = |k: usize| {
            json!({"workspace_id": hex(workspace), "seq": size + 2 * n + k,
            "id": hex(other(id, 3 + k as u8)), "at": at, "actor_kind": "system",
            "verb": "item.started", "object_kind": "item", "object_id": "itm_".to_owned() + &"0".repeat(26),
            "run_id": hex(run), "leaf": "x".repeat(430), "leaf_hash": "0".repeat(64)})
        };
        vec![entry(0), entry(1)]
    });
    let payloads = batches(&|n, _| {
        let payload = |k: usize| {
            json!({"workspace_id": hex(workspace), "seq": size + 2 * n + k,
            "salt": "0".repeat(64), "payload": "x".repeat(200)})
        };
        vec![payload(0), payload(1)]
    });
    let changed = batches(&|_, id| {
        vec![json!({"id": hex(id), "state": "succeeded", "parameters": "x".repeat(50),
            "input_digest": "0".repeat(64), "effect_key": "0".repeat(52),
            "result_id": hex(other(id, 1)), "at": at})]
    });
    let time = "timestamptz";
    let update = "UPDATE run_item SET state = j.state, tries = 1, invoked = true, \
        parameters = j.parameters, input_digest = j.input_digest, effect_key = j.effect_key, \
        result_id = j.result_id, lease_until = NULL, started_at = j.at, ended_at = j.at \
        FROM j WHERE run_item.id = j.id AND run_item.state = 'leased' AND run_item.attempt = 1";
    vec![
        Step::insert(
            database,
            "record",
            &[
                ("id", "uuid"),
                ("workspace_id", "uuid"),
                ("kind", "text"),
                ("key", "text"),
                ("attributes", "text"),
                ("revision", "bigint"),
                ("created_at", time),
                ("updated_at", time),
                ("created_by_item", "uuid"),
            ],
            &records,
        ),
        Step {
            statement: over_rows(
                database,
                &[
                    ("id", "uuid"),
                    ("state", "text"),
                    ("parameters", "text"),
                    ("input_digest", "text"),
                    ("effect_key", "text"),
                    ("result_id", "uuid"),
                    ("at", time),
                ],
                update,
            ),
            rows: changed.iter().map(|batch| Value::from(batch.clone()).to_string()).collect(),
        },
        Step::insert(
            database,
            "attempt",
            &[
                ("id", "uuid"),
                ("workspace_id", "uuid"),
                ("run_id", "uuid"),
                ("item_id", "uuid"),
                ("number", "bigint"),
                ("round", "bigint"),
                ("worker", "text"),
                ("started_at", time),
                ("ended_at", time),
                ("ended_as", "text"),
                ("result_id", "uuid"),
            ],
            &attempts,
        ),
        Step::insert(
            database,
            "effect",
            &[
                ("workspace_id", "uuid"),
                ("effect_key", "text"),
                ("item_id", "uuid"),
                ("attempt_id", "uuid"),
                ("record_id", "uuid"),
                ("created_at", time),
            ],
            &effects,
        ),
        Step::insert(
            database,
            "audit_entry",
            &[
                ("workspace_id", "uuid"),
                ("seq", "bigint"),
                ("id", "uuid"),
                ("at", time),
                ("actor_kind", "text"),
                ("verb", "text"),
                ("object_kind", "text"),
                ("object_id", "text"),
                ("run_id", "uuid"),
                ("leaf", "text"),
                ("leaf_hash", "bytea"),
            ],
            &entries,
        ),
        Step::insert(
            database,
            "audit_payload",
            &[("workspace_id", "uuid"), ("seq", "bigint"), ("salt", "bytea"), ("payload", "text")],
            &payloads,
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
        "WITH due AS MATERIALIZED (SELECT id FROM run_item WHERE state = 'queued' AND class = \
         'local' ORDER BY not_before, id LIMIT {BATCH}{lock}) UPDATE run_item SET state = 'leased', \
         attempt = attempt + 1 WHERE id IN (SELECT id FROM due) RETURNING id"
    );
    let begin = database.pick("BEGIN IMMEDIATE", "BEGIN");
    control(connection, begin).await?;
    let _claimed: Vec<Uuid> =
        bare!(connection, |c| sqlx::query_scalar(AssertSqlSafe(claim.clone())).fetch_all(c))?;
    control(connection, "COMMIT").await?;
    control(connection, begin).await?;
    for step in steps {
        let (statement, rows) = (step.statement.clone(), step.rows[n].clone());
        bare!(connection, |c| async {
            sqlx::query(AssertSqlSafe(statement)).bind(rows).execute(c).await.map(drop)
        })?;
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
