//! Audit entries: who did what to what, and the exact bytes that go into the tree.
//!
//! A leaf names people and things by opaque ids only. What it says beyond that stands in a payload,
//! which the leaf commits to by a salted digest, so that retention can erase a payload without
//! breaking a proof.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Timestamp, canonical,
    id::{AuditEntryId, RunId, WorkspaceId},
    member::Principal,
    words,
};

words! {
    /// What was done: one verb for each distinct act.
    Verb {
        WorkspaceCreated = "workspace.created",
        MemberAdded = "member.added",
        MemberRoleChanged = "member.role-changed",
        MemberRemoved = "member.removed",
        MemberPasswordSet = "member.password-set",
        SignInSucceeded = "sign-in.succeeded",
        SignInRefused = "sign-in.refused",
        SignedOut = "sign-in.ended",
        SignInLinkIssued = "sign-in.link-issued",
        ActRefused = "act.refused",
        DefinitionCreated = "definition.created",
        DefinitionVersioned = "definition.versioned",
        DefinitionEnabled = "definition.enabled",
        DefinitionDisabled = "definition.disabled",
        RecordsImported = "records.imported",
        DestinationAllowed = "destination.allowed",
        DestinationRemoved = "destination.removed",
        EventReceived = "event.received",
        RunCreated = "run.created",
        RunMatched = "run.matched",
        RunCompleted = "run.completed",
        RunFailed = "run.failed",
        RunCancelRequested = "run.cancel-requested",
        RunCancelled = "run.cancelled",
        RunClosed = "run.closed",
        RunRetried = "run.retried",
        ItemStarted = "item.started",
        ItemSucceeded = "item.succeeded",
        ItemFailed = "item.failed",
        ItemSkipped = "item.skipped",
        ItemReplayed = "item.replayed",
        /// A failed try that will be repeated without being asked.
        ItemDeferred = "item.deferred",
        /// The actioner asked for a person's decision.
        ItemAwaitsApproval = "item.awaits-approval",
        ItemInterrupted = "item.interrupted",
        AttemptFenced = "attempt.fenced",
        ApprovalRequested = "approval.requested",
        ApprovalApproved = "approval.approved",
        ApprovalDismissed = "approval.dismissed",
        ApprovalExpired = "approval.expired",
        ApprovalWithdrawn = "approval.withdrawn",
    }
}

/// What was acted on: its kind and its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// `run`, `item`, `approval`, `automation`, `member`, `record`, `workspace`, `event`, `destination`.
    pub kind: String,
    /// As written outside: `run_01j…`. Never a name or an address.
    pub id: String,
}

impl Object {
    pub fn new(kind: &str, id: impl std::fmt::Display) -> Self {
        Self { kind: kind.to_owned(), id: id.to_string() }
    }
}

/// What is to be entered; the place in the log is given when it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub actor: Principal,
    pub verb: Verb,
    pub object: Object,
    pub run: Option<RunId>,
    /// Facts, reason, before and after. `None` where the verb says it all.
    pub payload: Option<Value>,
}

impl Draft {
    pub fn new(actor: Principal, verb: Verb, object: Object) -> Self {
        Self { actor, verb, object, run: None, payload: None }
    }

    #[must_use]
    pub fn in_run(mut self, run: RunId) -> Self {
        self.run = Some(run);
        self
    }

    #[must_use]
    pub fn with(mut self, payload: Value) -> Self {
        self.payload = Some(payload);
        self
    }

    /// The exact line that is hashed into the tree: compact JSON, keys sorted, no floats.
    pub fn leaf(
        &self,
        workspace: WorkspaceId,
        id: AuditEntryId,
        seq: i64,
        at: Timestamp,
        commitment: Option<&str>,
    ) -> String {
        let mut leaf = Map::new();
        let mut put = |key: &str, value: Value| leaf.insert(key.to_owned(), value);
        put("v", 1.into());
        put("ws", workspace.to_string().into());
        put("id", id.to_string().into());
        put("seq", seq.into());
        put("ts", instant(at).into());
        put("actor", actor(self.actor));
        put("verb", self.verb.as_str().into());
        put("object", json!({"kind": self.object.kind, "id": self.object.id}));
        if let Some(run) = self.run {
            put("run", run.to_string().into());
        }
        if let Some(commitment) = commitment {
            put("payload", commitment.into());
        }
        canonical::text(&Value::Object(leaf))
    }
}

fn actor(principal: Principal) -> Value {
    match principal.member() {
        Some(member) => json!({"kind": "member", "id": member.to_string()}),
        None => json!({"kind": principal.kind()}),
    }
}

/// RFC 3339 in UTC with microseconds: the one way an instant is written into a leaf.
pub fn instant(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// How a leaf commits to a payload: hexadecimal SHA-256 over a label, 32 random bytes and the bytes.
pub fn commitment(salt: &[u8; 32], payload: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"payload/v1\n");
    hash.update(salt);
    hash.update(payload);
    canonical::hex(&hash.finalize())
}

/// An entry as it stands in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub id: AuditEntryId,
    pub workspace: WorkspaceId,
    /// Dense from 0 in the order of commitment.
    pub seq: i64,
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor: Option<crate::id::MemberId>,
    pub verb: Verb,
    pub object: Object,
    pub run: Option<RunId>,
    /// The exact bytes hashed into the tree.
    pub leaf: String,
    pub payload: Option<Value>,
}

/// The longest leaf, in bytes: what a tile of the transparency-log format can hold.
pub const MAX_LEAF: usize = 65_535;
