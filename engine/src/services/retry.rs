//! Retrying failed items of a run: the plan, and the retry that must match it.

use domain::{
    approval::ApprovalKind,
    audit::{Draft, Object, Verb},
    automation::Definition,
    id::{ApprovalId, ItemId, RunId},
    item::{Item, ItemMove, ItemState},
    permission::Permission,
    retry::RetryPlan,
    run::Run,
};
use serde_json::{Value, json};

use super::{
    Caller, ServiceError, Services,
    cancel::{check_given_reason, given},
    kills::require_released,
};
use crate::{
    changes::{Changes, portrait},
    store::{Session, Tx},
    work::{new_approval, requested},
};

/// A run with more failed items than this is retried in parts.
pub const MOST_ITEMS: i64 = 5_000;

/// What a member asks for when retrying.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryRequest {
    pub run: RunId,
    /// The digest of the plan the member saw.
    pub plan_digest: String,
    /// Items whose verdict is not `safe` and that are retried all the same.
    pub acknowledged: Vec<ItemId>,
    /// May be empty; at most 1,000 characters.
    pub reason: String,
}

/// What a retry set going.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Retried {
    pub run: RunId,
    pub round: i64,
    /// Items that were queued again.
    pub queued: i64,
    /// Items that wait for an approval first.
    pub awaiting_approval: i64,
}

impl Services {
    /// What retrying a run would do. Changes nothing.
    pub async fn retry_plan(&self, caller: Caller, run: RunId) -> Result<RetryPlan, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.run(caller.workspace, run).await?;
        let run = found.ok_or(ServiceError::NotFound("run"))?;
        let (plan, _, _) = self.plan(&mut session, &run).await?;
        Ok(plan)
    }

    async fn plan(
        &self,
        session: &mut Session,
        run: &Run,
    ) -> Result<(RetryPlan, Vec<Item>, Definition), ServiceError> {
        let compiled = self.versions.get(session, run.automation, run.version).await?;
        let failed = [ItemState::Failed];
        let items = session.items_of_run(run.workspace, run.id, &failed, None, MOST_ITEMS).await?;
        let needs_approval = compiled.definition.approval.retries.is_some();
        let plan = RetryPlan::new(run, &items, needs_approval, self.clock.now());
        Ok((plan, items, compiled.definition.clone()))
    }

    /// Retries the safe items of a run and those that were acknowledged, as the plan said.
    ///
    /// # Errors
    /// `plan-changed` when anything the plan was made from has changed; `nothing-to-retry`;
    /// `illegal-move` when the run is not one that can be retried; `kill-switch-pressed`.
    pub async fn retry(
        &self,
        caller: Caller,
        request: RetryRequest,
    ) -> Result<Retried, ServiceError> {
        self.require(caller, Permission::RetryItems).await?;
        let reason = check_given_reason(&request.reason)?;
        let request = RetryRequest { reason, ..request };
        let services = self.clone();
        let retried = self
            .write(move |tx| {
                Box::pin(async move { services.store_retry(tx, caller, request).await })
            })
            .await?;
        self.wake.notify();
        Ok(retried)
    }

    async fn store_retry(
        &self,
        tx: &mut Tx,
        caller: Caller,
        request: RetryRequest,
    ) -> Result<Retried, ServiceError> {
        let locked = tx.lock_run(caller.workspace, request.run).await?;
        let run = locked.ok_or(ServiceError::NotFound("run"))?;
        require_released(tx, caller.workspace, run.automation).await?;
        let (plan, items, definition) = self.plan(tx, &run).await?;
        if plan.digest != request.plan_digest {
            return Err(ServiceError::conflict(
                "plan-changed",
                "Something changed since the plan was shown. Look at the new plan and decide again.",
            ));
        }
        let chosen: Vec<ItemId> =
            plan.chosen(&request.acknowledged).map(|item| item.item).collect();
        if chosen.is_empty() {
            return Err(ServiceError::conflict(
                "nothing-to-retry",
                "No item was chosen: none is safe to retry and none was acknowledged.",
            ));
        }
        let before = portrait(&run);
        let mut changes = Changes::new(caller.workspace, self.clock.now(), [run]);
        let mut retried =
            Retried { run: plan.run, round: plan.round, queued: 0, awaiting_approval: 0 };
        if let Some(run) = changes.run_mut(plan.run) {
            run.reopen()?;
        }
        let after = changes.run(plan.run).map(portrait);
        let change = json!({"before": before, "after": after});
        changes.enter(entry(caller, &request, &plan, &chosen, change));
        for mut item in items.into_iter().filter(|item| chosen.contains(&item.id)) {
            if request.acknowledged.contains(&item.id) {
                item.first_sent_at = None;
            }
            self.retry_item(&mut changes, caller, &definition, &mut retried, item)?;
        }
        changes.write(tx, &self.ids).await?;
        Ok(retried)
    }

    fn retry_item(
        &self,
        changes: &mut Changes,
        caller: Caller,
        definition: &Definition,
        retried: &mut Retried,
        mut item: Item,
    ) -> Result<(), ServiceError> {
        let now = changes.now();
        // An item that failed before it had parameters has nothing an approval could be bound to yet.
        let rule = definition.approval.retries.clone().filter(|_| item.parameters.is_some());
        let step = if rule.is_some() { ItemMove::RetryWithApproval } else { ItemMove::Retry };
        changes.step(&mut item, step)?;
        item.round = retried.round;
        item.tries = 0;
        item.not_before = now;
        // An approval is for one round: a retry that needs one asks again.
        item.approved = item.approved && definition.approval.retries.is_none();
        if let Some(rule) = rule {
            let cause = item.failure.as_ref().map_or("", |failure| failure.message.as_str());
            let question = format!(
                "Retry {} for {}/{}? It failed before: {cause}",
                item.actioner, item.subject_kind, item.subject_key
            );
            let id = ApprovalId::new(self.ids.uuid(now));
            let by = caller.principal.member();
            let approval = new_approval(id, &item, ApprovalKind::Retry, question, rule, by, now);
            changes.enter(requested(caller.principal, &approval));
            changes.approvals.push(approval);
            retried.awaiting_approval += 1;
        } else {
            retried.queued += 1;
        }
        changes.keep(item);
        Ok(())
    }
}

fn entry(
    caller: Caller,
    request: &RetryRequest,
    plan: &RetryPlan,
    chosen: &[ItemId],
    change: Value,
) -> Draft {
    Draft::new(caller.principal, Verb::RunRetried, Object::new("run", plan.run))
        .in_run(plan.run)
        .with(json!({
            "round": plan.round,
            "plan_digest": plan.digest,
            "reason": given(&request.reason),
            "items": chosen,
            "before": change["before"],
            "after": change["after"],
        }))
}
