//! Reports: one for every round that ends, whatever the way, and none that is ever changed.

use domain::{
    attempt::AttemptEnd,
    audit::Verb,
    id::RunId,
    item::ItemState,
    member::Role,
    report::{ReportOutcome, RunReport},
    run::RunStatus,
};
use engine::{both_databases, services::RetryRequest};

use crate::{
    house::House,
    receiver::Plan,
    remote::{delivering, settle_in_time},
};

pub async fn reports(house: &House, run: RunId) -> Vec<RunReport> {
    house.services.run_reports(house.host, run).await.unwrap()
}

/// Retries whatever the plan calls safe.
pub async fn retry(house: &House, run: RunId) -> bool {
    let plan_digest = house.services.retry_plan(house.host, run).await.unwrap().digest;
    let request =
        RetryRequest { run, plan_digest, acknowledged: Vec::new(), reason: String::new() };
    house.services.retry(house.acting(Role::Operator), request).await.is_ok()
}

/// Checks every revision against a recount, and that there is one for each round that ended.
pub async fn recount(house: &House, run: RunId) {
    let (stored, items, entries) =
        (house.run(run).await, house.items(run).await, house.entries(run).await);
    let reports = reports(house, run).await;
    let ends = [Verb::RunCompleted, Verb::RunCancelled, Verb::RunClosed, Verb::RunKilled];
    let failed = usize::from(stored.status == RunStatus::Failed);
    let ended = entries.iter().filter(|entry| ends.contains(&entry.verb)).count() + failed;
    assert_eq!(reports.len(), ended, "one for each round that ended");
    let entered: Vec<_> = entries.iter().filter(|e| e.verb == Verb::ReportCreated).collect();
    assert_eq!(entered.len(), reports.len());
    for (n, (report, entry)) in reports.iter().zip(entered).enumerate() {
        assert_eq!(report.revision, n as i64 + 1);
        assert_eq!(entry.object.id, report.id.to_string());
        let payload = entry.payload.as_ref().unwrap();
        assert_eq!(payload["digests"][format!("reports/{}", report.id)], report.digest().as_str());
    }
    assert_eq!(stored.tally.reports, reports.len() as i64);
    let Some(last) = reports.last().filter(|_| stored.status.is_terminal()) else { return };
    let mut called = 0;
    for item in &items {
        let detail = house.services.item(house.host, run, item.id).await.unwrap();
        let tries = detail.attempts.iter().filter(|attempt| attempt.end != AttemptEnd::Late);
        called += tries.count() as i64;
    }
    let did = [ItemState::Succeeded, ItemState::IdempotentReplay];
    let wrote = items.iter().filter(|item| did.contains(&item.state) && item.result.is_some());
    assert_eq!(last.total_steps, items.len() as i64);
    assert_eq!(last.total_tool_invocations, called);
    assert_eq!(stored.tally.tool_invocations, called, "nor does an answer that comes later count");
    assert_eq!(last.total_memory_writes, wrote.count() as i64);
    assert_eq!(Some(last.ended_at), stored.completed_at);
    assert_eq!(Some(last.outcome), ReportOutcome::of(stored.status));
}

both_databases! {
    async fn a_run_that_completes_has_one_report_of_success(db: TestStore) {
        let (house, _receiver) = delivering(&db, "").await;
        house.accounts(3).await;
        let run = house.event("e-1", None).await[0];
        assert_eq!(reports(&house, run).await, [], "none while it goes on");
        settle_in_time(&house).await;
        let [report] = &reports(&house, run).await[..] else { panic!("one report") };
        assert_eq!((report.revision, report.outcome), (1, ReportOutcome::Success));
        assert_eq!(
            (report.total_steps, report.total_tool_invocations, report.total_memory_writes),
            (3, 3, 3)
        );
        assert_eq!(report.summary.as_deref(), Some("3 items: 3 succeeded."));
        recount(&house, run).await;
        house.settle().await;
        assert_eq!(reports(&house, run).await.len(), 1, "looking again writes none");
    }

    async fn a_retry_leaves_the_first_revision_as_it_was_and_adds_another(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(2).await;
        receiver.plan([Plan::Refuse(503); 6]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        let first = reports(&house, run).await;
        assert_eq!((first.len(), first[0].outcome), (1, ReportOutcome::Partial));
        assert_eq!((first[0].total_tool_invocations, first[0].total_memory_writes), (6, 0));
        assert!(retry(&house, run).await);
        assert_eq!(reports(&house, run).await, first, "none while the round goes on");
        settle_in_time(&house).await;
        let both = reports(&house, run).await;
        assert_eq!(both[0], first[0]);
        assert_eq!((both[1].revision, both[1].round, both[1].outcome), (2, 1, ReportOutcome::Success));
        assert_eq!(both[1].total_tool_invocations, 8, "its whole story");
        recount(&house, run).await;
    }

    async fn a_cancelled_run_and_one_that_cannot_proceed_have_theirs(db: TestStore) {
        let (house, _receiver) = delivering(
            &db,
            "approval: { before-action: { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss } }",
        ).await;
        house.accounts(2).await;
        let cancelled = house.event("e-1", None).await[0];
        house.settle().await;
        house.services.cancel(house.acting(Role::Owner), cancelled, "not now").await.unwrap();
        let report = reports(&house, cancelled).await.remove(0);
        assert_eq!(report.outcome, ReportOutcome::Cancelled);
        assert_eq!(report.summary.as_deref(), Some("Cancelled by a member. 2 items: 2 skipped."));
        recount(&house, cancelled).await;
        house.apply(
            "key: broken\nname: Broken\ntrigger: { kind: governed-event, type: checked }\n\
             subjects: { from: register, kind: account }\ncondition: subject.nothing.there == 1\n\
             action: { actioner: findings.create, with: { title: Look, severity: low } }\n",
        ).await;
        let runs = house.event("e-2", None).await;
        house.settle().await;
        let mut failed = 0;
        for run in runs {
            if house.run(run).await.status == RunStatus::Failed {
                failed += 1;
                let report = reports(&house, run).await.remove(0);
                assert_eq!(report.outcome, ReportOutcome::Failed);
                recount(&house, run).await;
            }
        }
        assert_eq!(failed, 1);
    }

    async fn a_held_run_has_its_report_when_it_is_closed(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.apply(
            &format!(
                "key: held\nname: Held\ntrigger: {{ kind: governed-event, type: checked }}\n\
                 subjects: {{ from: register, kind: account }}\n\
                 action: {{ actioner: evidence.request-claim, with: {{ claim: x, \
                 deliver: {{ url: '{}/requests' }} }} }}\non-item-failure: hold\n",
                receiver.address
            ),
        ).await;
        house.accounts(1).await;
        receiver.plan([Plan::Refuse(422), Plan::Refuse(422)]);
        let runs = house.event("e-1", None).await;
        settle_in_time(&house).await;
        let mut closed = 0;
        for run in runs {
            if house.run(run).await.is_held() {
                assert_eq!(reports(&house, run).await, [], "it has not ended");
                let run = house.services.close_run(house.host, run, "accepted").await.unwrap();
                assert_eq!(run.tally.reports, 1);
                assert_eq!(reports(&house, run.id).await[0].outcome, ReportOutcome::Partial);
                closed += 1;
            }
            recount(&house, run).await;
        }
        assert_eq!(closed, 1);
    }
}
