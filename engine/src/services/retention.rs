//! How long runs are kept: read, changed and foreseen.

use domain::{
    audit::{Draft, Object, Verb},
    automation::Automation,
    id::AutomationId,
    permission::Permission,
    retention::{Effective, Growth, Policies, Policy, PolicyVersion, Term, begins},
};
use serde_json::json;

use super::{Caller, FieldError, ServiceError, Services, storage::weights};
use crate::store::{Ended, Session, Stubs, Tx};

/// A policy as people set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRetention {
    /// The key of a definition. Without one it holds for all that have none of their own.
    pub definition: Option<String>,
    /// `None` takes back what was set before.
    pub policy: Option<Policy>,
}

/// What holds in a workspace, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    pub policies: Policies,
    /// Oldest first.
    pub versions: Vec<PolicyVersion>,
}

/// What the sweep would do about one automation.
#[derive(Debug, Clone, PartialEq)]
pub struct Foretold {
    pub automation: Automation,
    pub under: Effective,
    /// Whether its runs are reported.
    pub reported: bool,
    pub growth: Growth,
    /// Items of the runs that are due.
    pub due_items: i64,
}

impl Foretold {
    /// How long the detail of its runs is kept.
    pub fn kept(&self) -> Term {
        match self.reported {
            true => self.under.policy.reported.detail,
            false => self.under.policy.executed.detail,
        }
    }
}

/// What the sweep would do, and what the database will weigh.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    pub automations: Vec<Foretold>,
    /// What the database weighs now, and how much of that is free.
    pub bytes: i64,
    pub free_bytes: i64,
}

impl Preview {
    /// Runs whose detail would go.
    pub fn due_runs(&self) -> i64 {
        self.automations.iter().map(|one| one.growth.due_runs).sum()
    }

    /// What that would give back, estimated.
    pub fn due_bytes(&self) -> i64 {
        let bytes = self.automations.iter().map(|one| one.growth.due_bytes());
        bytes.fold(0, i64::saturating_add)
    }

    /// What the database weighs in so many days at the present rate, estimated.
    pub fn bytes_in(&self, days: i64) -> i64 {
        let more = self.automations.iter().map(|one| one.growth.bytes_in(days));
        more.fold(self.bytes, i64::saturating_add).max(0)
    }
}

/// Days over which the present rate is taken.
const MONTH: chrono::Days = chrono::Days::new(30);

impl Services {
    /// The policies of the workspace.
    pub async fn retention(&self, caller: Caller) -> Result<Retention, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        let versions = session.retention_policies(caller.workspace).await?;
        Ok(Retention { policies: Policies::of(&versions), versions })
    }

    /// Says from now on how long runs are kept.
    pub async fn set_retention(
        &self,
        caller: Caller,
        new: NewRetention,
    ) -> Result<PolicyVersion, ServiceError> {
        self.require(caller, Permission::ManageRetention).await?;
        let faults = new.policy.as_ref().map(Policy::faults).unwrap_or_default();
        if !faults.is_empty() {
            let fault = |fault: &domain::retention::InvalidPolicy| {
                FieldError::new(fault.field, fault.message)
            };
            return Err(ServiceError::Invalid(faults.iter().map(fault).collect()));
        }
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                // Numbers of versions are given out one at a time.
                tx.lock_holds(caller.workspace).await?;
                let automation = named(tx, caller, new.definition.as_deref()).await?;
                let versions = tx.retention_policies(caller.workspace).await?;
                let before = last_said(&versions, automation);
                if before == new.policy {
                    let message = "it is set to this already";
                    return Err(ServiceError::conflict("retention-unchanged", message));
                }
                let version = PolicyVersion {
                    number: versions.last().map_or(1, |last| last.number + 1),
                    automation,
                    policy: new.policy,
                    set_by: caller.principal.member(),
                    set_at: now,
                };
                tx.insert_retention_policy(caller.workspace, &version).await?;
                let object = Object::new("workspace", caller.workspace);
                let draft = Draft::new(caller.principal, Verb::RetentionChanged, object);
                let draft = draft.with(json!({
                    "number": version.number,
                    "automation": automation,
                    "before": before,
                    "after": version.policy,
                }));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(version)
            })
        })
        .await
    }

    /// What the sweep would do now, and how the database will grow.
    pub async fn retention_preview(&self, caller: Caller) -> Result<Preview, ServiceError> {
        self.require(caller, Permission::ManageRetention).await?;
        let (workspace, now) = (caller.workspace, self.clock.now());
        let mut session = self.store.read().await?;
        let policies = Policies::of(&session.retention_policies(workspace).await?);
        let counted = session.kept_and_pruned(workspace).await?;
        let rates = session.runs_ended_since(workspace, now.date_naive() - MONTH, now.date_naive());
        let rates = rates.await?;
        let (stub_bytes, tree_bytes) = lasting(&mut session).await?;
        let elsewhere = session.reported_automations(workspace).await?;
        let mut automations = Vec::new();
        for automation in session.automation_heads(workspace).await? {
            let under = policies.for_automation(automation.id);
            let (mut due_runs, mut due_items) = (0, 0);
            for (reported, term, statuses) in under.policy.groups() {
                let of =
                    Ended { workspace, automation: automation.id, reported, statuses: &statuses };
                let edge = session.retention_edge(&of, &term, now).await?;
                let Some(place) = edge.place() else { continue };
                let (runs, items) = session.count_due(&of, place).await?;
                due_runs += runs;
                due_items += items;
            }
            let count = counted.iter().find(|(id, ..)| *id == automation.id);
            let (full_runs, stubs) = count.map_or((0, 0), |&(_, full, stubs)| (full, stubs));
            let reported = elsewhere.contains(&automation.id);
            let days = under.policy.reported_stub_days.filter(|_| reported);
            let due_stubs = match days.map(|days| begins(now, days)) {
                None => 0,
                Some(before) => {
                    let of = Stubs { workspace, automation: automation.id, before };
                    session.count_due_stubs(&of).await?
                }
            };
            let growth = Growth {
                runs_a_month: rates.get(&automation.id).copied().unwrap_or(0),
                full_runs,
                due_runs,
                stubs,
                due_stubs,
                detail_bytes: detail(&mut session, caller, automation.id).await?,
                stub_bytes,
                tree_bytes,
                term: Term::default(),
                stub_term: Term { days, runs: None },
            };
            let mut one = Foretold { automation, under, reported, growth, due_items };
            one.growth.term = one.kept();
            automations.push(one);
        }
        let (bytes, free_bytes) = session.database_size().await?;
        Ok(Preview { automations, bytes, free_bytes })
    }
}

/// What the detail of a run weighs, by the last that ended.
pub(super) async fn detail(
    session: &mut Session,
    caller: Caller,
    automation: AutomationId,
) -> Result<i64, ServiceError> {
    let (runs, bytes) = session.weigh_detail(caller.workspace, automation).await?;
    Ok(bytes / runs.max(1))
}

/// Where stubs are; a little of it is detail while that is kept.
const STUB: &[&str] = &[
    "run",
    "run_item",
    "reported_run",
    "trigger_event",
    "approval",
    "approval_decision",
    "run_report",
    "incident",
    "incident_settlement",
    "audit_entry",
];

/// Where the tree is, which nothing makes smaller.
const TREE: &[&str] = &["audit_node", "audit_tile"];

/// What a stub weighs with its entries in the log, and what the tree holds of a run for ever, by all
/// there are of the instance.
async fn lasting(session: &mut Session) -> Result<(i64, i64), ServiceError> {
    let samples = session.storage_samples().await?;
    let tables = weights(session, &samples).await?;
    let of = |names: &[&str]| {
        let named = tables.iter().filter(|table| names.contains(&table.name.as_str()));
        named.map(|table| table.bytes).sum::<i64>()
    };
    let (runs, removed) = (session.runs_ended_ever().await?, session.sweeps().await?.stubs);
    Ok((of(STUB) / (runs - removed).max(1), of(TREE) / runs.max(1)))
}

async fn named(
    tx: &mut Tx,
    caller: Caller,
    key: Option<&str>,
) -> Result<Option<AutomationId>, ServiceError> {
    let Some(key) = key else { return Ok(None) };
    let known = tx.automation_heads(caller.workspace).await?;
    let found = known.into_iter().find(|automation| automation.key == key);
    let none = || ServiceError::invalid("definition", "there is no such definition");
    Ok(Some(found.ok_or_else(none)?.id))
}

fn last_said(versions: &[PolicyVersion], automation: Option<AutomationId>) -> Option<Policy> {
    versions.iter().rfind(|version| version.automation == automation)?.policy
}
