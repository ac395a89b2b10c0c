//! Bundles: what an auditor takes home of a period, and how far the making of it has come.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{BundleId, MemberId, WorkspaceId},
    period::Period,
    problem::Failure,
    words,
};

words! {
    BundleStatus {
        /// Ordered; nobody has begun.
        Pending = "pending",
        /// A worker writes it, under a lease.
        Assembling = "assembling",
        /// It can be downloaded.
        Ready = "ready",
        Failed = "failed",
    }
}

/// An order for a bundle, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    pub id: BundleId,
    pub workspace: WorkspaceId,
    pub period: Period,
    /// The keys of the automations it is limited to, sorted; none for all of the workspace.
    pub automations: Vec<String>,
    /// `None` when it was ordered on the host's command line.
    pub requested_by: Option<MemberId>,
    pub requested_at: Timestamp,
    pub status: BundleStatus,
    pub failure: Option<Failure>,
    /// Counts the tries at it; names the try that every later write belongs to (the fence).
    pub attempt: i64,
    /// Until when the one who writes it is trusted to be alive, or when it is worth another look.
    pub lease_until: Option<Timestamp>,
    pub rows_done: i64,
    /// Known once the writing has begun.
    pub rows_expected: Option<i64>,
    /// Entries under the checkpoint it carries.
    pub checkpoint_size: Option<i64>,
    pub file: Option<BundleFile>,
    /// When it became ready or failed.
    pub ended_at: Option<Timestamp>,
}

/// The file of a ready bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleFile {
    /// What it is called when it is downloaded.
    pub name: String,
    /// In bytes.
    pub size: i64,
    /// Hexadecimal SHA-256.
    pub digest: String,
}

/// How often a bundle may be begun before it is given up: what interrupts every try would go on
/// interrupting.
pub const MOST_TRIES: i64 = 20;

impl Bundle {
    /// Is there something for a worker to do: nobody began it, or whoever did is gone?
    pub fn is_due(&self, now: Timestamp) -> bool {
        !self.is_finished() && self.lease_until.is_none_or(|until| until <= now)
    }

    pub fn is_finished(&self) -> bool {
        matches!(self.status, BundleStatus::Ready | BundleStatus::Failed)
    }

    /// Was it begun so often, and interrupted again, that another try would end like the others?
    pub fn is_hopeless(&self) -> bool {
        self.status == BundleStatus::Assembling && self.attempt >= MOST_TRIES
    }

    /// Whole per cent of the rows that are written, while it is being made.
    pub fn percent(&self) -> Option<i64> {
        let expected = self.rows_expected.filter(|expected| *expected > 0)?;
        Some((self.rows_done.clamp(0, expected)) * 100 / expected)
    }
}
