//! Cancelling a run, and closing one that is held open.

use domain::{
    approval::ApprovalStatus,
    audit::{Draft, Object, Verb},
    cancel::CancelReceipt,
    id::{ItemId, RunId},
    item::{Item, ItemMove, ItemState, SkipReason},
    permission::Permission,
    run::{CancelRequest, Run},
};
use serde_json::json;

use super::{Caller, ServiceError, Services};
use crate::{
    changes::{Changes, portrait},
    store::{Session, StoreError, Tx},
};

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 1_000;

/// States of items that have not started.
pub(super) const NOT_STARTED: [ItemState; 3] =
    [ItemState::Queued, ItemState::Leased, ItemState::AwaitingApproval];

/// Checks a reason a member has to give.
pub(crate) fn check_reason(reason: &str) -> Result<String, ServiceError> {
    let reason = reason.trim();
    match reason.chars().count() {
        0 => Err(ServiceError::invalid("reason", "say why; it is kept with the run")),
        n if n > LONGEST_REASON => {
            Err(ServiceError::invalid("reason", "at most 1,000 characters can be kept"))
        }
        _ if reason.contains('\0') => {
            Err(ServiceError::invalid("reason", "it contains a character that cannot be kept"))
        }
        _ => Ok(reason.to_owned()),
    }
}

/// The same where a reason may be left out: one that is given is held to the same limit.
pub(super) fn check_given_reason(reason: &str) -> Result<String, ServiceError> {
    if reason.trim().is_empty() { Ok(String::new()) } else { check_reason(reason) }
}

/// A reason as an entry has it: none where nothing was said.
pub(super) fn given(reason: &str) -> Option<&str> {
    Some(reason).filter(|reason| !reason.is_empty())
}

impl Services {
    /// What cancelling a run would do at this moment. Changes nothing.
    pub async fn cancel_preview(
        &self,
        caller: Caller,
        run: RunId,
    ) -> Result<CancelReceipt, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.run(caller.workspace, run).await?;
        let run = found.ok_or(ServiceError::NotFound("run"))?;
        let items = all_items(&mut session, &run, &[]).await?;
        Ok(CancelReceipt::new(run.id, self.clock.now(), "", &items))
    }

    /// Stops a run: what has not started never will, what has started finishes.
    pub async fn cancel(
        &self,
        caller: Caller,
        run: RunId,
        reason: &str,
    ) -> Result<CancelReceipt, ServiceError> {
        self.require(caller, Permission::CancelRuns).await?;
        let reason = check_reason(reason)?;
        let services = self.clone();
        self.write(move |tx| {
            Box::pin(async move { services.store_cancel(tx, caller, run, reason).await })
        })
        .await
    }

    async fn store_cancel(
        &self,
        tx: &mut Tx,
        caller: Caller,
        run: RunId,
        reason: String,
    ) -> Result<CancelReceipt, ServiceError> {
        let now = self.clock.now();
        let locked = tx.lock_run(caller.workspace, run).await?;
        let locked = locked.ok_or(ServiceError::NotFound("run"))?;
        let items = held_items(tx, &locked, &[]).await?;
        let receipt = CancelReceipt::new(run, now, &reason, &items);
        let before = locked.status;
        let mut changes = Changes::new(caller.workspace, now, [locked]);
        if let Some(run) = changes.run_mut(run) {
            run.cancel(CancelRequest { at: now, by: caller.principal.member(), reason })?;
        }
        let after = changes.run(run).map(|run| run.status);
        changes.enter(
            Draft::new(caller.principal, Verb::RunCancelRequested, Object::new("run", run))
                .in_run(run)
                .with(json!({
                    "reason": receipt.reason,
                    "before": {"status": before, "cancelled": false},
                    "after": {"status": after, "cancelled": true},
                    "finished": receipt.finished,
                    "skipped": receipt.skipped,
                    "in_flight": receipt.in_flight,
                    "unknown": receipt.unknown,
                })),
        );
        let waiting = items.into_iter().filter(|item| NOT_STARTED.contains(&item.state));
        let reason = SkipReason::CancelledBeforeStart;
        self.skip_all(tx, &mut changes, caller, waiting.collect(), reason).await?;
        changes.write(tx, &self.ids).await?;
        tx.store_cancel_receipt(caller.workspace, &receipt).await?;
        Ok(receipt)
    }

    /// Skips items that have not started, and withdraws what was asked about them.
    pub(crate) async fn skip_all(
        &self,
        tx: &mut Tx,
        changes: &mut Changes,
        caller: Caller,
        items: Vec<Item>,
        reason: SkipReason,
    ) -> Result<(), ServiceError> {
        let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
        for (_, approval) in tx.open_approvals(caller.workspace, &ids).await? {
            changes.close_approval(approval.id, ApprovalStatus::Withdrawn);
            let object = Object::new("approval", approval.id);
            let draft = Draft::new(caller.principal, Verb::ApprovalWithdrawn, object);
            changes.enter(draft.in_run(approval.run).with(json!({
                "item": approval.item,
                "reason": reason,
                "before": {"status": approval.status},
                "after": {"status": ApprovalStatus::Withdrawn},
            })));
        }
        for mut item in items {
            changes.step(&mut item, ItemMove::Skip)?;
            item.skip_reason = Some(reason);
            let payload = Some(json!({"reason": reason}));
            changes.enter_item(caller.principal, Verb::ItemSkipped, &item, payload);
            changes.keep(item);
        }
        Ok(())
    }

    /// Accepts the failed items of a run that is held open for them.
    pub async fn close_run(
        &self,
        caller: Caller,
        run: RunId,
        reason: &str,
    ) -> Result<Run, ServiceError> {
        self.require(caller, Permission::CloseRuns).await?;
        let reason = check_reason(reason)?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let locked = tx.lock_run(caller.workspace, run).await?;
                let before = locked.ok_or(ServiceError::NotFound("run"))?;
                let mut changes = Changes::new(caller.workspace, now, [before.clone()]);
                if let Some(run) = changes.run_mut(run) {
                    run.close(now)?;
                }
                let after = changes.run(run).map(portrait);
                let draft = Draft::new(caller.principal, Verb::RunClosed, Object::new("run", run));
                changes.enter(draft.in_run(run).with(json!({
                    "reason": reason,
                    "before": portrait(&before),
                    "after": after,
                })));
                changes.write(tx, &ids).await?;
                tx.run(caller.workspace, run).await?.ok_or(ServiceError::NotFound("run"))
            })
        })
        .await
    }
}

/// The items of a run that is locked, as they stay until the transaction ends.
pub(crate) async fn held_items(
    tx: &mut Tx,
    run: &Run,
    states: &[ItemState],
) -> Result<Vec<Item>, StoreError> {
    tx.hold_queued_items(run.workspace, run.id).await?;
    all_items(tx, run, states).await
}

/// The items of a run, with these states or with any, read in parts.
async fn all_items(
    session: &mut Session,
    run: &Run,
    states: &[ItemState],
) -> Result<Vec<Item>, StoreError> {
    const PART: i64 = 1_000;
    let mut items: Vec<Item> = Vec::new();
    loop {
        let after = items.last().map(|item| item.position);
        let part = session.items_of_run(run.workspace, run.id, states, after, PART).await?;
        let last = (part.len() as i64) < PART;
        items.extend(part);
        if last {
            return Ok(items);
        }
    }
}
