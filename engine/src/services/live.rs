//! What those who watch a workspace are told: what stands differently than it did at a place of the
//! log, and not how it came to. The log's own places are the places of this telling, too.

use std::collections::HashMap;

use domain::{
    audit::Verb,
    automation::Automation,
    id::{IncidentId, RunId, WorkspaceId},
    incident::Incident,
    permission::Permission,
    run::Run,
    window::Sight,
};

use super::{Caller, ServiceError, Services};
use crate::store::{Noted, Session, StoreError};

/// The longest stretch of a log that is told as what happened in it.
pub const LONGEST_STRETCH: i64 = 50_000;

/// The most that is told of a stretch; of more than that nobody could tell what it means.
const MOST: i64 = 500;

/// Open approvals are counted this far.
const MOST_OPEN: i64 = 100;

/// After these the approvals that are open may be others.
const APPROVALS: [Verb; 5] = [
    Verb::ApprovalRequested,
    Verb::ApprovalApproved,
    Verb::ApprovalDismissed,
    Verb::ApprovalExpired,
    Verb::ApprovalWithdrawn,
];

/// After these somebody may see less than before.
const RIGHTS: [Verb; 7] = [
    Verb::MemberRoleChanged,
    Verb::MemberRemoved,
    Verb::MemberWindowGranted,
    Verb::MemberWindowRevoked,
    Verb::MemberPasswordSet,
    Verb::SignedOut,
    Verb::TokenRevoked,
];

/// A workspace through what somebody sees of it. Whoever sees the same watches the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    workspace: WorkspaceId,
    sight: Sight,
}

impl Watched {
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    pub fn sight(&self) -> &Sight {
        &self.sight
    }
}

/// What a stretch of the log came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Happened {
    Told(Told),
    /// More than can be told: whoever shows something has to look again.
    TooMuch,
}

/// What stands differently.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// In the order of their places; several may share one.
    pub happenings: Vec<Happening>,
    /// The ids of members and tokens whose rights may have changed.
    pub rights: Vec<String>,
}

/// One thing that stands differently.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// The place of the last entry about it.
    pub seq: i64,
    pub what: What,
}

/// A thing as it is now.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// There is a new run.
    RunCreated(Box<Run>, Box<Automation>),
    /// A run moved, or its items did.
    Run(Box<Run>, Box<Automation>),
    /// So many approvals are open; 100 stands for a hundred or more.
    Approvals(i64),
    Incident(Box<Incident>),
}

impl Services {
    /// What the caller may watch, as it is now.
    pub async fn watched(&self, caller: Caller) -> Result<Watched, ServiceError> {
        self.require(caller, Permission::ViewRuns).await?;
        let sight = self.sight_now(caller).await?;
        Ok(Watched { workspace: caller.workspace, sight })
    }

    /// How far the log has come.
    pub async fn live_place(&self, watched: &Watched) -> Result<i64, ServiceError> {
        Ok(self.store.read().await?.last_entry(watched.workspace).await?)
    }

    /// What stands differently after the entries behind one place and up to another.
    pub async fn happened(
        &self,
        watched: &Watched,
        after: i64,
        until: i64,
    ) -> Result<Happened, ServiceError> {
        if until - after > LONGEST_STRETCH {
            return Ok(Happened::TooMuch);
        }
        let mut session = self.store.read().await?;
        session.look_through(watched.sight.clone());
        let workspace = watched.workspace;
        let verbs = [Verb::RunCreated, Verb::IncidentRaised];
        let verbs: Vec<_> = verbs.into_iter().chain(APPROVALS).chain(RIGHTS).collect();
        let noted = session.noted(workspace, &verbs, after, until, MOST).await?;
        let touched = session.runs_touched(workspace, after, until, MOST).await?;
        if noted.len().max(touched.len()) as i64 >= MOST {
            return Ok(Happened::TooMuch);
        }
        let mut happenings = runs(&mut session, workspace, &touched, &noted).await?;
        happenings.extend(approvals(&mut session, workspace, &noted).await?);
        happenings.extend(incidents(&mut session, workspace, &noted).await?);
        happenings.sort_by_key(|happening| happening.seq);
        let rights = noted.into_iter().filter(|entry| RIGHTS.contains(&entry.verb));
        let rights = rights.map(|entry| entry.object.id).collect();
        Ok(Happened::Told(Told { happenings, rights }))
    }
}

/// Every run once for its last entry; a new one for its first, too.
async fn runs(
    session: &mut Session,
    workspace: WorkspaceId,
    touched: &[(RunId, i64)],
    noted: &[Noted],
) -> Result<Vec<Happening>, StoreError> {
    let ids: Vec<RunId> = touched.iter().map(|(run, _)| *run).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let automations = session.automations_of_runs(workspace, &ids).await?;
    let found = session.runs_by_ids(workspace, &ids).await?;
    let found: HashMap<RunId, Run> = found.into_iter().map(|run| (run.id, run)).collect();
    let known = |id: &RunId| {
        let (run, automation) = (found.get(id)?, automations.get(id)?);
        Some((Box::new(run.clone()), Box::new(automation.clone())))
    };
    let created = noted.iter().filter(|entry| entry.verb == Verb::RunCreated);
    let created: HashMap<RunId, i64> =
        created.filter_map(|entry| Some((entry.run?, entry.seq))).collect();
    let new = created.iter().filter_map(|(id, &seq)| {
        let (run, automation) = known(id)?;
        Some(Happening { seq, what: What::RunCreated(run, automation) })
    });
    let moved = touched.iter().filter_map(|(id, seq)| {
        let (run, automation) = known(id)?;
        let only_created = created.get(id) == Some(seq);
        (!only_created).then_some(Happening { seq: *seq, what: What::Run(run, automation) })
    });
    Ok(new.chain(moved).collect())
}

async fn approvals(
    session: &mut Session,
    workspace: WorkspaceId,
    noted: &[Noted],
) -> Result<Option<Happening>, StoreError> {
    let last = noted.iter().rfind(|entry| APPROVALS.contains(&entry.verb));
    let Some(seq) = last.map(|entry| entry.seq) else { return Ok(None) };
    let open = session.open_approval_count(workspace, MOST_OPEN).await?;
    Ok(Some(Happening { seq, what: What::Approvals(open) }))
}

async fn incidents(
    session: &mut Session,
    workspace: WorkspaceId,
    noted: &[Noted],
) -> Result<Vec<Happening>, StoreError> {
    let raised = noted.iter().filter(|entry| entry.verb == Verb::IncidentRaised);
    let places: HashMap<IncidentId, i64> =
        raised.filter_map(|entry| Some((entry.object.id.parse().ok()?, entry.seq))).collect();
    let ids: Vec<_> = places.keys().copied().collect();
    let found = session.incidents_by_ids(workspace, &ids).await?;
    let told = found.into_iter().filter_map(|incident| {
        let seq = *places.get(&incident.id)?;
        Some(Happening { seq, what: What::Incident(Box::new(incident)) })
    });
    Ok(told.collect())
}
