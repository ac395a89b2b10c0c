//! What those who watch over an instance ask: sums over all workspaces.

use domain::Timestamp;

use super::{Session, StoreError, sql};

/// Work that waits: items to be carried out, deliveries to be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Queue {
    pub items: i64,
    /// Since when the one waits that could have been begun first. In the future where all of them are
    /// put off.
    pub due_since: Option<Timestamp>,
}

impl Session {
    /// The items that wait, counted along the index of the queue.
    pub async fn queue(&mut self) -> Result<Queue, StoreError> {
        Ok(sql!(self, |c| sqlx::query_as(
            "SELECT COUNT(*) AS items, MIN(not_before) AS due_since FROM run_item \
             WHERE state = 'queued'"
        )
        .fetch_one(c))?)
    }

    /// The deliveries that wait, for their turn, their next try, or the end of the present one.
    pub async fn waiting_deliveries(&mut self) -> Result<Queue, StoreError> {
        Ok(sql!(self, |c| sqlx::query_as(
            "SELECT COUNT(*) AS items, MIN(due_at) AS due_since FROM delivery \
             WHERE due_at IS NOT NULL"
        )
        .fetch_one(c))?)
    }
}
