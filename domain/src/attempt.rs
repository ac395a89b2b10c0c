//! One try at an item. Written once, when it ended; never changed.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{AttemptId, ItemId, RecordId, RunId},
    item::ReplayEvidence,
    problem::Failure,
    words,
};

words! {
    /// How a try ended.
    AttemptEnd {
        Succeeded = "succeeded",
        Failed = "failed",
        /// The actioner found nothing to do.
        Skipped = "skipped",
        /// The actioner asked for a person's decision.
        AwaitingApproval = "awaiting-approval",
        IdempotentReplay = "idempotent-replay",
        /// The process died or lost its lease while the attempt was under way.
        Interrupted = "interrupted",
        /// A result that arrived after the attempt had been given up: kept as evidence.
        Late = "late",
    }
}

/// One try at an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub id: AttemptId,
    pub run: RunId,
    pub item: ItemId,
    /// The fence the try ran under.
    pub number: i64,
    pub round: i64,
    /// Which process ran it; for people, never for fencing.
    pub worker: String,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub end: AttemptEnd,
    pub failure: Option<Failure>,
    pub result: Option<RecordId>,
    pub replay_evidence: Option<ReplayEvidence>,
}
