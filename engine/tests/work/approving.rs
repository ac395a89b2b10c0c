//! Approvals: bound to the exact action, by enough of the right people, in time.

use chrono::Duration;
use domain::{
    approval::{Approval, ApprovalStatus, Verdict},
    id::RunId,
    item::{ItemState, SkipReason},
    member::Role,
    page::Seek,
    run::RunStatus,
};
use engine::{
    both_databases,
    services::{DecisionRequest, NewMember, RunRequest, ServiceError},
};

use crate::{house::House, remote::settle_in_time};

fn definition(rule: &str) -> String {
    format!(
        r"
key: open-findings
name: Open findings
trigger: {{ kind: governed-event, type: checked }}
subjects: {{ from: register, kind: account }}
condition: subject.status == 'active'
action:
  actioner: findings.create
  with: {{ title: 'Look at {{{{ subject.key }}}}' }}
approval: {{ before-action: {{ {rule} }} }}
on-item-failure: close
"
    )
}

const ONE: &str = "role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss";
const TWO: &str = "role: approver, quorum: 2, expires-after: P7D, on-expiry: dismiss";
const APPROVES_ITSELF: &str = "role: approver, quorum: 1, expires-after: P7D, on-expiry: approve";

/// A run that waits for approvals, and those approvals.
async fn waiting(house: &House, rule: &str, accounts: usize) -> (RunId, Vec<Approval>) {
    house.accounts(accounts).await;
    house.apply(&definition(rule)).await;
    let run = house.event("e-1", None).await[0];
    house.settle().await;
    let open = ApprovalStatus::Open;
    let page = house.services.approvals(house.host, open, Seek::First, 50).await.unwrap();
    (run, page.rows)
}

async fn decide(
    house: &House,
    role: Role,
    approval: &Approval,
    verdict: Verdict,
) -> Result<Approval, ServiceError> {
    let request = DecisionRequest {
        approval: approval.id,
        verdict,
        reason: "looked at it".into(),
        action_digest: approval.action_digest.clone(),
    };
    house.services.decide(house.acting(role), request).await
}

both_databases! {
    async fn whoever_requested_a_run_does_not_approve_what_it_does(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(2).await;
        let manual = definition(ONE).replace("kind: governed-event, type: checked", "kind: manual-request");
        house.apply(&manual).await;
        let owner = house.acting(Role::Owner);
        let asked = house.services.request_run(owner, "open-findings", RunRequest::default());
        let run = asked.await.unwrap().runs[0];
        house.settle().await;
        let open = ApprovalStatus::Open;
        let page = house.services.approvals(house.host, open, Seek::First, 50).await.unwrap();
        let own = decide(&house, Role::Owner, &page.rows[0], Verdict::Approve).await;
        assert_eq!(own.unwrap_err().code(), "own-request");
        decide(&house, Role::Approver, &page.rows[0], Verdict::Approve).await.unwrap();
        house.settle().await;
        assert_eq!(house.counts(run).await.succeeded, 1);
    }

    async fn nothing_is_called_before_it_is_approved_and_one_goes_on_without_the_others(db: TestStore) {
        let house = House::new(&db).await;
        let (run, approvals) = waiting(&house, ONE, 3).await;
        let counts = house.counts(run).await;
        assert_eq!((counts.awaiting_approval, counts.actions_invoked), (3, 0));
        decide(&house, Role::Approver, &approvals[0], Verdict::Approve).await.unwrap();
        house.settle().await;
        let counts = house.counts(run).await;
        assert_eq!((counts.succeeded, counts.awaiting_approval), (1, 2));
        assert_eq!(house.run(run).await.status, RunStatus::Running);
        decide(&house, Role::Owner, &approvals[1], Verdict::Dismiss).await.unwrap();
        decide(&house, Role::Approver, &approvals[2], Verdict::Approve).await.unwrap();
        house.settle().await;
        let counts = house.counts(run).await;
        assert_eq!((counts.succeeded, counts.skipped, counts.actions_invoked), (2, 1, 2));
        let dismissed = house.items(run).await.into_iter().find(|i| i.state == ItemState::Skipped);
        assert_eq!(dismissed.unwrap().skip_reason, Some(SkipReason::DismissedByApprover));
        let verbs = house.verbs(run).await;
        assert!(verbs.contains(&"approval.approved") && verbs.contains(&"approval.dismissed"));
    }

    async fn two_must_agree_where_two_are_asked_for(db: TestStore) {
        let house = House::new(&db).await;
        let (run, approvals) = waiting(&house, TWO, 1).await;
        let half = decide(&house, Role::Approver, &approvals[0], Verdict::Approve).await.unwrap();
        assert_eq!(half.status, ApprovalStatus::Open);
        let again = decide(&house, Role::Approver, &approvals[0], Verdict::Approve).await;
        assert_eq!(again.unwrap_err().code(), "decided-already");
        house.settle().await;
        assert_eq!(house.counts(run).await.awaiting_approval, 1);
        let full = decide(&house, Role::Owner, &approvals[0], Verdict::Approve).await.unwrap();
        assert_eq!(full.status, ApprovalStatus::Approved);
        house.settle().await;
        assert_eq!(house.counts(run).await.succeeded, 1);
    }

    async fn an_approval_nobody_decides_ends_the_way_its_rule_says(db: TestStore) {
        let house = House::new(&db).await;
        let (run, approvals) = waiting(&house, ONE, 1).await;
        house.clock.advance(Duration::days(7));
        let late = decide(&house, Role::Approver, &approvals[0], Verdict::Approve).await;
        assert_eq!(late.unwrap_err().code(), "approval-expired");
        house.settle().await;
        let item = house.items(run).await.remove(0);
        assert_eq!(item.skip_reason, Some(SkipReason::ApprovalExpired));
        assert_eq!(house.run(run).await.status, RunStatus::Completed);
    }

    async fn a_rule_may_say_that_silence_approves(db: TestStore) {
        let house = House::new(&db).await;
        let (run, _) = waiting(&house, APPROVES_ITSELF, 1).await;
        house.clock.advance(Duration::days(7));
        settle_in_time(&house).await;
        assert_eq!(house.counts(run).await.succeeded, 1);
    }

    async fn a_decision_on_another_action_is_refused(db: TestStore) {
        let house = House::new(&db).await;
        let (_, approvals) = waiting(&house, ONE, 1).await;
        let request = DecisionRequest {
            approval: approvals[0].id,
            verdict: Verdict::Approve,
            reason: String::new(),
            action_digest: "0".repeat(64),
        };
        let error = house.services.decide(house.acting(Role::Approver), request).await.unwrap_err();
        assert_eq!(error.code(), "action-changed");
    }

    async fn named_approvers_decide_and_nobody_else(db: TestStore) {
        let house = House::new(&db).await;
        let named = "members: [chief@example.org], quorum: 1, expires-after: P7D, on-expiry: dismiss";
        let new = NewMember {
            email: "chief@example.org".into(),
            name: "Chief".into(),
            role: Role::Approver,
        };
        let chief = house.services.add_member(house.host, new).await.unwrap().member;
        let (_, approvals) = waiting(&house, named, 1).await;
        let other = decide(&house, Role::Approver, &approvals[0], Verdict::Approve).await;
        assert_eq!(other.unwrap_err().code(), "not-a-named-approver");
        let principal = domain::member::Principal::Member { id: chief.id, role: chief.role };
        let caller = engine::services::Caller { workspace: house.workspace.id, principal };
        let request = DecisionRequest {
            approval: approvals[0].id,
            verdict: Verdict::Approve,
            reason: String::new(),
            action_digest: approvals[0].action_digest.clone(),
        };
        let approved = house.services.decide(caller, request).await.unwrap();
        assert_eq!(approved.status, ApprovalStatus::Approved);
    }
}
