//! Puts right what nobody came back for: leases that ended, approvals nobody decided.

mod wreck;

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    attempt::{Attempt, AttemptEnd},
    audit::Verb,
    id::{AttemptId, RunId, WorkspaceId},
    incident::{Cause, Facts, Raised},
    item::{Item, ItemMove, ItemState},
    lease::{Rescue, rescue},
    member::Principal,
    problem::Failure,
    run::Run,
};
use serde_json::json;

use self::wreck::Wreck;
use super::Worker;
use crate::{changes::Changes, services::ServiceError, store::Tx};

/// An item that was tried this often in a round is given up when it is interrupted once more.
const MOST_INTERRUPTIONS: i64 = 20;

/// How many are put right at a time.
const BATCH: i64 = 500;

impl Worker {
    /// Returns the items of ended leases to the queue, or gives them up where repeating could do
    /// something twice. Answers with how many.
    pub(super) async fn rescue_leases(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let expired = self.services.store.read().await?.expired_leases(now, BATCH).await?;
        let mut by_run: BTreeMap<(WorkspaceId, RunId), Vec<Item>> = BTreeMap::new();
        for item in expired {
            by_run.entry((item.workspace, item.run)).or_default().push(item);
        }
        let mut rescued = 0;
        for ((workspace, run), items) in by_run {
            let worker = self.clone();
            let held: Vec<_> = items.iter().map(|item| (item.id, item.attempt)).collect();
            rescued += self
                .services
                .write(move |tx| {
                    Box::pin(async move { worker.rescue_run(tx, workspace, run, items, now).await })
                })
                .await?;
            self.forget_unwritten(held);
        }
        Ok(rescued)
    }

    async fn rescue_run(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        run: RunId,
        expired: Vec<Item>,
        now: Timestamp,
    ) -> Result<usize, ServiceError> {
        let locked = tx.lock_run(workspace, run).await?;
        let mut changes = Changes::new(workspace, now, locked);
        let ids: Vec<_> = expired.iter().map(|item| item.id).collect();
        // Read again under the lock: an item that was finished meanwhile must not be touched.
        let mut current = tx.items_by_ids(workspace, &ids).await?;
        current.retain(|item| {
            let held = expired.iter().any(|old| old.id == item.id && old.attempt == item.attempt);
            held && item.lease_until.is_some_and(|until| until <= now)
        });
        let wreck = Wreck::look(tx, workspace, &current).await?;
        let rescued = current.len();
        for item in current {
            self.rescue_item(&mut changes, &wreck, item)?;
        }
        changes.write(tx, &self.services.ids).await?;
        tx.figures.rescued += rescued as u64;
        Ok(rescued)
    }

    fn rescue_item(
        &self,
        changes: &mut Changes,
        wreck: &Wreck,
        mut item: Item,
    ) -> Result<(), ServiceError> {
        let now = changes.now();
        let found = item.clone();
        let had_started = item.state == ItemState::Started;
        let stopping = changes.run(item.run).is_some_and(Run::is_stopping);
        let decision = rescue(item.state, item.class, item.first_sent_at, now);
        // A run that is being stopped begins nothing again: what was interrupted stays unknown.
        let decision = match decision {
            Rescue::Requeue if stopping => Rescue::GiveUp(Failure::unknown(
                "interrupted",
                "The attempt was interrupted and the run was stopped, so it was not repeated.",
            )),
            // What was interrupted this often may be what ends the process.
            Rescue::Requeue if item.tries >= MOST_INTERRUPTIONS => {
                Rescue::GiveUp(Failure::unknown(
                    "interrupted-too-often",
                    "The attempt was interrupted again and again, so it was not repeated.",
                ))
            }
            decision => decision,
        };
        changes.step(&mut item, decision.step())?;
        item.not_before = now;
        let unwritten = self.is_unwritten((item.id, item.attempt));
        let cause = if unwritten { storage_full() } else { not_back() };
        if had_started {
            let attempt = AttemptId::new(self.services.ids.uuid(now));
            let payload = json!({
                "attempt": attempt,
                "number": item.attempt,
                "queued_again": decision.step() == ItemMove::Requeue,
            });
            changes.enter_item(Principal::System, Verb::ItemInterrupted, &item, Some(payload));
            changes.raise(wreck.raised(&found, &decision, &cause, now));
            let worker = wreck.owner(item.id).unwrap_or(&self.name);
            changes.attempts.push(interrupted(attempt, &item, worker, cause, now));
        } else if unwritten {
            // Start and outcome of a local item are one transaction: no attempt is in the database.
            let facts = Facts::of_item(&found).failed(&cause);
            changes.raise(Raised::of_attempt(&found, Cause::StorageFull, facts));
        }
        if let Rescue::GiveUp(failure) = decision {
            let payload = json!({"cause": failure});
            changes.enter_item(Principal::System, Verb::ItemFailed, &item, Some(payload));
            item.failure = Some(failure);
        }
        changes.keep(item);
        Ok(())
    }

    /// Raises an incident for each reported run that is silent for longer than it declared.
    pub(super) async fn notice_silence(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let silent = self.services.store.read().await?.silent_runs(now, BATCH).await?;
        let mut noticed = 0;
        for (workspace, run) in silent {
            noticed += usize::from(self.services.interrupt_silent(workspace, run, now).await?);
        }
        Ok(noticed)
    }

    /// Ends approvals nobody decided in time, the way their rule says.
    pub(super) async fn expire_approvals(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let expired = self.services.store.read().await?.expired_approvals(now, BATCH).await?;
        let mut ended = 0;
        for approval in expired {
            ended += usize::from(self.services.expire_approval(&approval).await?);
        }
        Ok(ended)
    }
}

fn not_back() -> Failure {
    let message = "The process that ran the attempt did not come back within its lease.";
    Failure::unknown("interrupted", message)
}

fn storage_full() -> Failure {
    let message = "The database had no room for the outcome, so it was not stored.";
    Failure::transient("storage-full", message)
}

/// The attempt that whoever held the item did not come back from.
fn interrupted(
    id: AttemptId,
    item: &Item,
    worker: &str,
    failure: Failure,
    now: Timestamp,
) -> Attempt {
    Attempt {
        id,
        run: item.run,
        item: item.id,
        number: item.attempt,
        round: item.round,
        worker: worker.to_owned(),
        started_at: item.started_at.unwrap_or(now),
        ended_at: now,
        end: AttemptEnd::Interrupted,
        failure: Some(failure),
        result: None,
        replay_evidence: None,
    }
}
