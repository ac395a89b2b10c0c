//! Policies over time: every change is a version of its own, and the last one holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Policy, Rule};
use crate::{
    Timestamp,
    id::{AutomationId, MemberId},
};

/// What was set once: for the workspace, or for one automation. Nothing about it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// Counts the changes of a workspace from 1.
    pub number: i64,
    /// Without one it is what holds for every automation that has none of its own.
    pub automation: Option<AutomationId>,
    /// `None` takes back what was set before.
    pub policy: Option<Policy>,
    /// `None` when it was set on the host's command line.
    pub set_by: Option<MemberId>,
    pub set_at: Timestamp,
}

/// A policy that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Effective {
    /// Which version says so; 0 where nobody said anything.
    pub number: i64,
    pub policy: Policy,
}

impl Effective {
    /// Under what something is pruned, in words that stay with it.
    pub fn words(&self, rule: Rule) -> String {
        match self.number {
            0 => format!("the default: {rule}"),
            number => format!("policy {number}: {rule}"),
        }
    }

    /// Under what a stub is removed.
    pub fn words_of_stubs(&self, days: u32) -> String {
        self.words(Rule::Days(days)) + " for stubs"
    }
}

/// What holds in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    pub workspace: Effective,
    pub automations: BTreeMap<AutomationId, Effective>,
}

impl Policies {
    /// From every version, oldest first.
    pub fn of(versions: &[PolicyVersion]) -> Self {
        let workspace = Effective { number: 0, policy: Policy::default() };
        let mut policies = Self { workspace, automations: BTreeMap::new() };
        for version in versions {
            let effective =
                version.policy.map(|policy| Effective { number: version.number, policy });
            match (version.automation, effective) {
                (None, effective) => policies.workspace = effective.unwrap_or(workspace),
                (Some(automation), Some(own)) => {
                    policies.automations.insert(automation, own);
                }
                (Some(automation), None) => {
                    policies.automations.remove(&automation);
                }
            }
        }
        policies
    }

    /// What holds for an automation.
    pub fn for_automation(&self, automation: AutomationId) -> Effective {
        self.automations.get(&automation).copied().unwrap_or(self.workspace)
    }
}
