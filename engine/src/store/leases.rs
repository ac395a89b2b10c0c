//! What is known about who held items, for those whose lease ended.

use std::collections::HashMap;

use domain::{
    Timestamp,
    id::{ItemId, WorkspaceId},
    incident::PastLease,
};
use uuid::Uuid;

use super::{Rows, Session, StoreError};

/// Who held an item, and the attempts at it that ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LeaseHistory {
    pub owner: Option<String>,
    /// Oldest first.
    pub past: Vec<PastLease>,
}

#[derive(sqlx::FromRow)]
struct HistoryRow {
    id: Uuid,
    lease_owner: Option<String>,
    number: Option<i64>,
    worker: Option<String>,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    ended_as: Option<String>,
}

impl HistoryRow {
    fn past(self) -> Result<Option<PastLease>, StoreError> {
        let (Some(attempt), Some(worker), Some(started_at), Some(ended_at), Some(ended_as)) =
            (self.number, self.worker, self.started_at, self.ended_at, self.ended_as)
        else {
            return Ok(None);
        };
        let ended_as = ended_as
            .parse()
            .map_err(|error| StoreError::inconsistent("attempt", "ended_as", error))?;
        Ok(Some(PastLease { attempt, worker, started_at, ended_at, ended_as }))
    }
}

impl Session {
    /// The histories of these items, by item.
    pub async fn lease_histories(
        &mut self,
        workspace: WorkspaceId,
        items: &[ItemId],
    ) -> Result<HashMap<ItemId, LeaseHistory>, StoreError> {
        let rows = Rows::of(items).within(workspace).uuid("id", |id| id.uuid());
        let found: Vec<HistoryRow> = self
            .fetch_rows(
                rows,
                "SELECT i.id, i.lease_owner, a.number, a.worker, a.started_at, a.ended_at, \
                 a.ended_as FROM j JOIN run_item i ON i.workspace_id = j.workspace_id \
                 AND i.id = j.id LEFT JOIN attempt a ON a.workspace_id = i.workspace_id \
                 AND a.item_id = i.id ORDER BY i.id, a.number, a.ended_at",
            )
            .await?;
        let mut histories: HashMap<ItemId, LeaseHistory> = HashMap::new();
        for mut row in found {
            let history = histories.entry(ItemId::new(row.id)).or_default();
            history.owner = row.lease_owner.take();
            history.past.extend(row.past()?);
        }
        Ok(histories)
    }
}
