//! Legal holds: what must not be erased, whatever retention says, until the hold is released.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{AutomationId, HoldId, MemberId, RunId, WorkspaceId},
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

    /// Whether nothing of this run may be erased.
    pub fn keeps(&self, run: RunId, automation: AutomationId) -> bool {
        self.stands()
            && match self.scope {
                HoldScope::Workspace => true,
                HoldScope::Automation(held) => held == automation,
                HoldScope::Run(held) => held == run,
            }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn hold(scope: HoldScope) -> Hold {
        Hold {
            id: HoldId::new(Uuid::nil()),
            workspace: WorkspaceId::new(Uuid::nil()),
            scope,
            reason: "a dispute".to_owned(),
            placed_by: None,
            placed_at: Timestamp::UNIX_EPOCH,
            released_by: None,
            released_at: None,
            release_reason: None,
        }
    }

    #[test]
    fn a_hold_keeps_what_it_is_about_until_it_is_released() {
        let id = Uuid::from_u128;
        let (run, automation) = (RunId::new(id(1)), AutomationId::new(id(2)));
        for (scope, keeps) in [
            (HoldScope::Workspace, true),
            (HoldScope::Automation(automation), true),
            (HoldScope::Automation(AutomationId::new(id(3))), false),
            (HoldScope::Run(run), true),
            (HoldScope::Run(RunId::new(id(3))), false),
        ] {
            let standing = hold(scope);
            assert_eq!(standing.keeps(run, automation), keeps, "{scope:?}");
            let released = Hold { released_at: Some(Timestamp::UNIX_EPOCH), ..standing };
            assert!(!released.keeps(run, automation), "{scope:?}");
        }
    }
}
