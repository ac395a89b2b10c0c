//! Storing what looking at a chunk gave, in one transaction under the lock of the run.

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    counts::Counts,
    id::{ItemId, RunId, WorkspaceId},
    incident::Raised,
    item::{Item, ItemState, SkipReason},
    member::Principal,
    problem::Failure,
    run::{Run, RunStatus},
};
use serde_json::json;

use super::{
    super::stopped::stop,
    item::new_item,
    look::{Seen, Selected},
};
use crate::{
    changes::Changes,
    ids::Ids,
    services::{Caller, ServiceError, Services, held_items},
    store::{StoreError, Tx},
};

/// Stores what was seen. False if another process had moved the run meanwhile.
pub(super) async fn store(
    services: &Services,
    workspace: WorkspaceId,
    id: RunId,
    seen: Seen,
    now: Timestamp,
) -> Result<bool, ServiceError> {
    let own = services.clone();
    services
        .write(move |tx| {
            Box::pin(async move {
                let locked = tx.lock_run(workspace, id).await?.filter(|run| !run.matched);
                let Some(before) = locked else { return Ok(false) };
                if tx.match_cursor(id).await? != seen.from {
                    return Ok(false);
                }
                store_locked(tx, &own, before, seen, now).await?;
                Ok(true)
            })
        })
        .await
}

async fn store_locked(
    tx: &mut Tx,
    services: &Services,
    before: Run,
    seen: Seen,
    now: Timestamp,
) -> Result<(), ServiceError> {
    if let Some(until) = seen.until {
        tx.set_match_cursor(before.id, until).await?;
    }
    let mut run = before.clone();
    let mut changes = Changes::new(before.workspace, now, [before]);
    if run.status == RunStatus::Pending {
        run.start(now)?;
    }
    match seen.verdict {
        Ok(mut selected) => {
            let items = insert_items(tx, &services.ids, &mut run, &selected, now).await?;
            run.matched = selected.finished;
            replace(&mut changes, run.clone());
            for item in items {
                if let Some((parameters, why, policy)) = selected.stopped.remove(&item.subject) {
                    let (ids, by) = (&services.ids, selected.requester);
                    stop(&mut changes, ids, item, parameters, why, &policy, by)?;
                }
            }
            if selected.finished {
                changes.enter(matched(&run));
            }
        }
        Err(failure) => {
            replace(&mut changes, run.clone());
            fail(tx, services, &mut changes, &run, failure).await?;
        }
    }
    // Also ends a run without items, or one whose items are all done.
    changes.write(tx, &services.ids).await?;
    Ok(())
}

fn replace(changes: &mut Changes, run: Run) {
    if let Some(place) = changes.run_mut(run.id) {
        *place = run;
    }
}

async fn insert_items(
    tx: &mut Tx,
    ids: &Ids,
    run: &mut Run,
    selected: &Selected,
    now: Timestamp,
) -> Result<Vec<Item>, StoreError> {
    let items: Vec<_> = (run.counts.subjects_matched..)
        .zip(&selected.subjects)
        .map(|(position, subject)| {
            new_item(ItemId::new(ids.uuid(now)), run, position, subject, selected, now)
        })
        .collect();
    tx.insert_items(&items).await?;
    run.counts += Counts::matched(items.len() as i64);
    Ok(items)
}

/// Ends a run that cannot proceed. What has not started never will.
async fn fail(
    tx: &mut Tx,
    services: &Services,
    changes: &mut Changes,
    run: &Run,
    failure: Failure,
) -> Result<(), ServiceError> {
    const WAITING: [ItemState; 3] =
        [ItemState::Queued, ItemState::Leased, ItemState::AwaitingApproval];
    let waiting = held_items(tx, run, &WAITING).await?;
    let system = Caller { workspace: run.workspace, principal: Principal::System };
    services.skip_all(tx, changes, system, waiting, SkipReason::RunFailed).await?;
    changes.enter(entry(run, Verb::RunFailed).with(json!({"cause": failure})));
    changes.raise(Raised::run_failed(run, &failure));
    let now = changes.now();
    match changes.run_mut(run.id) {
        Some(run) => Ok(run.fail(failure, now)?),
        None => Ok(()),
    }
}

fn matched(run: &Run) -> Draft {
    entry(run, Verb::RunMatched).with(json!({"subjects_matched": run.counts.subjects_matched}))
}

fn entry(run: &Run, verb: Verb) -> Draft {
    Draft::new(Principal::System, verb, Object::new("run", run.id)).in_run(run.id)
}
