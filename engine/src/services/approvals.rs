//! Approvals: the inbox, a member's decision, and what happens when nobody decides.

use domain::{
    approval::{Approval, ApprovalStatus, Decision, OnExpiry, Verdict},
    audit::{Draft, Object, Verb},
    id::{ApprovalId, DecisionId, ItemId},
    incident::{Cause, Raised},
    item::{Item, ItemMove, ItemState, SkipReason},
    member::Principal,
    page::{Page, Seek},
    permission::Permission,
};
use serde_json::{Value, json};

use super::{
    Caller, ServiceError, Services,
    cancel::{check_given_reason, check_reason, given},
};
use crate::{changes::Changes, store::Tx};

/// What a member decides about an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRequest {
    pub approval: ApprovalId,
    pub verdict: Verdict,
    pub reason: String,
    /// The digest of the action the member was shown.
    pub action_digest: String,
}

impl Services {
    /// A page of approvals with this status, longest waiting first.
    pub async fn approvals(
        &self,
        caller: Caller,
        status: ApprovalStatus,
        seek: Seek,
        size: i64,
    ) -> Result<Page<Approval>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.approval_page(caller.workspace, status, seek, size).await?)
    }

    /// One approval with the decisions made so far.
    pub async fn approval(
        &self,
        caller: Caller,
        id: ApprovalId,
    ) -> Result<(Approval, Vec<Decision>), ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.approval(caller.workspace, id).await?;
        let approval = found.ok_or(ServiceError::NotFound("approval"))?;
        let decisions = session.decisions(caller.workspace, id).await?;
        Ok((approval, decisions))
    }

    /// Every approval about an item, oldest first.
    pub async fn approvals_of_item(
        &self,
        caller: Caller,
        item: ItemId,
    ) -> Result<Vec<Approval>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.approvals_of_item(caller.workspace, item).await?)
    }

    /// How many approvals are open; 100 stands for a hundred or more.
    pub async fn open_approval_count(&self, caller: Caller) -> Result<i64, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.open_approval_count(caller.workspace, 100).await?)
    }

    /// Approves or dismisses.
    ///
    /// # Errors
    /// The codes of [`domain::approval::NotAllowed`]: among them `own-request`, `action-changed`
    /// and `approval-not-open`.
    pub async fn decide(
        &self,
        caller: Caller,
        request: DecisionRequest,
    ) -> Result<Approval, ServiceError> {
        self.require(caller, Permission::DecideApprovals).await?;
        let reason = match request.verdict {
            Verdict::Approve => check_given_reason(&request.reason)?,
            Verdict::Dismiss => check_reason(&request.reason)?,
        };
        let request = DecisionRequest { reason, ..request };
        let services = self.clone();
        let approval = self
            .write(move |tx| {
                Box::pin(async move { services.store_decision(tx, caller, request).await })
            })
            .await?;
        self.wake.notify();
        Ok(approval)
    }

    async fn store_decision(
        &self,
        tx: &mut Tx,
        caller: Caller,
        request: DecisionRequest,
    ) -> Result<Approval, ServiceError> {
        let now = self.clock.now();
        let known = tx.approval(caller.workspace, request.approval).await?;
        let known = known.ok_or(ServiceError::NotFound("approval"))?;
        // The same order of locks everywhere: the run first.
        let run = tx.lock_run(caller.workspace, known.run).await?;
        let approval = tx.lock_approval(caller.workspace, known.id).await?;
        let mut approval = approval.ok_or(ServiceError::NotFound("approval"))?;
        let member = caller.principal.member().ok_or_else(|| {
            ServiceError::conflict("not-a-member", "Only a member can decide an approval.")
        })?;
        let found = tx.member(caller.workspace, member).await?;
        let member = found.ok_or(ServiceError::NotFound("member"))?;
        let earlier = tx.decisions(caller.workspace, approval.id).await?;
        approval
            .check(&member, &earlier, &request.action_digest, now)
            .map_err(|refusal| ServiceError::conflict(refusal.code(), refusal.to_string()))?;
        let decision = Decision {
            id: DecisionId::new(self.ids.uuid(now)),
            approval: approval.id,
            member: member.id,
            verdict: request.verdict,
            reason: request.reason,
            decided_at: now,
        };
        tx.insert_decision(caller.workspace, &decision).await?;
        approval.status = approval.after(&earlier, request.verdict);
        let mut changes = Changes::new(caller.workspace, now, run);
        changes.enter(decided(caller.principal, &approval, &decision));
        self.follow(tx, &mut changes, &mut approval, SkipReason::DismissedByApprover).await?;
        changes.write(tx, &self.ids).await?;
        Ok(approval)
    }

    /// Lets the item go on or skips it, once the approval is decided.
    async fn follow(
        &self,
        tx: &mut Tx,
        changes: &mut Changes,
        approval: &mut Approval,
        reason: SkipReason,
    ) -> Result<(), ServiceError> {
        if approval.status == ApprovalStatus::Open {
            return Ok(());
        }
        approval.decided_at = Some(changes.now());
        changes.close_approval(approval.id, approval.status);
        let found = tx.item(approval.workspace, approval.item).await?;
        let item = found.ok_or(ServiceError::NotFound("run item"))?;
        if item.state != ItemState::AwaitingApproval {
            return Err(ServiceError::conflict(
                "approval-not-open",
                "The item is no longer waiting for this approval.",
            ));
        }
        let goes_on = approval.status == ApprovalStatus::Approved
            || (approval.status == ApprovalStatus::Expired
                && approval.rule.on_expiry == OnExpiry::Approve);
        if goes_on { go_on(changes, item, approval) } else { skip(changes, item, approval, reason) }
    }

    /// Ends an approval nobody decided in time. Answers whether it was still open.
    pub(crate) async fn expire_approval(&self, expired: &Approval) -> Result<bool, ServiceError> {
        let (services, workspace) = (self.clone(), expired.workspace);
        let (run, id) = (expired.run, expired.id);
        self.write(move |tx| {
            Box::pin(async move {
                let now = services.clock.now();
                let run = tx.lock_run(workspace, run).await?;
                let found = tx.lock_approval(workspace, id).await?;
                let Some(mut approval) = found.filter(|a| a.status == ApprovalStatus::Open) else {
                    return Ok(false);
                };
                approval.status = ApprovalStatus::Expired;
                let mut changes = Changes::new(workspace, now, run);
                changes.enter(
                    Draft::new(
                        Principal::System,
                        Verb::ApprovalExpired,
                        Object::new("approval", id),
                    )
                    .in_run(approval.run)
                    .with(json!({
                        "item": approval.item,
                        "then": approval.rule.on_expiry,
                        "before": {"status": ApprovalStatus::Open},
                        "after": {"status": approval.status},
                    })),
                );
                let reason = SkipReason::ApprovalExpired;
                services.follow(tx, &mut changes, &mut approval, reason).await?;
                changes.write(tx, &services.ids).await?;
                Ok(true)
            })
        })
        .await
    }
}

fn go_on(changes: &mut Changes, mut item: Item, approval: &Approval) -> Result<(), ServiceError> {
    changes.step(&mut item, ItemMove::Approve)?;
    // What a policy asked for answers no question of the definition or of the actioner.
    item.approved |= approval.policy.is_none();
    // Whoever approves was told when the receiver no longer knows the key; silence was told nothing.
    if approval.status == ApprovalStatus::Approved {
        item.first_sent_at = None;
    }
    item.not_before = changes.now();
    changes.keep(item);
    Ok(())
}

fn skip(
    changes: &mut Changes,
    mut item: Item,
    approval: &Approval,
    reason: SkipReason,
) -> Result<(), ServiceError> {
    changes.step(&mut item, ItemMove::Skip)?;
    item.skip_reason = Some(reason);
    let payload: Option<Value> = Some(json!({"reason": reason}));
    changes.enter_item(Principal::System, Verb::ItemSkipped, &item, payload);
    let cause = match approval.status {
        ApprovalStatus::Expired => Cause::ApprovalExpired,
        _ => Cause::ApprovalDismissed,
    };
    changes.raise(Raised::not_approved(&item, approval.id, cause));
    changes.keep(item);
    Ok(())
}

fn decided(actor: Principal, approval: &Approval, decision: &Decision) -> Draft {
    let verb = match decision.verdict {
        Verdict::Approve => Verb::ApprovalApproved,
        Verdict::Dismiss => Verb::ApprovalDismissed,
    };
    Draft::new(actor, verb, Object::new("approval", approval.id)).in_run(approval.run).with(json!({
        "decision": decision.id,
        "item": approval.item,
        "action_digest": approval.action_digest,
        "reason": given(&decision.reason),
        "before": {"status": ApprovalStatus::Open},
        "after": {"status": approval.status},
    }))
}
