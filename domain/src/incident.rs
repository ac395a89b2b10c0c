//! Incidents: what went wrong, in one language, in five layers that are kept apart.
//!
//! *Facts* are what was observed, *cause* what it is put down to, *phase* where in the course of a run
//! it happened, *policy* what recovery is safe, *presentation* what people read. All but the facts
//! come from the one [`catalogue`]; nothing else words an incident. An incident is written once, with
//! the end it tells of, and never changed; that somebody settled it is an addition.

pub mod catalogue;
mod cause;
mod facts;
mod filter;
mod settlement;

use serde::{Deserialize, Serialize};
use serde_json::json;

pub use self::{
    catalogue::Entry,
    cause::Cause,
    facts::{Facts, Interruption, PastLease},
    filter::IncidentFilter,
    settlement::{IncidentGroup, Settlement, Standing},
};
use crate::{
    Timestamp,
    audit::instant,
    canonical,
    id::{ApprovalId, AutomationId, IncidentId, ItemId, RunId, WorkspaceId},
    item::Item,
    kill::{KillCount, KillSwitch},
    policy::{Pin, Terms},
    problem::Failure,
    reported::State,
    run::Run,
    words,
};

words! {
    /// What kind of thing went wrong.
    IncidentType {
        /// A step could not be done.
        StepError = "step_error",
        /// What was called did not answer in time.
        ToolTimeout = "tool_timeout",
        /// What was called, or a person who was asked, said no.
        ToolRejection = "tool_rejection",
        /// More was or would have been spent than allowed.
        BudgetOverrun = "budget_overrun",
        /// A record could not be written.
        MemoryWriteFailed = "memory_write_failed",
        /// A rule forbade it.
        PolicyDenial = "policy_denial",
        /// A kill switch stopped it.
        KillSwitchActivated = "kill_switch_activated",
        /// The process that did it disappeared.
        Interrupted = "interrupted",
        /// Somebody who had lost the right to answer answered.
        Fenced = "fenced",
    }
}

words! {
    Severity {
        /// Informational; it was completed despite it.
        Low = "low",
        /// Degraded.
        Medium = "medium",
        /// Aborted; an operator is to look at it.
        High = "high",
        /// Security or safety: act now.
        Critical = "critical",
    }
}

words! {
    /// Where in the course of a run it happened.
    Phase {
        /// The event that set it off.
        Trigger = "trigger",
        /// Finding the subjects.
        Match = "match",
        /// A person's decision.
        Approve = "approve",
        /// Calling the actioner.
        Invoke = "invoke",
        /// Writing down what came of it.
        Record = "record",
        /// Summing it up.
        Report = "report",
        /// Outside of Assize.
        External = "external",
    }
}

words! {
    /// What recovery is safe. The retry plan says it item by item.
    Policy {
        NoneNeeded = "none-needed",
        /// Assize tries again by itself.
        AutomaticRetry = "automatic-retry",
        /// A member can retry: nothing can happen twice.
        RetryIsSafe = "retry-is-safe",
        /// A retry could do it twice; somebody has to take that upon them.
        ConfirmFirst = "confirm-first",
        /// The same input fails the same way until something else is changed.
        FixTheDefinition = "fix-the-definition",
        /// A person has to find out what happened.
        SettleByHand = "settle-by-hand",
        StopEverything = "stop-everything",
    }
}

/// What people read about an incident, in the words of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presentation {
    pub title: String,
    /// What happened.
    pub happened: String,
    /// What it means.
    pub means: String,
    /// What to do next.
    pub next: String,
    /// The sentence for a reviewer.
    pub reviewer: String,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    pub workspace: WorkspaceId,
    /// `None` where no run is concerned.
    pub run: Option<RunId>,
    pub automation: Option<AutomationId>,
    /// `None` where no single item is concerned.
    pub item: Option<ItemId>,
    /// Names the end it tells of: with the cause, unique in the workspace.
    pub occurrence: String,
    #[serde(rename = "type")]
    pub kind: IncidentType,
    pub severity: Severity,
    pub facts: Facts,
    pub cause: Cause,
    pub phase: Phase,
    pub policy: Policy,
    pub presentation: Presentation,
    pub occurred_at: Timestamp,
    pub created_at: Timestamp,
}

/// An incident that is about to be entered: its end and its facts, before the catalogue is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Raised {
    pub run: Option<RunId>,
    pub automation: Option<AutomationId>,
    pub item: Option<ItemId>,
    pub occurrence: String,
    pub cause: Cause,
    pub facts: Facts,
}

impl Incident {
    /// Names exactly this incident, all layers: hexadecimal SHA-256 over its line of JSON, as bundles have it.
    pub fn digest(&self) -> String {
        canonical::digest(serde_json::to_string(self).unwrap_or_default().as_bytes())
    }
}

impl Raised {
    /// An item failed for good, in the attempt it stands at.
    pub fn item_failed(item: &Item, failure: &Failure) -> Self {
        let cause = Cause::of(failure, Some(item.class));
        Self::of_attempt(item, cause, Facts::of_item(item).failed(failure))
    }

    /// A policy denied what an item was about to do.
    pub fn denied(item: &Item, failure: &Failure, pin: &Pin, terms: &Terms) -> Self {
        let mut raised = Self::item_failed(item, failure);
        raised.facts.context = Some(json!({
            "policy": pin.policy,
            "key": terms.key,
            "version": pin.version,
            "digest": pin.digest,
            "statement": terms.statement,
        }));
        raised
    }

    /// The attempt of an item ended abnormally.
    pub fn of_attempt(item: &Item, cause: Cause, facts: Facts) -> Self {
        Self {
            run: Some(item.run),
            automation: None,
            item: Some(item.id),
            occurrence: format!("{}/attempt/{}", item.id, item.attempt),
            cause,
            facts,
        }
    }

    /// Nobody approved what an item was about to do.
    pub fn not_approved(item: &Item, approval: ApprovalId, cause: Cause) -> Self {
        let occurrence = approval.to_string();
        Self { occurrence, ..Self::of_attempt(item, cause, Facts::of_item(item)) }
    }

    /// A run as a whole cannot proceed.
    pub fn run_failed(run: &Run, failure: &Failure) -> Self {
        Self {
            run: Some(run.id),
            automation: Some(run.automation),
            item: None,
            occurrence: format!("{}/round/{}", run.id, run.round),
            cause: Cause::of(failure, None),
            facts: Facts::default().failed(failure),
        }
    }

    /// A kill switch stopped a run.
    pub fn killed(run: &Run, switch: &KillSwitch, count: KillCount) -> Self {
        let KillCount { waiting, in_flight, .. } = count;
        let message = format!(
            "The kill switch of the {} was pressed. Items skipped: {waiting}; in flight: {in_flight}.",
            switch.object().kind
        );
        let context = json!({"kill_switch": switch.id, "reason": switch.reason});
        Self {
            run: Some(run.id),
            automation: Some(run.automation),
            item: None,
            occurrence: format!("{}/{}", run.id, switch.id),
            cause: Cause::KillSwitchPressed,
            facts: Facts { message, context: Some(context), ..Facts::default() },
        }
    }

    /// A run that takes place elsewhere gave no sign of life for longer than it declared.
    pub fn silent(run: &Run, state: &State, heard_at: Timestamp, now: Timestamp) -> Self {
        let silent = now - heard_at;
        let last = state.last_step.as_ref().map(|step| step.is.clone());
        let open: Vec<_> = state.open.values().take(20).collect();
        let message = format!("Nothing was heard of it for {} seconds.", silent.num_seconds());
        let context = json!({"in_flight": open, "declared_seconds": state.heartbeat_seconds()});
        let interruption = Interruption {
            worker: None,
            in_flight: state.open.len() as i64,
            last_durable_step: last.unwrap_or_else(|| "none".to_owned()),
            last_heard_at: Some(heard_at),
            lease_until: None,
            silent_ms: Some(silent.num_milliseconds()),
            queued_again: false,
            leases: Vec::new(),
        };
        let facts = Facts { message, context: Some(context), ..Facts::default() };
        Self {
            run: Some(run.id),
            automation: Some(run.automation),
            item: None,
            occurrence: format!("{}/silent/{}", run.id, instant(heard_at)),
            cause: Cause::ReportedRunSilent,
            facts: facts.interrupted(interruption),
        }
    }

    /// Of a run that takes place elsewhere it was told, in this statement, that it failed.
    pub fn told_failed(run: &Run, seq: i64, state: &State) -> Option<Self> {
        let failure = run.failure.as_ref()?;
        let context = json!({"failed_step": state.blown.as_ref().map(|blown| &blown.is)});
        Some(Self {
            run: Some(run.id),
            automation: Some(run.automation),
            item: None,
            occurrence: format!("{}/finish/{seq}", run.id),
            cause: Cause::ReportedRunFailed,
            facts: Facts { context: Some(context), ..Facts::default().failed(failure) },
        })
    }

    /// A log is not the one that was signed.
    pub fn log_refused(workspace: WorkspaceId, failure: &Failure, at: Timestamp) -> Self {
        Self {
            run: None,
            automation: None,
            item: None,
            occurrence: format!("{workspace}/log/{}", instant(at)),
            cause: Cause::LogNotAsSigned,
            facts: Facts::default().failed(failure),
        }
    }

    /// The incident as it is written: the other four layers are the catalogue's.
    pub fn enter(self, id: IncidentId, workspace: WorkspaceId, now: Timestamp) -> Incident {
        let Self { run, automation, item, occurrence, cause, mut facts } = self;
        let entry = cause.entry();
        if facts.message.is_empty() {
            entry.happened.clone_into(&mut facts.message);
        }
        Incident {
            id,
            workspace,
            run,
            automation,
            item,
            occurrence,
            kind: entry.kind,
            severity: entry.severity,
            facts,
            cause,
            phase: entry.phase,
            policy: entry.policy,
            presentation: entry.presentation(),
            occurred_at: now,
            created_at: now,
        }
    }
}
