//! The sweep: takes the detail of runs whose time is over, and whatever else only grows.
//!
//! One tick is a few short transactions, each complete in itself: whoever comes after a crash, or from
//! another replica, goes on where the database says.

mod stubs;

use std::{collections::BTreeMap, time::Duration};

use chrono::{Days, TimeDelta};
use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::{RunId, WorkspaceId},
    member::Principal,
    retention::{Edge, Effective, Policies},
    run::Run,
};
use serde_json::json;

use crate::{
    ids::Ids,
    services::{ServiceError, Services},
    store::{DueRun, Ended, Session, StoreError, Stretch, Tx},
};

/// How often a process looks whether anything is due.
pub const REST: Duration = Duration::from_secs(300);

/// Runs of one transaction.
const RUNS: i64 = 200;

/// Items whose detail goes in one transaction.
const ITEMS: i64 = 2_000;

/// How long a sign-in link is remembered after its end.
const LINKS: TimeDelta = TimeDelta::days(30);

/// How long the answer to a write with a key is kept.
const ANSWERS: TimeDelta = TimeDelta::hours(24);

/// How long a delivery to a webhook is kept after its end.
const DELIVERIES: TimeDelta = TimeDelta::days(90);

/// How long every checkpoint is kept; of an older day the last one stays.
const CHECKPOINTS: TimeDelta = TimeDelta::days(30);

/// How long a trigger event that set nothing off is kept.
const EVENTS: TimeDelta = TimeDelta::days(400);

/// How long it is kept what the database weighed.
const SAMPLES: Days = Days::new(400);

/// What a tick did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Runs that are stubs from now on.
    pub pruned: usize,
    /// Runs some of whose detail went.
    pub emptied: usize,
    /// Stubs of reported runs that went.
    pub removed: usize,
    /// Rows of other kinds that went.
    pub forgotten: u64,
    /// Old trigger events that were looked at, whether they went or not.
    pub seen: usize,
    /// Bytes given back to the disk.
    pub given_back: i64,
}

impl Swept {
    /// Whether nothing was left to do.
    pub fn is_idle(&self) -> bool {
        *self == Self::default()
    }

    fn add(&mut self, other: Self) {
        self.pruned += other.pruned;
        self.emptied += other.emptied;
        self.removed += other.removed;
        self.forgotten += other.forgotten;
        self.seen += other.seen;
        self.given_back += other.given_back;
    }
}

/// Takes one batch in each workspace; what else is to be done, when there is none.
pub async fn tick(services: &Services, now: Timestamp) -> Result<Swept, ServiceError> {
    let mut swept = Swept::default();
    let workspaces = services.store.read().await?.workspaces().await?;
    for workspace in workspaces {
        // What was begun is ended first.
        let emptied = empty(services, workspace.id).await?;
        let pruned = if emptied == 0 { mark(services, workspace.id, now).await? } else { 0 };
        if emptied + pruned == 0 {
            swept.removed += stubs::remove(services, workspace.id, now).await?;
        }
        swept.emptied += emptied;
        swept.pruned += pruned;
    }
    if swept.is_idle() {
        (swept.seen, swept.forgotten) = forget(services, now).await?;
        swept.given_back = services.store.give_back().await?;
    }
    if swept.is_idle() {
        finish(services, now).await?;
    }
    Ok(swept)
}

/// Goes on until nothing is left to do. Answers with the sum.
pub async fn run(services: &Services, now: Timestamp) -> Result<Swept, ServiceError> {
    let mut sum = Swept::default();
    loop {
        let swept = tick(services, now).await?;
        if swept.is_idle() {
            return Ok(sum);
        }
        sum.add(swept);
    }
}

/// A run whose time is over, with the edge it fell over and the policy that drew it.
#[derive(Debug, Clone, Copy)]
struct Due {
    run: DueRun,
    edge: Edge,
    under: Effective,
}

/// Marks the runs that are due, oldest first, and enters each into the log. Answers with how many.
async fn mark(
    services: &Services,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<usize, ServiceError> {
    let due = due(&mut services.store.read().await?, workspace, now).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let ids = services.ids.clone();
    services
        .write(move |tx| Box::pin(async move { mark_due(tx, &ids, workspace, due, now).await }))
        .await
}

async fn due(
    session: &mut Session,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<Vec<Due>, StoreError> {
    let policies = Policies::of(&session.retention_policies(workspace).await?);
    // What is held as a whole would be looked through by every tick.
    let holds = session.holds(workspace).await?;
    let is_held = |id| holds.iter().any(|hold| hold.keeps_all_of(id));
    let mut due = Vec::new();
    for automation in session.automation_heads(workspace).await? {
        if is_held(automation.id) {
            continue;
        }
        let under = policies.for_automation(automation.id);
        for (reported, term, statuses) in under.policy.groups() {
            let of = Ended { workspace, automation: automation.id, reported, statuses: &statuses };
            let room = RUNS - i64::try_from(due.len()).unwrap_or(RUNS);
            if room <= 0 {
                return Ok(due);
            }
            let edge = session.retention_edge(&of, &term, now).await?;
            let Some(place) = edge.place() else { continue };
            let found = session.due_runs(&of, place, room).await?;
            due.extend(found.into_iter().map(|run| Due { run, edge, under }));
        }
    }
    Ok(due)
}

/// Locks the runs, looks once more whether they are due, and marks them.
async fn mark_due(
    tx: &mut Tx,
    ids: &Ids,
    workspace: WorkspaceId,
    due: Vec<Due>,
    now: Timestamp,
) -> Result<usize, ServiceError> {
    let due: BTreeMap<RunId, Due> = due.into_iter().map(|due| (due.run.id, due)).collect();
    let runs = tx.lock_runs(workspace, &due.keys().copied().collect::<Vec<_>>()).await?;
    // Whoever places a hold waits for the commit, or has committed and is seen.
    tx.lock_holds(workspace).await?;
    let holds = tx.holds(workspace).await?;
    let mut marks = Vec::with_capacity(runs.len());
    let mut drafts = Vec::with_capacity(runs.len());
    for run in runs.iter().filter(|run| !holds.iter().any(|hold| hold.keeps(run))) {
        let Some(under) = due.get(&run.id).and_then(|due| still_due(due, run)) else { continue };
        let draft = Draft::new(Principal::System, Verb::RunPruned, Object::new("run", run.id));
        drafts.push(draft.in_run(run.id).with(json!({
            "under": under,
            "ended": run.completed_at,
            "items": run.counts.subjects_matched,
        })));
        marks.push((run.id, under));
    }
    tx.append_audit(workspace, ids, now, &drafts).await?;
    tx.mark_pruned(workspace, &marks, now).await?;
    Ok(marks.len())
}

/// Under what a run is pruned, unless it moved since it was found.
fn still_due(due: &Due, run: &Run) -> Option<String> {
    let ended = run.completed_at.filter(|_| run.status.is_terminal() && run.pruned.is_none())?;
    let rule = due.edge.rule((ended, run.id.uuid()))?;
    Some(due.under.words(rule))
}

/// Takes a slice of the detail of runs that are marked. Answers with how many runs it is of.
async fn empty(services: &Services, workspace: WorkspaceId) -> Result<usize, ServiceError> {
    let found = services.store.read().await?.emptying(workspace, RUNS).await?;
    if found.is_empty() {
        return Ok(0);
    }
    services
        .write(move |tx| {
            Box::pin(async move {
                let runs: Vec<_> = found.iter().map(|stretch| stretch.run).collect();
                tx.lock_runs(workspace, &runs).await?;
                tx.lock_holds(workspace).await?;
                // As it is now that nobody else works on them, and without what is held by now.
                let mut found = tx.emptying(workspace, RUNS).await?;
                found.retain(|stretch| runs.contains(&stretch.run));
                let (slice, whole) = slice(&found);
                tx.empty_items(workspace, &slice).await?;
                tx.empty_runs(workspace, &whole).await?;
                Ok(slice.len())
            })
        })
        .await
}

/// As many items as one transaction takes, and the runs that end within.
fn slice(found: &[Stretch]) -> (Vec<Stretch>, Vec<RunId>) {
    let (mut slice, mut whole, mut room) = (Vec::new(), Vec::new(), ITEMS);
    for stretch in found {
        let until = stretch.until.min(stretch.from + room);
        room -= until - stretch.from;
        slice.push(Stretch { until, ..*stretch });
        if until < stretch.until {
            break;
        }
        whole.push(stretch.run);
    }
    (slice, whole)
}

/// Deletes a batch of each kind of rows that are no evidence, or none any more. Answers with how many trigger
/// events were looked at, and how many rows went.
async fn forget(services: &Services, now: Timestamp) -> Result<(usize, u64), ServiceError> {
    services
        .write(move |tx| {
            Box::pin(async move {
                let (seen, mut forgotten) = tx.forget_idle_events(now - EVENTS).await?;
                forgotten += tx.forget_sessions(now).await?;
                forgotten += tx.forget_sign_in_links(now - LINKS).await?;
                forgotten += tx.forget_old_answers(now - ANSWERS).await?;
                forgotten += tx.forget_deliveries(now - DELIVERIES, now).await?;
                forgotten += tx.forget_checkpoints(now - CHECKPOINTS).await?;
                Ok((seen, forgotten))
            })
        })
        .await
}

/// Keeps what the tables weigh, once a day, and notes that the sweep came to its end.
async fn finish(services: &Services, now: Timestamp) -> Result<(), ServiceError> {
    let today = now.date_naive();
    let mut session = services.store.read().await?;
    let last = session.last_sample().await?;
    let weights = match last {
        Some(last) if last >= today => Vec::new(),
        _ => session.weights().await?,
    };
    drop(session);
    services
        .write(move |tx| {
            Box::pin(async move {
                tx.keep_sample(today, &weights, today - SAMPLES).await?;
                Ok(tx.finish_sweep(now).await?)
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_slice_has_a_bound_and_a_long_run_is_taken_piece_by_piece() {
        let stretch = |n: u128, from, until| Stretch {
            run: RunId::new(Uuid::from_u128(n)),
            from,
            until,
            place: 0,
        };
        let found = [stretch(1, 0, 10), stretch(2, 0, 0), stretch(3, 500, 9_000), stretch(4, 0, 1)];
        let (pieces, whole) = slice(&found);
        let bounds: Vec<_> = pieces.iter().map(|piece| (piece.from, piece.until)).collect();
        assert_eq!(bounds, [(0, 10), (0, 0), (500, 2_490)]);
        assert_eq!(whole, [found[0].run, found[1].run]);
    }
}
