//! Audit entries: who did what to what, and the exact bytes that go into the tree.
//!
//! A leaf names people and things by opaque ids only. What it says beyond that stands in a payload,
//! which the leaf commits to by a salted digest, so that retention can erase a payload without
//! breaking a proof.

mod filter;
mod object;
mod saying;

use std::{fmt::Write as _, sync::Arc};

pub use filter::AuditFilter;
pub use object::NotAnObject;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Timestamp, canonical,
    id::{AutomationId, RunId, WorkspaceId},
    member::Principal,
    origin::Origin,
    policy::Pin,
    words,
};

words! {
    /// What was done: one verb for each distinct act.
    Verb {
        WorkspaceCreated = "workspace.created",
        MemberAdded = "member.added",
        MemberRoleChanged = "member.role-changed",
        MemberRemoved = "member.removed",
        MemberWindowGranted = "member.window-granted",
        MemberWindowRevoked = "member.window-revoked",
        MemberPasswordSet = "member.password-set",
        SignInSucceeded = "sign-in.succeeded",
        SignInRefused = "sign-in.refused",
        SignedOut = "sign-in.ended",
        SignInLinkIssued = "sign-in.link-issued",
        ActRefused = "act.refused",
        ListExported = "list.exported",
        BundleRequested = "bundle.requested",
        BundleReady = "bundle.ready",
        BundleFailed = "bundle.failed",
        BundleDownloaded = "bundle.downloaded",
        DefinitionCreated = "definition.created",
        DefinitionVersioned = "definition.versioned",
        DefinitionEnabled = "definition.enabled",
        DefinitionDisabled = "definition.disabled",
        RecordsImported = "records.imported",
        DestinationAllowed = "destination.allowed",
        DestinationRemoved = "destination.removed",
        /// Requests to it are signed from now on.
        DestinationSecretMade = "destination.secret-made",
        DestinationSecretRotated = "destination.secret-rotated",
        DestinationSecretRemoved = "destination.secret-removed",
        TokenCreated = "token.created",
        TokenRevoked = "token.revoked",
        EventReceived = "event.received",
        RunCreated = "run.created",
        RunMatched = "run.matched",
        RunCompleted = "run.completed",
        RunFailed = "run.failed",
        RunCancelRequested = "run.cancel-requested",
        RunCancelled = "run.cancelled",
        RunClosed = "run.closed",
        /// A run ended that a kill switch had stopped.
        RunKilled = "run.killed",
        RunRetried = "run.retried",
        /// Statements about a run that takes place elsewhere were taken in.
        RunReported = "run.reported",
        /// It was heard of again after it had been silent for too long.
        RunResumed = "run.resumed",
        /// What a run amounted to when a round ended.
        ReportCreated = "report.created",
        IncidentRaised = "incident.raised",
        /// Somebody said what became of an incident.
        IncidentSettled = "incident.settled",
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
        /// Nothing else: shows that the log was alive, so that silence can be seen.
        LogHeartbeat = "log.heartbeat",
        /// The host let the signing of a log go on that is not the one that was signed.
        LogRollbackAccepted = "log.rollback-accepted",
        SigningKeyRotated = "signing-key.rotated",
        PriceSet = "price.set",
        PriceRemoved = "price.removed",
        HoldPlaced = "hold.placed",
        HoldReleased = "hold.released",
        /// The payloads of all entries about a run.
        PayloadErased = "payload.erased",
        /// The detail of a run went, as retention says: its stub stays.
        RunPruned = "run.pruned",
        /// The stubs of reported runs went, as retention says.
        StubsRemoved = "stubs.removed",
        /// The entries about them went, too; their hashes stay in the tree.
        EntriesRemoved = "entries.removed",
        /// From now on runs are kept for another time.
        RetentionChanged = "retention.changed",
        /// From here on nothing of the workspace, or of the automation, is started.
        KillSwitchActivated = "kill-switch.activated",
        KillSwitchReleased = "kill-switch.released",
        PolicyCreated = "policy.created",
        PolicyVersioned = "policy.versioned",
        /// From here on nothing is started that was not judged under this version.
        PolicySwitchedOn = "policy.switched-on",
        PolicySwitchedOff = "policy.switched-off",
        /// An independent authority stamped a checkpoint with its time.
        CheckpointStamped = "checkpoint.stamped",
        /// Secrets are sealed with another key from now on.
        SecretsKeyRotated = "secrets-key.rotated",
        WebhookCreated = "webhook.created",
        WebhookChanged = "webhook.changed",
        WebhookEnabled = "webhook.enabled",
        WebhookDisabled = "webhook.disabled",
        /// Its receiver answered that it wants no more.
        WebhookGone = "webhook.gone",
        WebhookRemoved = "webhook.removed",
        WebhookSecretRotated = "webhook.secret-rotated",
        WebhookTested = "webhook.tested",
        InboundCreated = "inbound.created",
        InboundSecretRotated = "inbound.secret-rotated",
        InboundRemoved = "inbound.removed",
        /// Requests were not taken in; entered at most every ten minutes.
        InboundRefused = "inbound.refused",
        /// It was sent again by hand.
        DeliveryReplayed = "delivery.replayed",
        /// All its tries were used up.
        DeliveryFailed = "delivery.failed",
    }
}

impl Verb {
    /// Whether every item brings an entry with this verb: there are always some near by.
    pub fn is_of_every_item(self) -> bool {
        matches!(self, Self::ItemStarted | Self::ItemSucceeded)
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

/// The first and the last of the places of entries, where a list of them would be long: `7,12-15` is
/// `7 … 15`.
pub fn ends_of_places(places: &str) -> String {
    let mut ends = places.split([',', '-']);
    match (ends.next(), ends.next_back()) {
        (Some(first), Some(last)) => format!("{first} … {last}"),
        _ => places.to_owned(),
    }
}

/// What is to be entered; the place in the log is given when it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub actor: Principal,
    pub verb: Verb,
    pub object: Object,
    pub run: Option<RunId>,
    /// The version of an automation or of a policy that was in effect, where the leaf is to say so.
    pub authority: Option<Authority>,
    /// Facts, reason, before and after. `None` where the verb says it all.
    pub payload: Option<Value>,
}

/// Under what something was started, denied or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    Automation(Arc<VersionInEffect>),
    Policy(Arc<Pin>),
}

/// The version under which something was started: what a kill switch is compared with by whoever
/// reads nothing but leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionInEffect {
    pub automation: AutomationId,
    pub number: i64,
    /// Of the definition.
    pub digest: String,
}

impl Authority {
    fn put(&self, leaf: &mut String) {
        let (id, digest, number): (&dyn std::fmt::Display, _, _) = match self {
            Self::Automation(version) => (&version.automation, &version.digest, version.number),
            Self::Policy(pin) => (&pin.policy, &pin.digest, pin.version),
        };
        leaf.push_str("\"policy\":{");
        put(leaf, "digest", digest);
        leaf.push(',');
        put(leaf, "id", id);
        // Writing to a String cannot fail.
        let _ = write!(leaf, ",\"version\":{number}}},");
    }
}

impl Draft {
    pub fn new(actor: Principal, verb: Verb, object: Object) -> Self {
        Self { actor, verb, object, run: None, authority: None, payload: None }
    }

    #[must_use]
    pub fn in_run(mut self, run: RunId) -> Self {
        self.run = Some(run);
        self
    }

    #[must_use]
    pub fn under(mut self, version: Arc<VersionInEffect>) -> Self {
        self.authority = Some(Authority::Automation(version));
        self
    }

    /// A policy denied it, or has it approved first.
    #[must_use]
    pub fn due_to(mut self, policy: Arc<Pin>) -> Self {
        self.authority = Some(Authority::Policy(policy));
        self
    }

    /// Adds what the entry says beyond its leaf. A fact that is `null` is left out.
    #[must_use]
    pub fn with(mut self, mut payload: Value) -> Self {
        if let Value::Object(facts) = &mut payload {
            facts.retain(|_, fact| !fact.is_null());
        }
        self.payload = Some(payload);
        self
    }

    /// The exact line that is hashed into the tree: compact JSON, keys sorted, no floats.
    pub fn leaf(
        &self,
        workspace: WorkspaceId,
        seq: i64,
        at: Timestamp,
        commitment: Option<&str>,
        origin: Origin,
    ) -> String {
        let mut leaf = String::with_capacity(512);
        leaf.push_str("{\"actor\":{");
        if let Some(member) = self.actor.member() {
            put(&mut leaf, "id", &member);
            leaf.push(',');
        }
        put(&mut leaf, "kind", &self.actor.kind());
        if let Some(token) = self.actor.token() {
            leaf.push(',');
            put(&mut leaf, "token", &token);
        }
        leaf.push_str("},\"object\":{");
        put(&mut leaf, "id", &self.object.id);
        leaf.push(',');
        put(&mut leaf, "kind", &self.object.kind);
        leaf.push_str("},");
        if let Some(commitment) = commitment {
            put(&mut leaf, "payload", &commitment);
            leaf.push(',');
        }
        if let Some(authority) = &self.authority {
            authority.put(&mut leaf);
        }
        if let Some(request) = origin.request {
            put(&mut leaf, "request", &request.simple());
            leaf.push(',');
        }
        if let Some(run) = self.run {
            put(&mut leaf, "run", &run);
            leaf.push(',');
        }
        // Writing to a String cannot fail.
        let _ = write!(leaf, "\"seq\":{seq},");
        if let Some(trace) = origin.trace {
            put(&mut leaf, "trace", &trace);
            leaf.push(',');
        }
        put(&mut leaf, "ts", &instant(at));
        leaf.push_str(",\"v\":1,");
        put(&mut leaf, "verb", &self.verb.as_str());
        leaf.push(',');
        put(&mut leaf, "ws", &workspace);
        leaf.push('}');
        leaf
    }
}

/// A key and its text, as JSON.
fn put(line: &mut String, key: &str, text: &dyn std::fmt::Display) {
    let text = Value::from(text.to_string());
    let _ = write!(line, "\"{key}\":{text}");
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

impl Entry {
    /// What the leaf commits to the payload by, if the entry ever had one.
    pub fn commitment(&self) -> Option<String> {
        self.said("payload")
    }

    /// The token that the act was done through, if it was.
    pub fn token(&self) -> Option<String> {
        let leaf: Value = serde_json::from_str(&self.leaf).ok()?;
        leaf.pointer("/actor/token")?.as_str().map(str::to_owned)
    }

    /// Whether the entry had a payload that is no longer kept.
    pub fn is_erased(&self) -> bool {
        self.payload.is_none() && self.commitment().is_some()
    }

    /// A text at the top of the leaf, such as `request` or `trace`.
    pub fn said(&self, name: &str) -> Option<String> {
        let leaf: Value = serde_json::from_str(&self.leaf).ok()?;
        leaf.get(name)?.as_str().map(str::to_owned)
    }
}

/// The longest leaf, in bytes: what a tile of the transparency-log format can hold.
pub const MAX_LEAF: usize = 65_535;
