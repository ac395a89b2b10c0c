//! Remote items: the start is committed, then the receiver is called, then the outcome is stored.

use std::sync::Arc;

use domain::{
    attempt::{Attempt, AttemptEnd},
    audit::Verb,
    id::{AttemptId, RecordId, WorkspaceId},
    incident::{Cause, Facts, Raised},
    item::{Item, ItemState},
    lease::{CALL_TIMEOUT, may_send},
    member::Principal,
    problem::Failure,
};
use serde_json::json;

use super::{
    Worker,
    outcome::Overlay,
    prepare::{Ready, anew, runs_of},
    worker::WayOut,
};
use crate::{
    actioner::{Answer, Outbound, RecordWrite, Reply, Way},
    changes::Changes,
    crash::{self, Point},
    services::ServiceError,
    span::Calling,
    store::{Claim, Tx},
};

impl Worker {
    /// Starts claimed remote items of one workspace; answers with those whose receiver is to be
    /// called now.
    pub(super) async fn start_remote(
        &self,
        workspace: WorkspaceId,
        claimed: Vec<Claim>,
    ) -> Result<Vec<Ready>, ServiceError> {
        let claimed = Arc::<[Claim]>::from(claimed);
        let ready = anew(|| self.start_batch(workspace, Arc::clone(&claimed))).await?;
        crash::point(Point::C4);
        Ok(ready)
    }

    async fn start_batch(
        &self,
        workspace: WorkspaceId,
        claimed: Arc<[Claim]>,
    ) -> Result<Vec<Ready>, ServiceError> {
        let worker = self.clone();
        let started = self.services.write(move |tx| {
            Box::pin(async move {
                let locked = tx.lock_runs(workspace, &runs_of(&claimed)).await?;
                let (changes, ready) = worker.prepare(tx, workspace, &claimed, locked).await?;
                changes.write(tx, &worker.services.ids).await?;
                crash::point(Point::C3);
                Ok(ready)
            })
        });
        started.await
    }

    /// Calls the receiver and stores the outcome.
    pub(super) async fn carry_out(&self, ready: Ready, way: &WayOut) -> Result<(), ServiceError> {
        let reply = self.call(&ready, way).await;
        crash::point(Point::C7);
        let held = (ready.item.id, ready.item.attempt);
        let stored = self.finish(ready, reply).await;
        self.remember_unwritten(&stored, [held]);
        stored?;
        crash::point(Point::C8);
        Ok(())
    }

    async fn call(&self, ready: &Ready, way: &WayOut) -> Reply {
        // What is left of the lease must cover the whole call: then nobody else can begin the same
        // item while this call may still reach the receiver.
        let lease_until = ready.item.lease_until;
        if !lease_until.is_some_and(|until| may_send(until, self.now())) {
            let failure = Failure::transient(
                "lease-too-short",
                "The lease was about to end, so nothing was sent.",
            );
            return Answer::Failed(failure).into();
        }
        let actioner = self.services.registry.get(&ready.item.actioner);
        let Some(Way::Remote(remote)) = actioner.map(|a| a.way(&ready.call.parameters)) else {
            let failure = Failure::deterministic(
                "actioner-changed-class",
                "The parameters would make this a local action, but its definition says it is remote.",
            );
            return Answer::Failed(failure).into();
        };
        let WayOut { guard, secrets } = way;
        let (client, item, now) = (&self.http, &ready.item, self.now());
        let calling = Calling::new(ready.told.trace, item.run, item.id, item.attempt);
        let outbound = Outbound { client, guard, secrets, calling, now };
        let limit = CALL_TIMEOUT.to_std().unwrap_or_default();
        match tokio::time::timeout(limit, remote.call(&ready.call, outbound)).await {
            Ok(reply) => reply,
            Err(_) => Answer::Failed(Failure::unknown(
                "call-timeout",
                "The receiver did not answer within 20 seconds; whether it acted is not known.",
            ))
            .into(),
        }
    }

    async fn finish(&self, ready: Ready, reply: Reply) -> Result<(), ServiceError> {
        let worker = self.clone();
        self.services
            .write(move |tx| Box::pin(async move { worker.store_answer(tx, ready, reply).await }))
            .await
    }

    async fn store_answer(
        &self,
        tx: &mut Tx,
        ready: Ready,
        reply: Reply,
    ) -> Result<(), ServiceError> {
        let workspace = ready.item.workspace;
        let locked = tx.lock_run(workspace, ready.item.run).await?;
        let mut changes = Changes::new(workspace, self.now(), locked);
        let current = tx.item(workspace, ready.item.id).await?;
        let ours = current.as_ref().is_some_and(|item| {
            item.state == ItemState::Started && item.attempt == ready.item.attempt
        });
        if ours {
            let wanted: Vec<_> =
                record_of(&reply.answer).map(|w| w.reference.clone()).into_iter().collect();
            let mut overlay = Overlay::new(tx.records_by_refs(workspace, &wanted).await?);
            let keys = [ready.call.effect_key.clone()];
            let effects = tx.effects(workspace, &keys).await?;
            let earlier = effects.get(&ready.call.effect_key);
            self.conclude(&mut changes, &mut overlay, ready, reply, earlier)?;
            changes.records = overlay.into_changed();
        } else {
            self.keep_late(&mut changes, &ready.item, &reply.answer);
        }
        changes.write(tx, &self.services.ids).await?;
        Ok(())
    }

    /// The lease had ended and somebody else has the item: the answer changes nothing, but what it
    /// says is kept as evidence.
    fn keep_late(&self, changes: &mut Changes, item: &Item, answer: &Answer) {
        let now = changes.now();
        let id = AttemptId::new(self.services.ids.uuid(now));
        let failure = match answer {
            Answer::Failed(failure) => Some(failure.clone()),
            _ => None,
        };
        let payload = json!({"attempt": id, "number": item.attempt, "cause": failure});
        changes.enter_item(Principal::System, Verb::AttemptFenced, item, Some(payload));
        let facts = Facts::of_item(item);
        let facts = match &failure {
            Some(failure) => facts.failed(failure),
            None => facts,
        };
        changes.raise(Raised::of_attempt(item, Cause::AnswerTooLate, facts));
        changes.attempts.push(Attempt {
            id,
            run: item.run,
            item: item.id,
            number: item.attempt,
            round: item.round,
            worker: self.name.to_string(),
            started_at: item.started_at.unwrap_or(now),
            ended_at: now,
            end: AttemptEnd::Late,
            failure,
            result: None::<RecordId>,
            replay_evidence: None,
        });
    }
}

fn record_of(answer: &Answer) -> Option<&RecordWrite> {
    match answer {
        Answer::Done { record }
        | Answer::Replayed { record, .. }
        | Answer::NothingToDo { record } => record.as_ref(),
        Answer::NeedsApproval { .. } | Answer::Failed(_) => None,
    }
}
