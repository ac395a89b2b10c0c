//! Legal holds: what must not be erased, whatever retention says, until the hold is released.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{AutomationId, HoldId, MemberId, RunId, WorkspaceId},
    period::Period,
    rollup::{completed_order, started_order},
    run::Run,
};

/// What a hold keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldScope {
    /// Everything in the workspace.
    Workspace,
    /// Every run of an automation.
    Automation(AutomationId),
    Run(RunId),
    /// Every run that was under way on one of these days.
    Period(Period),
}

/// A hold is placed, and released once; nothing else about it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub id: HoldId,
    pub workspace: WorkspaceId,
    pub scope: HoldScope,
    pub reason: String,
    /// `None` when it was placed on the host's command line.
    pub placed_by: Option<MemberId>,
    pub placed_at: Timestamp,
    /// `None` while it stands, and when it was released on the host's command line.
    pub released_by: Option<MemberId>,
    pub released_at: Option<Timestamp>,
    pub release_reason: Option<String>,
}

impl Hold {
    pub fn stands(&self) -> bool {
        self.released_at.is_none()
    }

    /// Whether it keeps every run of this automation, whichever it is.
    pub fn keeps_all_of(&self, automation: AutomationId) -> bool {
        self.stands()
            && match self.scope {
                HoldScope::Workspace => true,
                HoldScope::Automation(held) => held == automation,
                HoldScope::Run(_) | HoldScope::Period(_) => false,
            }
    }

    /// Whether nothing of this run may be erased.
    pub fn keeps(&self, run: &Run) -> bool {
        self.stands()
            && match self.scope {
                HoldScope::Workspace => true,
                HoldScope::Automation(held) => held == run.automation,
                HoldScope::Run(held) => held == run.id,
                HoldScope::Period(days) => {
                    started_order(run) < days.end() && completed_order(run) >= days.begin()
                }
            }
    }
}
