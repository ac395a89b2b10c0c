//! What an audit committee is told about a period, in numbers that the lists show as well.

use std::collections::HashMap;

use domain::{
    automation::Automation,
    filter::RunFilter,
    id::AutomationId,
    incident::{IncidentFilter, Severity},
    item::ItemState,
    period::Period,
    permission::Permission,
};

use super::{Caller, ServiceError, Services};
use crate::store::{ApprovalCount, DefinitionChange, FailedCount, Group, ReasonCount, Total};

/// The most reasons, and the most changes of definitions, that a brief lists.
const MOST: i64 = 100;

/// One period of one workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Runs by definition: what the list of runs shows, grouped, with [`Brief::filter`].
    pub groups: Vec<(Automation, Group)>,
    /// The groups added up.
    pub total: Total,
    pub failed: Vec<FailedItems>,
    /// Incidents that occurred in the period, by severity; severities without any are left out.
    pub incidents: Vec<(Severity, i64)>,
    pub approvals: Vec<ApprovalCount>,
    /// At most 100, most frequent first.
    pub reasons: Vec<ReasonCount>,
    /// At most 100, oldest first.
    pub changes: Vec<(DefinitionChange, String)>,
}

/// What became of an item that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// A retry succeeded, or found that it had been done.
    Recovered,
    /// Its retry waits for an approval.
    AwaitingApproval,
    /// Its retry has not come to an end.
    UnderWay,
    /// Its retry was dismissed or cancelled, or there was nothing to do any more.
    Skipped,
    StillFailed,
}

impl From<ItemState> for Fate {
    fn from(state: ItemState) -> Self {
        match state {
            ItemState::Succeeded | ItemState::IdempotentReplay => Self::Recovered,
            ItemState::AwaitingApproval => Self::AwaitingApproval,
            ItemState::Queued | ItemState::Leased | ItemState::Started => Self::UnderWay,
            ItemState::Skipped => Self::Skipped,
            ItemState::Failed => Self::StillFailed,
        }
    }
}

/// Items of one definition that failed for one cause, and what became of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedItems {
    pub automation: AutomationId,
    /// The definition's name.
    pub name: String,
    /// The code of the cause recorded last.
    pub cause: Option<String>,
    pub fate: Fate,
    pub items: i64,
}

impl Brief {
    /// The runs a brief is about: those that started in the period.
    pub fn filter(period: Period) -> RunFilter {
        RunFilter { from: Some(period.from), to: Some(period.last_day()), ..RunFilter::default() }
    }
}

impl Services {
    /// The brief of a period, of which the caller has to see all.
    pub async fn brief(&self, caller: Caller, period: Period) -> Result<Brief, ServiceError> {
        self.require_period(caller, Permission::ViewRuns, period).await?;
        let groups = self.run_groups(caller, &Brief::filter(period)).await?;
        let total = groups.iter().map(|(_, group)| &group.total).sum();
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let workspace = caller.workspace;
        let heads = session.automation_heads(workspace).await?;
        let names: HashMap<_, _> = heads.into_iter().map(|head| (head.id, head.name)).collect();
        let failed = added_up(&names, session.failed_counts(workspace, period).await?);
        let occurred = IncidentFilter {
            from: Some(period.from),
            to: Some(period.last_day()),
            ..IncidentFilter::default()
        };
        let incidents = session.incident_counts(workspace, &occurred).await?;
        let approvals = session.approval_counts(workspace, period).await?;
        let reasons = session.decision_reasons(workspace, period, MOST).await?;
        let changes = session.definition_changes(workspace, period, MOST).await?;
        let named = |change: DefinitionChange| {
            let name = names.get(&change.automation).cloned().unwrap_or_default();
            (change, name)
        };
        let changes = changes.into_iter().map(named).collect();
        Ok(Brief { groups, total, failed, incidents, approvals, reasons, changes })
    }
}

/// Counts by definition, cause and fate, in this order.
fn added_up(names: &HashMap<AutomationId, String>, counts: Vec<FailedCount>) -> Vec<FailedItems> {
    let mut all: Vec<FailedItems> = Vec::new();
    for FailedCount { automation, state, cause, items } in counts {
        let fate = Fate::from(state);
        let same = |known: &&mut FailedItems| {
            (known.automation, &known.cause, known.fate) == (automation, &cause, fate)
        };
        match all.iter_mut().find(same) {
            Some(known) => known.items += items,
            None => {
                let name = names.get(&automation).cloned().unwrap_or_default();
                all.push(FailedItems { automation, name, cause, fate, items });
            }
        }
    }
    all.sort_by(|a, b| (&a.name, &a.cause, a.fate).cmp(&(&b.name, &b.cause, b.fate)));
    all
}
