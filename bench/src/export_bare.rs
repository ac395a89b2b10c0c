//! A bare dump: the rows of tables, read through the same driver, written as lines, nothing else.

use std::{
    fs::File,
    io::BufWriter,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use futures::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use crate::database::Bare;

/// The columns of a table as one text a row.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
}

const ITEMS: Table = Table {
    name: "run_item",
    columns: &[
        "id",
        "run_id",
        "position",
        "subject_id",
        "subject_kind",
        "subject_key",
        "actioner",
        "class",
        "state",
        "attempt",
        "round",
        "parameters",
        "input_digest",
        "effect_key",
        "skip_reason",
        "failure_code",
        "failure_message",
        "result_id",
        "created_at",
        "started_at",
        "ended_at",
    ],
};

const OTHERS: [Table; 3] = [
    Table {
        name: "attempt",
        columns: &[
            "id",
            "run_id",
            "item_id",
            "number",
            "round",
            "worker",
            "started_at",
            "ended_at",
            "ended_as",
            "failure_code",
            "failure_message",
            "result_id",
            "replay_evidence",
        ],
    },
    Table { name: "audit_entry", columns: &["seq", "leaf", "leaf_hash"] },
    Table { name: "audit_payload", columns: &["seq", "salt", "payload"] },
];

/// Dumps the items of a workspace.
pub async fn items(connection: &mut Bare, workspace: Uuid, file: &Path) -> Result<Duration> {
    dump(connection, workspace, &[&ITEMS], file).await
}

/// Dumps what a bundle is made of.
pub async fn all(connection: &mut Bare, workspace: Uuid, file: &Path) -> Result<Duration> {
    let tables: Vec<&Table> = std::iter::once(&ITEMS).chain(&OTHERS).collect();
    dump(connection, workspace, &tables, file).await
}

async fn dump(
    connection: &mut Bare,
    workspace: Uuid,
    tables: &[&Table],
    file: &Path,
) -> Result<Duration> {
    let mut out = BufWriter::new(File::create(file)?);
    let start = Instant::now();
    for table in tables {
        rows(connection, workspace, table, &mut out).await?;
    }
    out.into_inner()?.sync_all()?;
    Ok(start.elapsed())
}

/// Writes every value of every row as its bytes came from the database.
async fn rows(
    connection: &mut Bare,
    workspace: Uuid,
    table: &Table,
    out: &mut impl std::io::Write,
) -> Result<()> {
    let (columns, name) = (table.columns.join(", "), table.name);
    let statement = format!("SELECT {columns} FROM {name} WHERE workspace_id = $1");
    macro_rules! pour {
        ($connection:expr) => {{
            let query = sqlx::query(AssertSqlSafe(statement)).bind(workspace);
            let mut found = query.fetch(&mut *$connection);
            while let Some(row) = found.try_next().await? {
                for n in 0..row.len() {
                    let value: Option<&[u8]> = row.try_get_unchecked(n)?;
                    out.write_all(value.unwrap_or_default())?;
                    out.write_all(b"\t")?;
                }
                out.write_all(b"\n")?;
            }
        }};
    }
    match connection {
        Bare::Sqlite(connection) => pour!(connection),
        Bare::Postgres(connection) => pour!(connection),
    }
    Ok(())
}
