//! Retrying: the plan says what is safe, and a retry does what the plan said or nothing.

use chrono::Duration;
use domain::{
    approval::Verdict,
    audit::Verb,
    id::RunId,
    item::ItemState,
    member::Role,
    retry::{PlanVerdict, RetryPlan},
    run::RunStatus,
};
use engine::{
    both_databases,
    services::{DecisionRequest, Retried, RetryRequest, ServiceError},
};

use crate::{
    house::House,
    receiver::Plan,
    remote::{delivering, settle_in_time},
};

const APPROVED: &str =
    "approval: { retries: { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss } }";

async fn plan(house: &House, run: RunId) -> RetryPlan {
    house.services.retry_plan(house.host, run).await.unwrap()
}

async fn retry(house: &House, run: RunId, digest: &str) -> Result<Retried, ServiceError> {
    let request = RetryRequest {
        run,
        plan_digest: digest.to_owned(),
        acknowledged: Vec::new(),
        reason: "the receiver is back".into(),
    };
    house.services.retry(house.acting(Role::Operator), request).await
}

/// A run with one item that failed because the receiver was away.
async fn failed(house: &House, receiver: &crate::receiver::Receiver) -> RunId {
    house.accounts(1).await;
    receiver.plan([Plan::Refuse(503); 3]);
    let run = house.event("e-1", None).await[0];
    settle_in_time(house).await;
    assert_eq!(house.run(run).await.status, RunStatus::CompletedWithFailures);
    run
}

both_databases! {
    async fn a_reason_that_cannot_be_kept_is_refused_by_its_field(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        let run = failed(&house, &receiver).await;
        let digest = plan(&house, run).await.digest;
        let ask = |reason: String| RetryRequest {
            run,
            plan_digest: digest.clone(),
            acknowledged: Vec::new(),
            reason,
        };
        let operator = house.acting(Role::Operator);
        for reason in ["x".repeat(1_001), "a\u{0}b".to_owned()] {
            let refusal = house.services.retry(operator, ask(reason)).await.unwrap_err();
            let ServiceError::Invalid(errors) = refusal else { panic!("{refusal:?}") };
            assert_eq!(errors[0].field, "reason");
        }
        house.services.retry(operator, ask("  ".to_owned())).await.unwrap();
        let entries = house.entries(run).await;
        let entry = entries.iter().rev().find(|e| e.verb == Verb::RunRetried).unwrap();
        let payload = entry.payload.as_ref().unwrap();
        assert_eq!(payload.get("reason"), None, "nothing was said");
        assert_eq!(payload["before"]["status"], "completed-with-failures");
        assert_eq!((&payload["after"]["status"], &payload["after"]["round"]), (&"running".into(), &1.into()));
    }

    async fn a_safe_retry_opens_the_next_round_and_succeeds(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        let run = failed(&house, &receiver).await;
        let plan = plan(&house, run).await;
        assert_eq!(plan.items[0].verdict, PlanVerdict::Safe);
        let retried = retry(&house, run, &plan.digest).await.unwrap();
        assert_eq!((retried.round, retried.queued), (1, 1));
        assert_eq!(house.run(run).await.status, RunStatus::Running);
        settle_in_time(&house).await;
        assert_eq!(house.run(run).await.status, RunStatus::Completed);
        assert_eq!(receiver.effects().len(), 1);
        assert_eq!(house.counts(run).await.actions_invoked, 1);
    }

    async fn a_stale_plan_is_refused_and_changes_nothing(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        let run = failed(&house, &receiver).await;
        let old = plan(&house, run).await.digest;
        retry(&house, run, &old).await.unwrap();
        receiver.plan([Plan::Refuse(503); 3]);
        settle_in_time(&house).await;
        let before = house.verbs(run).await.len();
        let error = retry(&house, run, &old).await.unwrap_err();
        assert_eq!(error.code(), "plan-changed");
        assert_eq!(house.verbs(run).await.len(), before);
        assert_eq!(house.run(run).await.round, 1);
    }

    async fn outside_the_key_window_a_retry_needs_to_be_acknowledged(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        let run = failed(&house, &receiver).await;
        house.clock.advance(Duration::hours(24));
        let plan = plan(&house, run).await;
        assert_eq!(plan.items[0].verdict, PlanVerdict::Confirm);
        let error = retry(&house, run, &plan.digest).await.unwrap_err();
        assert_eq!(error.code(), "nothing-to-retry");
        let request = RetryRequest {
            run,
            plan_digest: plan.digest.clone(),
            acknowledged: vec![plan.items[0].item],
            reason: "checked with the receiver".into(),
        };
        house.services.retry(house.acting(Role::Operator), request).await.unwrap();
        settle_in_time(&house).await;
        assert_eq!(house.run(run).await.status, RunStatus::Completed);
    }

    async fn a_safe_retry_that_waits_beyond_the_key_window_asks_again(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        let run = failed(&house, &receiver).await;
        let digest = plan(&house, run).await.digest;
        retry(&house, run, &digest).await.unwrap();
        // No worker was there for a day.
        house.clock.advance(Duration::hours(24));
        let calls = receiver.requests();
        house.settle().await;
        let item = house.items(run).await.remove(0);
        assert_eq!((item.state, item.failure.unwrap().code.as_str()), (ItemState::Failed, "key-window-over"));
        assert_eq!(receiver.requests(), calls, "nothing was sent");
        assert_eq!(plan(&house, run).await.items[0].verdict, PlanVerdict::Confirm);
    }

    async fn a_deterministic_failure_is_not_offered_as_safe(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        receiver.plan([Plan::Refuse(400)]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        assert_eq!(plan(&house, run).await.items[0].verdict, PlanVerdict::Pointless);
    }

    async fn an_item_that_had_in_truth_succeeded_comes_back_as_a_replay(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        receiver.plan([Plan::LoseReply, Plan::Refuse(503), Plan::Refuse(503)]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        assert_eq!(house.items(run).await[0].state, ItemState::Failed);
        let digest = plan(&house, run).await.digest;
        retry(&house, run, &digest).await.unwrap();
        settle_in_time(&house).await;
        assert_eq!(house.items(run).await[0].state, ItemState::IdempotentReplay);
        assert_eq!(receiver.effects().len(), 1);
    }

    async fn a_retry_that_needs_an_approval_waits_for_somebody_else(db: TestStore) {
        let (house, receiver) = delivering(&db, APPROVED).await;
        let run = failed(&house, &receiver).await;
        let plan = plan(&house, run).await;
        assert!(plan.needs_approval);
        let owner = house.acting(Role::Owner);
        let request = RetryRequest {
            run,
            plan_digest: plan.digest,
            acknowledged: Vec::new(),
            reason: "the receiver is back".into(),
        };
        let retried = house.services.retry(owner, request).await.unwrap();
        assert_eq!((retried.queued, retried.awaiting_approval), (0, 1));
        settle_in_time(&house).await;
        let item = house.items(run).await.remove(0);
        assert_eq!(item.state, ItemState::AwaitingApproval);
        let approval = house.services.approvals_of_item(house.host, item.id).await.unwrap().remove(0);
        let request = DecisionRequest {
            approval: approval.id,
            verdict: Verdict::Approve,
            reason: String::new(),
            action_digest: approval.action_digest.clone(),
        };
        // Whoever approves is told that the key is no longer known, and takes it upon them.
        house.clock.advance(Duration::hours(24));
        assert!(house.items(run).await[0].may_act_twice(house.clock.now()));
        let own = house.services.decide(owner, request.clone()).await.unwrap_err();
        assert_eq!(own.code(), "own-request");
        house.services.decide(house.acting(Role::Approver), request).await.unwrap();
        settle_in_time(&house).await;
        assert_eq!(house.items(run).await[0].state, ItemState::Succeeded);
        assert_eq!(receiver.effects().len(), 1);
        house.counts(run).await;
    }
}
