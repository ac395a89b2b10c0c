//! A run: one firing of one version of an automation, and the moves it allows.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    automation::OnItemFailure,
    budget::Spending,
    counts::Counts,
    id::{AutomationId, MemberId, RunId, TriggerEventId, WorkspaceId},
    item::SkipReason,
    kill::Killed,
    problem::{Failure, IllegalMove},
    report::Tally,
    reported::RunKind,
    retention::Pruned,
    trigger::TriggerKind,
    words,
};

words! {
    RunStatus {
        /// Created, not started.
        Pending = "pending",
        Running = "running",
        /// Every item succeeded, was skipped or replayed.
        Completed = "completed",
        /// Closed with failed items.
        CompletedWithFailures = "completed-with-failures",
        /// Ended by an authorised member before completion.
        Cancelled = "cancelled",
        /// The run as a whole could not proceed.
        Failed = "failed",
        /// Ended by a kill switch before completion.
        Killed = "killed",
    }
}

impl RunStatus {
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }
}

/// That, why and by whom a run was asked to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelRequest {
    pub at: Timestamp,
    /// `None` when it was asked for on the host's command line.
    pub by: Option<MemberId>,
    pub reason: String,
}

/// What a run that takes place elsewhere tells at its head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Steps that ended.
    pub steps: i64,
    pub failed_steps: i64,
    /// Since when nothing was heard of it, where that is longer than it declared.
    pub silent_since: Option<Timestamp>,
}

/// One firing of an automation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub id: RunId,
    pub workspace: WorkspaceId,
    pub automation: AutomationId,
    /// The version in effect when the trigger event arrived.
    pub version: i64,
    pub trigger_event: TriggerEventId,
    pub trigger_kind: TriggerKind,
    pub status: RunStatus,
    /// 0 is the original; each retry opens the next.
    pub round: i64,
    pub counts: Counts,
    pub tally: Tally,
    /// What it has cost; `None` where the definition estimates no cost.
    pub cost: Option<Spending>,
    /// True once every subject was looked at and all items exist.
    pub matched: bool,
    pub on_item_failure: OnItemFailure,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub cancel: Option<CancelRequest>,
    /// The kill switch that stopped it.
    pub killed: Option<Killed>,
    /// Why the run as a whole could not proceed.
    pub failure: Option<Failure>,
    /// What it told of itself; `None` for a run that Assize carries out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// That its payloads and step detail went; what is left is a stub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pruned: Option<Pruned>,
}

impl Run {
    fn refuse(&self, to: &'static str) -> IllegalMove {
        let what = if self.is_reported() { "reported run" } else { "run" };
        IllegalMove { what, from: self.status.as_str(), to }
    }

    /// True for a run that takes place elsewhere: nothing about it can be changed from here.
    pub fn is_reported(&self) -> bool {
        self.trigger_kind == TriggerKind::Reported
    }

    pub fn kind(&self) -> RunKind {
        if self.is_reported() { RunKind::Reported } else { RunKind::Executed }
    }

    /// Matching begins.
    pub fn start(&mut self, now: Timestamp) -> Result<(), IllegalMove> {
        if self.status != RunStatus::Pending {
            return Err(self.refuse("start"));
        }
        self.status = RunStatus::Running;
        self.started_at = Some(now);
        Ok(())
    }

    /// Ends the run if nothing in it can move any more. Answers whether it ended.
    ///
    /// A run held open because of failed items ends only through [`Run::close`].
    pub fn settle(&mut self, now: Timestamp) -> bool {
        let done = self.is_done() && !self.is_held();
        if done {
            self.end(now);
        }
        done
    }

    fn is_done(&self) -> bool {
        self.status == RunStatus::Running && self.matched && self.counts.settled()
    }

    /// True while failed items alone keep the run open.
    pub fn is_held(&self) -> bool {
        self.is_done()
            && self.counts.failed > 0
            && self.on_item_failure == OnItemFailure::Hold
            && !self.is_stopping()
    }

    /// True once the run was cancelled or killed or has failed as a whole: what had started still
    /// ends, and nothing else begins.
    pub fn is_stopping(&self) -> bool {
        self.stopping().is_some()
    }

    /// Why nothing of the run begins any more, as its items are told; `None` while something may.
    pub fn stopping(&self) -> Option<SkipReason> {
        if self.killed.is_some() {
            Some(SkipReason::KilledBeforeStart)
        } else if self.cancel.is_some() {
            Some(SkipReason::CancelledBeforeStart)
        } else if self.failure.is_some() {
            Some(SkipReason::RunFailed)
        } else {
            None
        }
    }

    /// A member accepts the failed items of a held run.
    pub fn close(&mut self, now: Timestamp) -> Result<(), IllegalMove> {
        if !self.is_held() {
            return Err(self.refuse("be closed"));
        }
        self.end(now);
        Ok(())
    }

    fn end(&mut self, now: Timestamp) {
        self.completed_at = Some(now);
        self.status = if self.killed.is_some() {
            RunStatus::Killed
        } else if self.cancel.is_some() {
            RunStatus::Cancelled
        } else if self.failure.is_some() {
            RunStatus::Failed
        } else if self.counts.failed > 0 {
            RunStatus::CompletedWithFailures
        } else {
            RunStatus::Completed
        };
    }

    /// A member asks the run to stop. It ends when the last started item has its outcome; what has
    /// not started must be turned into `skipped` in the same transaction.
    pub fn cancel(&mut self, request: CancelRequest) -> Result<(), IllegalMove> {
        if self.is_reported() || self.status.is_terminal() || self.is_stopping() {
            return Err(self.refuse("be cancelled"));
        }
        if self.status == RunStatus::Pending {
            self.status = RunStatus::Running;
            self.started_at = Some(request.at);
        }
        self.cancel = Some(request);
        // No further subject is looked at.
        self.matched = true;
        Ok(())
    }

    /// A kill switch stops the run. It ends when the last started item has its outcome; what has not
    /// started must be turned into `skipped` in the same transaction. A run that is being stopped
    /// already ends the way it was going to.
    pub fn kill(&mut self, killed: Killed) -> Result<(), IllegalMove> {
        if self.is_reported() || self.status.is_terminal() || self.is_stopping() {
            return Err(self.refuse("be killed"));
        }
        self.status = RunStatus::Running;
        self.started_at.get_or_insert(killed.at);
        self.killed = Some(killed);
        // No further subject is looked at.
        self.matched = true;
        Ok(())
    }

    /// The run as a whole cannot proceed. What has not started must be skipped first; the run ends
    /// now, or through [`Run::settle`] when the last started item has its outcome. A run that was
    /// cancelled before stays cancelled.
    pub fn fail(&mut self, failure: Failure, now: Timestamp) -> Result<(), IllegalMove> {
        if self.status.is_terminal() {
            return Err(self.refuse("fail"));
        }
        self.status = RunStatus::Running;
        self.started_at.get_or_insert(now);
        self.failure.get_or_insert(failure);
        // No further subject is looked at.
        self.matched = true;
        self.settle(now);
        Ok(())
    }

    /// Whether [`Run::reopen`] would be allowed.
    pub fn may_retry(&self) -> bool {
        match self.status {
            _ if self.is_reported() => false,
            // Nobody knows any more what was to be done.
            _ if self.pruned.is_some() => false,
            RunStatus::CompletedWithFailures => true,
            RunStatus::Running => self.matched && !self.is_stopping(),
            _ => false,
        }
    }

    /// A retry opens the next round.
    pub fn reopen(&mut self) -> Result<(), IllegalMove> {
        if !self.may_retry() {
            return Err(self.refuse("be retried"));
        }
        self.status = RunStatus::Running;
        self.completed_at = None;
        self.round += 1;
        Ok(())
    }
}
