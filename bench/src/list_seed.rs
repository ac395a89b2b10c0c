//! A workspace with many runs, written straight into the tables: the engine would take hours.

use anyhow::Result;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::database::{Bare, Database, bare};

/// Definitions in the workspace.
pub const DEFINITIONS: i64 = 20;

/// Seconds between two runs: a million of them span somewhat less than four years.
pub const SPACING: i64 = 120;

/// The first run starts here: 2023-01-01T00:00:00Z.
pub const FIRST: i64 = 1_672_531_200;

/// Inserts runs `from..to` and brings the rollup up to date.
pub async fn runs(
    database: Database,
    connection: &mut Bare,
    workspace: Uuid,
    from: i64,
    to: i64,
) -> Result<()> {
    execute(connection, &numbered(database, from, to, EVENTS, EVENTS_POSTGRES), workspace).await?;
    execute(connection, &numbered(database, from, to, RUNS, RUNS_POSTGRES), workspace).await?;
    execute(connection, "DELETE FROM run_rollup WHERE workspace_id = $1", workspace).await?;
    for (basis, order) in [("started", "started_order"), ("completed", "completed_order")] {
        let day = database
            .pick(format!("substr({order}, 1, 10)"), format!("({order} AT TIME ZONE 'UTC')::date"));
        let rollup = ROLLUP.replace("BASIS", basis).replace("DAY", &day);
        execute(connection, &rollup, workspace).await?;
    }
    execute(connection, counted(database), workspace).await
}

/// Postgres looks by itself, sooner or later, at what it has; Assize never asks SQLite to, which would go by
/// what was there in between.
pub fn counted(database: Database) -> &'static str {
    database.pick("SELECT 1", "ANALYZE")
}

/// Runs a statement that may name the workspace as `$1`.
pub async fn execute(connection: &mut Bare, statement: &str, workspace: Uuid) -> Result<()> {
    let statement = statement.to_owned();
    bare!(connection, |c| async {
        if statement.contains("$1") {
            sqlx::query(AssertSqlSafe(statement)).bind(workspace).execute(c).await.map(drop)
        } else {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(c).await.map(drop)
        }
    })?;
    Ok(())
}

/// A statement over the numbers `from..to`, as a table `n(i)`.
fn numbered(database: Database, from: i64, to: i64, sqlite: &str, postgres: &str) -> String {
    let numbers = database.pick(
        format!(
            "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to}) "
        ),
        format!("WITH n(i) AS (SELECT generate_series({from}::bigint, {to}::bigint - 1)) "),
    );
    let body = database.pick(sqlite, postgres);
    let body = body
        .replace("FIRST", &FIRST.to_string())
        .replace("SPACING", &SPACING.to_string())
        .replace("DEFINITIONS", &DEFINITIONS.to_string());
    // SQLite wants the common table before INSERT, Postgres accepts it there too.
    format!("{numbers}{body}")
}

const EVENTS: &str = "INSERT INTO trigger_event (id, workspace_id, kind, source, external_id, \
    event_type, occurred_at, received_at, payload) \
    SELECT unhex(printf('0199%08x00017000%012x', i, i)), $1, 'schedule', 'bench', 'e-' || i, \
    'scheduled', strftime('%Y-%m-%dT%H:%M:%S+00:00', FIRST + i * SPACING, 'unixepoch'), \
    strftime('%Y-%m-%dT%H:%M:%S+00:00', FIRST + i * SPACING, 'unixepoch'), '{}' FROM n";

const EVENTS_POSTGRES: &str = "INSERT INTO trigger_event (id, workspace_id, kind, source, \
    external_id, event_type, occurred_at, received_at, payload) \
    SELECT ('0199' || lpad(to_hex(i), 8, '0') || '00017000' || lpad(to_hex(i), 12, '0'))::uuid, \
    $1, 'schedule', 'bench', 'e-' || i, 'scheduled', to_timestamp(FIRST + i * SPACING), \
    to_timestamp(FIRST + i * SPACING), '{}' FROM n";

/// Of a hundred runs 90 completed, 6 with failures, 2 failed, 1 was cancelled, 1 runs.
const RUNS: &str = ", known AS (SELECT id, ROW_NUMBER() OVER (ORDER BY key) - 1 AS place \
    FROM automation WHERE workspace_id = $1), \
    made AS (SELECT i, FIRST + i * SPACING AS at, CASE WHEN i % 100 < 90 THEN 'completed' \
    WHEN i % 100 < 96 THEN 'completed-with-failures' WHEN i % 100 < 98 THEN 'failed' \
    WHEN i % 100 < 99 THEN 'cancelled' ELSE 'running' END AS status FROM n) \
    INSERT INTO run (id, workspace_id, automation_id, version, trigger_event_id, trigger_kind, \
    status, round, subjects_matched, actions_invoked, open_items, succeeded, failed, skipped, \
    awaiting_approval, idempotent_replay, tool_invocations, memory_writes, incidents, reports, \
    matched, on_item_failure, created_at, started_at, \
    completed_at, started_order, completed_order) \
    SELECT unhex(printf('0199%08x00007000%012x', i, i)), $1, known.id, 1, \
    unhex(printf('0199%08x00017000%012x', i, i)), 'schedule', status, 0, 10, 10, 0, 9, 1, 0, 0, 0, \
    10, 9, 0, 1, 1, 'close', strftime('%Y-%m-%dT%H:%M:%S+00:00', at, 'unixepoch'), \
    strftime('%Y-%m-%dT%H:%M:%S+00:00', at, 'unixepoch'), \
    CASE WHEN status = 'running' THEN NULL \
    ELSE strftime('%Y-%m-%dT%H:%M:%S+00:00', at + 30, 'unixepoch') END, \
    strftime('%Y-%m-%dT%H:%M:%S+00:00', at, 'unixepoch'), \
    CASE WHEN status = 'running' THEN '9999-12-31T00:00:00+00:00' \
    ELSE strftime('%Y-%m-%dT%H:%M:%S+00:00', at + 30, 'unixepoch') END \
    FROM made JOIN known ON known.place = made.i % DEFINITIONS";

const RUNS_POSTGRES: &str = ", known AS (SELECT id, ROW_NUMBER() OVER (ORDER BY key) - 1 AS place \
    FROM automation WHERE workspace_id = $1), \
    made AS (SELECT i, to_timestamp(FIRST + i * SPACING) AS at, CASE WHEN i % 100 < 90 \
    THEN 'completed' WHEN i % 100 < 96 THEN 'completed-with-failures' WHEN i % 100 < 98 \
    THEN 'failed' WHEN i % 100 < 99 THEN 'cancelled' ELSE 'running' END AS status FROM n) \
    INSERT INTO run (id, workspace_id, automation_id, version, trigger_event_id, trigger_kind, \
    status, round, subjects_matched, actions_invoked, open_items, succeeded, failed, skipped, \
    awaiting_approval, idempotent_replay, tool_invocations, memory_writes, incidents, reports, \
    matched, on_item_failure, created_at, started_at, \
    completed_at, started_order, completed_order) \
    SELECT ('0199' || lpad(to_hex(i), 8, '0') || '00007000' || lpad(to_hex(i), 12, '0'))::uuid, \
    $1, known.id, 1, \
    ('0199' || lpad(to_hex(i), 8, '0') || '00017000' || lpad(to_hex(i), 12, '0'))::uuid, \
    'schedule', status, 0, 10, 10, 0, 9, 1, 0, 0, 0, 10, 9, 0, 1, true, 'close', at, at, \
    CASE WHEN status = 'running' THEN NULL ELSE at + interval '30 s' END, at, \
    CASE WHEN status = 'running' THEN '9999-12-31T00:00:00Z'::timestamptz \
    ELSE at + interval '30 s' END \
    FROM made JOIN known ON known.place = made.i % DEFINITIONS";

const ROLLUP: &str = "INSERT INTO run_rollup (workspace_id, automation_id, basis, day, status, \
    trigger_kind, runs, subjects_matched, actions_invoked, open_items, succeeded, failed, skipped, \
    awaiting_approval, idempotent_replay) \
    SELECT workspace_id, automation_id, 'BASIS', DAY, status, trigger_kind, COUNT(*), \
    SUM(subjects_matched), SUM(actions_invoked), SUM(open_items), SUM(succeeded), SUM(failed), \
    SUM(skipped), SUM(awaiting_approval), SUM(idempotent_replay) FROM run \
    WHERE workspace_id = $1 GROUP BY workspace_id, automation_id, DAY, status, trigger_kind";
