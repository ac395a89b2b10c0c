//! The second term: the stubs of reported runs go, too, where a policy says so.

use std::collections::BTreeSet;

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::{RunId, WorkspaceId},
    member::Principal,
    retention::{Policies, begins},
};
use ledger::spans::Spans;
use serde_json::json;

use super::RUNS;
use crate::{
    services::{ServiceError, Services},
    store::{Session, StoreError, Stubs},
};

/// Stretches of places that one entry names: few enough for the index over what entries are about.
const SPANS: usize = 100;

/// Stubs of one automation that are due, and under what.
struct Expired {
    of: Stubs,
    under: String,
}

/// Removes a batch of stubs of one automation, with an entry that names them and one that tells where in
/// the log only hashes are left. Answers with how many.
pub(super) async fn remove(
    services: &Services,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<usize, ServiceError> {
    let found = find(&mut services.store.read().await?, workspace, now).await?;
    let Some(Expired { of, under }) = found else { return Ok(0) };
    let ids = services.ids.clone();
    services
        .write(move |tx| {
            Box::pin(async move {
                let runs = tx.due_stubs(&of, RUNS).await?;
                tx.lock_runs(workspace, &runs).await?;
                tx.lock_holds(workspace).await?;
                // As it is now that nobody else works on them, and without what is held by now.
                let mut left = tx.due_stubs(&of, RUNS).await?;
                left.retain(|run| runs.contains(run));
                if left.is_empty() {
                    return Ok(0);
                }
                let entries = tx.places_of_runs(workspace, &left).await?;
                let drafts = said(&of, &under, &left, &entries);
                tx.append_audit(workspace, &ids, now, &drafts).await?;
                tx.remove_stubs(workspace, &left, &entries, now).await?;
                Ok(left.len())
            })
        })
        .await
}

/// What the log says: which stubs went, and where it has only hashes from now on.
fn said(of: &Stubs, under: &str, runs: &[RunId], entries: &BTreeSet<i64>) -> Vec<Draft> {
    let object = Object::new("automation", of.automation);
    let stubs = Draft::new(Principal::System, Verb::StubsRemoved, object)
        .with(json!({"under": under, "runs": runs}));
    // In the leaf itself, so that nobody who passes the log on can hide another entry among these.
    let gone: Spans = entries.iter().map(|seq| seq.unsigned_abs()).collect();
    let gone = gone.pieces(SPANS).map(|places| {
        Draft::new(Principal::System, Verb::EntriesRemoved, Object::new("entries", places))
            .with(json!({"under": under}))
    });
    [stubs].into_iter().chain(gone).collect()
}

async fn find(
    session: &mut Session,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<Option<Expired>, StoreError> {
    let policies = Policies::of(&session.retention_policies(workspace).await?);
    for automation in session.reported_automations(workspace).await? {
        let effective = policies.for_automation(automation);
        let Some(days) = effective.policy.reported_stub_days else { continue };
        let of = Stubs { workspace, automation, before: begins(now, days) };
        if !session.due_stubs(&of, 1).await?.is_empty() {
            return Ok(Some(Expired { of, under: effective.words_of_stubs(days) }));
        }
    }
    Ok(None)
}
