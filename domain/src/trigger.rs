//! What makes an automation consider firing.

mod filter;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use filter::EventFilter;

use crate::{
    Timestamp,
    id::{MemberId, TriggerEventId, WorkspaceId},
    origin::TraceId,
    record::RecordRef,
    words,
};

words! {
    TriggerKind {
        Schedule = "schedule",
        GovernedEvent = "governed-event",
        MonitorResult = "monitor-result",
        AssessmentResult = "assessment-result",
        LifecycleState = "lifecycle-state",
        EvidenceState = "evidence-state",
        SourceProviderFact = "source-provider-fact",
        ManualRequest = "manual-request",
        /// Nothing is set off: the run takes place elsewhere, and Assize is told about it.
        Reported = "reported",
    }
}

impl TriggerKind {
    /// Those that a definition can have: a run that is only reported has none that is applied here.
    pub const DECLARED: &'static [Self] = &[
        Self::Schedule,
        Self::GovernedEvent,
        Self::MonitorResult,
        Self::AssessmentResult,
        Self::LifecycleState,
        Self::EvidenceState,
        Self::SourceProviderFact,
        Self::ManualRequest,
    ];
}

words! {
    /// What happens to fires that were due while nothing was running.
    MissedFires {
        /// They are left out; the next one is the next due.
        Skip = "skip",
        /// One run for the most recent of them.
        Latest = "latest",
        /// One run for each, oldest first.
        All = "all",
    }
}

/// When a schedule fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timing {
    /// A cron expression of five fields, read in the schedule's time zone.
    Cron(String),
    /// Once, at this instant.
    At(Timestamp),
}

/// A schedule: when, where on earth, and what to do about the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    #[serde(flatten)]
    pub timing: Timing,
    /// IANA name, such as `America/Chicago`.
    pub timezone: String,
    pub missed: MissedFires,
}

/// The trigger of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    pub kind: TriggerKind,
    /// Only, and always, for the kind `schedule`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// The event's type that is listened to, such as `exception.closed`; `None` listens to all of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// The event's source that is listened to; `None` listens to every source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Trigger {
    /// Whether a definition with this trigger listens to `event`. Schedules listen to their own fires only.
    pub fn listens_to(&self, event: &TriggerEvent) -> bool {
        self.kind == event.kind
            && self.kind != TriggerKind::Schedule
            && self.event_type.as_ref().is_none_or(|wanted| *wanted == event.event_type)
            && self.source.as_ref().is_none_or(|wanted| *wanted == event.source)
    }
}

/// Something that happened, once: unique by `(workspace, source, external_id)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriggerEvent {
    pub id: TriggerEventId,
    pub workspace: WorkspaceId,
    pub kind: TriggerKind,
    pub source: String,
    /// The source's own id of the event.
    pub external_id: String,
    pub event_type: String,
    /// The record the event is about.
    pub subject: Option<RecordRef>,
    /// When it happened, according to its source.
    pub occurred_at: Timestamp,
    pub received_at: Timestamp,
    /// The trace of the request that told it, handed on to receivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceId>,
    pub payload: Value,
}

impl TriggerEvent {
    /// What conditions and templates see as `event`.
    pub fn as_event(&self) -> Value {
        json!({
            "kind": self.kind,
            "source": self.source,
            "id": self.external_id,
            "type": self.event_type,
            "subject": self.subject,
            "occurred_at": self.occurred_at,
            "payload": self.payload,
        })
    }

    /// The member who requested a run by hand.
    pub fn requested_by(&self) -> Option<MemberId> {
        let by =
            self.payload.get("requested_by").filter(|_| self.kind == TriggerKind::ManualRequest);
        by.and_then(Value::as_str)?.parse().ok()
    }

    /// Whether its payload went with the detail of the runs it brought about. Events are told with an
    /// object, so nothing else leaves none.
    pub fn is_pruned(&self) -> bool {
        self.payload.is_null()
    }

    /// Whether both tell the same story: everything but our own id and how it was received. What was
    /// pruned is not known to say anything else.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        let payload = if self.is_pruned() { &other.payload } else { &self.payload };
        let receipt = |event: &Self| Self {
            id: other.id,
            workspace: other.workspace,
            received_at: other.received_at,
            trace: other.trace,
            payload: payload.clone(),
            ..event.clone()
        };
        receipt(self) == *other
    }
}
