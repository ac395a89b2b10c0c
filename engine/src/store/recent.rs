//! The latest runs of several automations, as strips show them: one short walk for each.

use domain::{
    id::{AutomationId, WorkspaceId},
    run::RunStatus,
};
use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use super::{Session, StoreError, sql};

/// Walks of one statement: databases limit how many may be joined.
const WALKS: usize = 100;

fn push_walks<'args, DB>(
    query: &mut QueryBuilder<DB>,
    workspace: WorkspaceId,
    automations: &[AutomationId],
    seen: &str,
    limit: i64,
) where
    DB: Database,
    Uuid: Encode<'args, DB> + Type<DB>,
{
    for (n, automation) in automations.iter().enumerate() {
        query.push(if n == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
        query.push("SELECT r.automation_id, r.status, r.started_order, r.id FROM run r");
        query.push(" WHERE r.workspace_id = ").push_bind(workspace.uuid());
        query.push(" AND r.automation_id = ").push_bind(automation.uuid());
        query.push(seen).push(" ORDER BY r.started_order DESC, r.id DESC LIMIT ").push(limit);
        query.push(") AS walk");
    }
    query.push(" ORDER BY started_order, id");
}

#[derive(sqlx::FromRow)]
struct StatusRow {
    automation_id: Uuid,
    status: String,
}

impl Session {
    /// The statuses of the latest runs of each automation, at most `limit` of each, oldest first.
    pub async fn recent_statuses(
        &mut self,
        workspace: WorkspaceId,
        automations: &[AutomationId],
        limit: i64,
    ) -> Result<Vec<(AutomationId, RunStatus)>, StoreError> {
        let seen = self.seen_at("r.started_order");
        let mut found = Vec::new();
        for some in automations.chunks(WALKS) {
            let rows: Vec<StatusRow> = sql!(self, |c| async {
                let mut query = QueryBuilder::new("");
                push_walks(&mut query, workspace, some, &seen, limit);
                query.build_query_as().fetch_all(c).await
            })?;
            for row in rows {
                let status = row.status.parse();
                let status = status.map_err(|e| StoreError::inconsistent("run", "status", &e))?;
                found.push((AutomationId::new(row.automation_id), status));
            }
        }
        Ok(found)
    }
}
