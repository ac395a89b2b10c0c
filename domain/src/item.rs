//! A run item: one action on one subject, and the moves it allows.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Timestamp,
    effect::ActionerClass,
    id::{AttemptId, ItemId, RecordId, RunId, WorkspaceId},
    problem::{Failure, FailureKind, IllegalMove},
    words,
};

words! {
    ItemState {
        Queued = "queued",
        Leased = "leased",
        Started = "started",
        AwaitingApproval = "awaiting-approval",
        Succeeded = "succeeded",
        Failed = "failed",
        Skipped = "skipped",
        IdempotentReplay = "idempotent-replay",
    }
}

impl ItemState {
    /// True for the five outcomes; `awaiting-approval` is one, though not a final one.
    pub fn is_outcome(self) -> bool {
        !matches!(self, Self::Queued | Self::Leased | Self::Started)
    }

    pub fn is_final(self) -> bool {
        self.is_outcome() && self != Self::AwaitingApproval
    }
}

words! {
    /// Why nothing was done for a subject.
    SkipReason {
        ConditionNoLongerHolds = "condition-no-longer-holds",
        AlreadyExists = "already-exists",
        DismissedByApprover = "dismissed-by-approver",
        ApprovalExpired = "approval-expired",
        CancelledBeforeStart = "cancelled-before-start",
        /// A kill switch was pressed before this item started.
        KilledBeforeStart = "killed-before-start",
        /// The run as a whole failed before this item's turn.
        RunFailed = "run-failed",
    }
}

words! {
    /// How it is known that a call only repeated what had been done before.
    ReplayEvidence {
        /// Our own effect row with the same key.
        LocalEffectRow = "local-effect-row",
        /// The receiver marked its answer as a replay.
        RemoteReplayHeader = "remote-replay-header",
        /// The receiver was asked and said so.
        ReadBack = "read-back",
    }
}

/// One action on one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub id: ItemId,
    pub workspace: WorkspaceId,
    pub run: RunId,
    /// Position within the run, from 0.
    pub position: i64,
    pub subject: RecordId,
    /// Kind and key of the subject, kept even if the record changes.
    pub subject_kind: String,
    pub subject_key: String,
    pub actioner: String,
    pub class: ActionerClass,
    pub state: ItemState,
    /// Counts leases; names the attempt every later write belongs to (the fence).
    pub attempt: i64,
    /// Tries in this round that reached the actioner; automatic retries stop at the policy's limit.
    pub tries: i64,
    pub round: i64,
    /// Not to be claimed before this instant.
    pub not_before: Timestamp,
    pub lease_until: Option<Timestamp>,
    /// True once the actioner was called at least once.
    pub invoked: bool,
    /// Resolved when first needed, then the same for every attempt. Canonical JSON.
    pub parameters: Option<Value>,
    /// Hexadecimal SHA-256 of the canonical parameters.
    pub input_digest: Option<String>,
    pub effect_key: Option<String>,
    /// When bytes carrying the effect key may first have left; starts the key window. Empty again once
    /// a person took it upon them that it may happen twice.
    pub first_sent_at: Option<Timestamp>,
    /// True once an approval for the present input was given in this round.
    pub approved: bool,
    pub skip_reason: Option<SkipReason>,
    pub failure: Option<Failure>,
    pub result: Option<RecordId>,
    pub replay_evidence: Option<ReplayEvidence>,
    /// The attempt that really did it, when the outcome is a replay.
    pub replay_of: Option<AttemptId>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

impl Item {
    /// Whether calling the receiver once more at `now` could act a second time.
    pub fn may_act_twice(&self, now: Timestamp) -> bool {
        let kind = self.failure.as_ref().map_or(FailureKind::Unknown, |failure| failure.kind);
        self.first_sent_at.is_some() && !self.class.repeatable(kind, self.first_sent_at, now)
    }
}

/// Where an item may go; the engine stores nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemMove {
    /// A worker takes it for a while.
    Lease,
    /// The worker gives it back, or its lease ended before it started.
    Release,
    /// The attempt begins: from here on the actioner may have been called.
    Start,
    /// An approval is needed first. A policy can ask for it, and deny, before there was a lease.
    AwaitApproval,
    Succeed,
    Fail,
    Replay,
    /// Nothing (more) is to be done.
    Skip,
    /// Try again by itself: after a transient failure, or after an interruption that is safe to repeat.
    Requeue,
    /// The approval was given.
    Approve,
    /// A member retries a failed item.
    Retry,
    /// A member retries a failed item and an approval is needed first.
    RetryWithApproval,
}

impl ItemMove {
    fn name(self) -> &'static str {
        match self {
            Self::Lease => "be leased",
            Self::Release => "be released",
            Self::Start => "start",
            Self::AwaitApproval => "await approval",
            Self::Succeed => "succeed",
            Self::Fail => "fail",
            Self::Replay => "be an idempotent replay",
            Self::Skip => "be skipped",
            Self::Requeue => "be queued again",
            Self::Approve => "be approved",
            Self::Retry | Self::RetryWithApproval => "be retried",
        }
    }
}

impl ItemState {
    /// The state after a move, or a refusal. The whole state machine of an item.
    pub fn after(self, step: ItemMove) -> Result<Self, IllegalMove> {
        use ItemMove as M;
        match (self, step) {
            (Self::Queued, M::Lease) => Ok(Self::Leased),
            (Self::Leased, M::Release) => Ok(Self::Queued),
            (Self::Leased, M::Start) => Ok(Self::Started),
            (Self::Queued | Self::Leased | Self::Started, M::AwaitApproval) => {
                Ok(Self::AwaitingApproval)
            }
            (Self::Started, M::Succeed) => Ok(Self::Succeeded),
            (Self::Queued | Self::Leased | Self::Started, M::Fail) => Ok(Self::Failed),
            (Self::Started, M::Replay) => Ok(Self::IdempotentReplay),
            (Self::Queued | Self::Leased | Self::Started | Self::AwaitingApproval, M::Skip) => {
                Ok(Self::Skipped)
            }
            (Self::Started, M::Requeue) => Ok(Self::Queued),
            (Self::AwaitingApproval, M::Approve) => Ok(Self::Queued),
            (Self::Failed, M::Retry) => Ok(Self::Queued),
            (Self::Failed, M::RetryWithApproval) => Ok(Self::AwaitingApproval),
            (from, step) => {
                Err(IllegalMove { what: "run item", from: from.as_str(), to: step.name() })
            }
        }
    }
}
