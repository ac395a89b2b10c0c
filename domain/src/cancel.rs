//! What a member is told after cancelling a run.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::RunId,
    item::{Item, ItemState},
    problem::FailureKind,
};

/// What had happened, what will not, and what is still under way when a run was cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelReceipt {
    pub run: RunId,
    pub at: Timestamp,
    pub reason: String,
    /// Items that had their outcome before.
    pub finished: i64,
    /// Items that had not started and now never will.
    pub skipped: i64,
    /// Items that had started; they finish and their outcomes are recorded.
    pub in_flight: i64,
    /// Failed items of which nobody knows whether the action happened.
    pub unknown: i64,
}

impl CancelReceipt {
    /// Counts the items as they stood just before the cancellation.
    pub fn new<'a>(
        run: RunId,
        at: Timestamp,
        reason: &str,
        before: impl IntoIterator<Item = &'a Item>,
    ) -> Self {
        let mut receipt = Self {
            run,
            at,
            reason: reason.to_owned(),
            finished: 0,
            skipped: 0,
            in_flight: 0,
            unknown: 0,
        };
        for item in before {
            *receipt.place(item) += 1;
        }
        receipt
    }

    fn place(&mut self, item: &Item) -> &mut i64 {
        let unknown =
            item.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Unknown);
        match item.state {
            ItemState::Started => &mut self.in_flight,
            ItemState::Queued | ItemState::Leased | ItemState::AwaitingApproval => {
                &mut self.skipped
            }
            ItemState::Failed if unknown => &mut self.unknown,
            _ => &mut self.finished,
        }
    }
}
