//! Kill switches: while one is pressed nothing starts, in the whole workspace or of one automation.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    audit::Object,
    id::{AutomationId, KillSwitchId, MemberId, WorkspaceId},
};

/// What a kill switch stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KillScope {
    /// Everything in the workspace.
    Workspace,
    /// Every run of an automation.
    Automation(AutomationId),
}

impl KillScope {
    /// Whether runs of this automation are stopped.
    pub fn stops(self, automation: AutomationId) -> bool {
        match self {
            Self::Workspace => true,
            Self::Automation(stopped) => stopped == automation,
        }
    }
}

/// A switch is pressed, and released once; nothing else about it changes. Pressing again is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KillSwitch {
    pub id: KillSwitchId,
    pub workspace: WorkspaceId,
    pub scope: KillScope,
    pub reason: String,
    /// `None` when it was pressed on the host's command line.
    pub pressed_by: Option<MemberId>,
    pub pressed_at: Timestamp,
    /// `None` while it is pressed, and when it was released on the host's command line.
    pub released_by: Option<MemberId>,
    pub released_at: Option<Timestamp>,
    pub release_reason: Option<String>,
}

impl KillSwitch {
    pub fn is_pressed(&self) -> bool {
        self.released_at.is_none()
    }

    /// Whether nothing of this automation may start.
    pub fn stops(&self, automation: AutomationId) -> bool {
        self.is_pressed() && self.scope.stops(automation)
    }

    /// What entries about it are about: the very thing that is stopped, so that the log alone shows
    /// whether anything of it was started.
    pub fn object(&self) -> Object {
        match self.scope {
            KillScope::Workspace => Object::new("workspace", self.workspace),
            KillScope::Automation(automation) => Object::new("automation", automation),
        }
    }
}

/// That, when and by which switch a run was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Killed {
    pub at: Timestamp,
    pub switch: KillSwitchId,
}

/// What a switch stops, counted: before it is pressed what it would, afterwards what it did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KillCount {
    /// Runs that have not ended.
    pub runs: i64,
    /// Items that have not started and never will.
    pub waiting: i64,
    /// Items that have started; they finish and their outcomes are recorded.
    pub in_flight: i64,
}

impl std::ops::AddAssign for KillCount {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.waiting += other.waiting;
        self.in_flight += other.in_flight;
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn switch(scope: KillScope) -> KillSwitch {
        KillSwitch {
            id: KillSwitchId::new(Uuid::nil()),
            workspace: WorkspaceId::new(Uuid::nil()),
            scope,
            reason: "it writes nonsense".to_owned(),
            pressed_by: None,
            pressed_at: Timestamp::UNIX_EPOCH,
            released_by: None,
            released_at: None,
            release_reason: None,
        }
    }

    #[test]
    fn a_switch_stops_what_it_is_about_until_it_is_released() {
        let automation = |n| AutomationId::new(Uuid::from_u128(n));
        for (scope, stops) in [
            (KillScope::Workspace, true),
            (KillScope::Automation(automation(1)), true),
            (KillScope::Automation(automation(2)), false),
        ] {
            let pressed = switch(scope);
            assert_eq!(pressed.stops(automation(1)), stops, "{scope:?}");
            let released = KillSwitch { released_at: Some(Timestamp::UNIX_EPOCH), ..pressed };
            assert!(!released.stops(automation(1)), "{scope:?}");
        }
    }

    #[test]
    fn entries_are_about_what_is_stopped() {
        let one = AutomationId::new(Uuid::from_u128(1));
        assert_eq!(switch(KillScope::Workspace).object().kind, "workspace");
        assert_eq!(switch(KillScope::Automation(one)).object().id, one.to_string());
    }
}
