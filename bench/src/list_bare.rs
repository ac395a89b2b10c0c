//! The bare SQL of a page of runs: the right index, the same columns, nothing around it.

use anyhow::Result;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::database::{Bare, bare};

/// Reads one page and throws it away; answers with the number of rows.
pub async fn page(connection: &mut Bare, workspace: Uuid, condition: &str) -> Result<usize> {
    let statement = format!(
        "SELECT id, automation_id, version, trigger_event_id, trigger_kind, status, round, \
         subjects_matched, actions_invoked, open_items, succeeded, failed, skipped, \
         awaiting_approval, idempotent_replay, matched, on_item_failure, created_at, started_at, \
         completed_at FROM run WHERE workspace_id = $1{condition} LIMIT 51"
    );
    let rows = bare!(connection, |c| async {
        let rows = sqlx::query(AssertSqlSafe(statement)).bind(workspace).fetch_all(c).await?;
        Ok::<_, sqlx::Error>(rows.len())
    })?;
    Ok(rows)
}

/// The bare SQL of the groups: the rollup added up, nothing around it.
pub async fn groups(connection: &mut Bare, workspace: Uuid, condition: &str) -> Result<usize> {
    let statement = format!(
        "SELECT automation_id, status, CAST(SUM(runs) AS BIGINT) AS runs, \
         CAST(SUM(subjects_matched) AS BIGINT) AS subjects_matched FROM run_rollup \
         WHERE workspace_id = $1 AND basis = 'started'{condition} GROUP BY automation_id, status"
    );
    let rows = bare!(connection, |c| async {
        let rows = sqlx::query(AssertSqlSafe(statement)).bind(workspace).fetch_all(c).await?;
        Ok::<_, sqlx::Error>(rows.len())
    })?;
    Ok(rows)
}
