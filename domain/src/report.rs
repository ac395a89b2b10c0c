//! Run reports: what a run amounted to when one of its rounds ended. Written once, never changed.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp, canonical,
    id::{AutomationId, ReportId, RunId, WorkspaceId},
    money::Usd,
    run::{Run, RunStatus},
    words,
};

words! {
    ReportOutcome {
        /// Every step was fine, and the cost within the budget.
        Success = "success",
        /// Some steps failed; nothing was broken off.
        Partial = "partial",
        /// An error that could not be recovered from stopped it.
        Failed = "failed",
        /// A member stopped it.
        Cancelled = "cancelled",
        /// A kill switch stopped it.
        Killed = "killed",
    }
}

impl ReportOutcome {
    /// What a run with this status amounted to; `None` while it has not ended.
    pub const fn of(status: RunStatus) -> Option<Self> {
        match status {
            RunStatus::Pending | RunStatus::Running => None,
            RunStatus::Completed => Some(Self::Success),
            RunStatus::CompletedWithFailures => Some(Self::Partial),
            RunStatus::Cancelled => Some(Self::Cancelled),
            RunStatus::Failed => Some(Self::Failed),
            RunStatus::Killed => Some(Self::Killed),
        }
    }
}

/// What happened in a run beyond the outcomes of its items. Stored on the run and only added to, so
/// that a report counts nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Attempts that reached the actioner.
    pub tool_invocations: i64,
    /// Effects with a record: records that the run's actions brought about or changed.
    pub memory_writes: i64,
    pub incidents: i64,
    /// Reports written so far; the next one is one revision more.
    pub reports: i64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.tool_invocations += other.tool_invocations;
        self.memory_writes += other.memory_writes;
        self.incidents += other.incidents;
        self.reports += other.reports;
    }
}

/// One revision of a run's report: its whole story up to the end of a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunReport {
    pub id: ReportId,
    pub workspace: WorkspaceId,
    pub run: RunId,
    /// From 1; each round that ends adds one.
    pub revision: i64,
    /// The round that ended, from 0.
    pub round: i64,
    pub automation: AutomationId,
    /// The version in effect.
    pub version: i64,
    pub outcome: ReportOutcome,
    /// Items: one action on one subject each.
    pub total_steps: i64,
    pub total_tool_invocations: i64,
    pub total_memory_writes: i64,
    /// In US dollars; `None` where nobody estimated it.
    pub total_cost_estimate: Option<Usd>,
    /// When the first round began.
    pub started_at: Timestamp,
    /// When the round of this revision ended.
    pub ended_at: Timestamp,
    /// From the one to the other, in whole milliseconds, never negative.
    pub duration_ms: i64,
    pub summary: Option<String>,
    pub created_at: Timestamp,
}

impl RunReport {
    /// Names exactly this revision: hexadecimal SHA-256 over its line of JSON, as bundles have it.
    pub fn digest(&self) -> String {
        canonical::digest(serde_json::to_string(self).unwrap_or_default().as_bytes())
    }

    /// The next revision for a run that has ended; `None` for one that has not.
    ///
    /// `run.tally` says what was written before: everything in the report is computed from the run.
    pub fn new(id: ReportId, run: &Run, cost: Option<Usd>, now: Timestamp) -> Option<Self> {
        let outcome = match ReportOutcome::of(run.status)? {
            ReportOutcome::Success if over_budget(run) => ReportOutcome::Partial,
            outcome => outcome,
        };
        let ended_at = run.completed_at.unwrap_or(now);
        let started_at = run.started_at.unwrap_or(run.created_at);
        Some(Self {
            id,
            workspace: run.workspace,
            run: run.id,
            revision: run.tally.reports + 1,
            round: run.round,
            automation: run.automation,
            version: run.version,
            outcome,
            total_steps: run.told.map_or(run.counts.subjects_matched, |told| told.steps),
            total_tool_invocations: run.tally.tool_invocations,
            total_memory_writes: run.tally.memory_writes,
            total_cost_estimate: cost,
            started_at,
            ended_at,
            duration_ms: (ended_at - started_at).num_milliseconds().max(0),
            summary: Some(summary(run)),
            created_at: now,
        })
    }
}

impl RunReport {
    /// The same in the words of those who ran it.
    #[must_use]
    pub fn told(self, outcome: Option<ReportOutcome>, summary: Option<String>) -> Self {
        Self { outcome: outcome.unwrap_or(self.outcome), summary: summary.or(self.summary), ..self }
    }
}

/// Whether receivers reported more than had been reserved for it.
fn over_budget(run: &Run) -> bool {
    run.cost.is_some_and(|cost| cost.overrun > Usd::default())
}

/// One or two sentences with the counts: `620 items: 590 succeeded, 18 failed, 12 skipped.`
fn summary(run: &Run) -> String {
    let counts = run.counts;
    let stopped = match (run.status, &run.failure) {
        (RunStatus::Cancelled, _) => "Cancelled by a member. ".to_owned(),
        (RunStatus::Killed, _) => "Stopped by a kill switch. ".to_owned(),
        (RunStatus::Failed, Some(failure)) => format!("Could not proceed ({}). ", failure.code),
        _ => String::new(),
    };
    if let Some(told) = run.told {
        let steps = if told.steps == 1 { "step" } else { "steps" };
        return format!("{} {steps} reported, {} failed.", told.steps, told.failed_steps);
    }
    let of = match counts.subjects_matched {
        0 => return format!("{stopped}No subject matched."),
        1 => "1 item".to_owned(),
        items => format!("{items} items"),
    };
    let outcomes = counts.outcomes().into_iter().filter(|(_, count)| *count > 0);
    let parts: Vec<_> =
        outcomes.map(|(word, count)| format!("{count} {}", word.replace('-', " "))).collect();
    format!("{stopped}{of}: {}.", parts.join(", "))
}
