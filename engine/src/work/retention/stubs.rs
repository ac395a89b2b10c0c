//! The second term: the stubs of reported runs go, too, where a policy says so.

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::WorkspaceId,
    member::Principal,
    retention::{Policies, begins},
};
use serde_json::json;

use super::RUNS;
use crate::{
    services::{ServiceError, Services},
    store::{Session, StoreError, Stubs},
};

/// Stubs of one automation that are due, and under what.
struct Expired {
    of: Stubs,
    under: String,
}

/// Removes a batch of stubs of one automation, with one entry that names them. Answers with how many.
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
                let object = Object::new("automation", of.automation);
                let said = json!({"under": under, "runs": left});
                let draft = Draft::new(Principal::System, Verb::StubsRemoved, object).with(said);
                tx.append_audit(workspace, &ids, now, &[draft]).await?;
                tx.remove_stubs(workspace, &left, now).await?;
                Ok(left.len())
            })
        })
        .await
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
