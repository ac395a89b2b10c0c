//! What the quarter comes out at, and what can be done with it afterwards.

use std::collections::BTreeMap;

use domain::{
    approval::{ApprovalKind, ApprovalStatus, Verdict},
    counts::Counts,
    filter::RunFilter,
    incident::{Cause, IncidentFilter, Severity},
    item::{ItemState, SkipReason},
    member::Role,
    page::{MAX_SIZE, Seek},
    period::Period,
    report::ReportOutcome,
    run::RunStatus,
};
use engine::{
    both_databases,
    services::{Brief, DecisionRequest, Fate},
};
use serde_json::json;
use server::demo::{self, Example};

use crate::house::House;

const KYC: &str = "weekly-kyc-review";
const SUPPLIERS: &str = "supplier-attestation-renewal";

/// DESIGN, section 8, written out once more: `expected.json` could be wrong too.
fn design() -> serde_json::Value {
    json!({
        "automations": {
            "weekly-kyc-review": {
                "runs": 13, "items": 620,
                "outcomes": {"succeeded": 590, "skipped": 12, "awaiting-approval": 18},
            },
            "aml-monitor-failure": {"runs": 23, "items": 23, "outcomes": {"succeeded": 23}},
            "supplier-attestation-renewal": {"runs": 3, "items": 28, "outcomes": {"succeeded": 28}},
            "post-exception-assessment": {"runs": 7, "items": 7, "outcomes": {"succeeded": 7}},
            "post-incident-review-check": {
                "runs": 9, "items": 9, "outcomes": {"skipped": 7, "succeeded": 2},
            },
            "regulator-rule-change-intake": {
                "runs": 4, "items": 4, "outcomes": {"succeeded": 3, "skipped": 1},
            },
        },
        "totals": {"runs": 59, "items": 691, "actions_invoked": 678},
        "incidents": {"step_error": 18, "tool_rejection": 1},
    })
}

both_databases! {
    async fn the_quarter_comes_out_exactly_as_the_design_says(db: TestStore) {
        let house = House::new(&db).await;
        let table = demo::table(&house.services, house.standing.host).await.unwrap();
        assert_eq!(serde_json::to_value(&table).unwrap(), design());
        assert_eq!(demo::expected(Example::CreditUnion).unwrap(), table);
        assert_eq!(house.effects().len(), 590);
        the_brief_says_the_same(&house).await;
        assert!(house.services.verify_audit(house.standing.host).await.unwrap().is_ok());
        every_ended_round_has_a_report_and_every_abnormal_end_an_incident(&house).await;
        let seen = look_at_every_item(&house).await;
        assert!(seen.sizes[KYC].iter().all(|size| (30..=80).contains(size)), "{seen:?}");
        assert!(seen.sizes[SUPPLIERS].iter().all(|size| (5..=15).contains(size)), "{seen:?}");
        assert_eq!(seen.skipped, BTreeMap::from([
            (SkipReason::ConditionNoLongerHolds, 12),
            (SkipReason::AlreadyExists, 7),
            (SkipReason::DismissedByApprover, 1),
        ]));
    }

    async fn approving_the_18_recovers_each_with_one_effect_at_the_receiver(db: TestStore) {
        let mut house = House::new(&db).await;
        let before = house.effects();
        house.restart_the_receiver().await;
        let waiting = house.open_approvals().await;
        assert_eq!(waiting.len(), 18);
        assert!(waiting.iter().all(|approval| approval.kind == ApprovalKind::Retry));
        let owner = house.acting(Role::Owner).await;
        for approval in &waiting {
            let request = DecisionRequest {
                approval: approval.id,
                verdict: Verdict::Approve,
                reason: String::new(),
                action_digest: approval.action_digest.clone(),
            };
            let decided = house.services.decide(owner, request).await.unwrap();
            assert_eq!(decided.status, ApprovalStatus::Approved);
        }
        house.engine.run_until_idle().await.unwrap();

        let after = house.effects();
        assert_eq!((before.len(), after.len()), (590, 608));
        assert!(before.is_subset(&after));
        let run = house.services.run(owner, waiting[0].run).await.unwrap().run;
        assert_eq!((run.status, run.round), (RunStatus::Completed, 1));
        for approval in &waiting {
            let item = house.services.item(owner, approval.run, approval.item).await.unwrap();
            assert_eq!(item.item.state, ItemState::Succeeded, "{:?}", item.item.failure);
            assert_eq!(item.attempts.len(), 5, "four tries in the outage and the one that did it");
            let key = item.item.effect_key.unwrap();
            assert!(after.contains(&key) && !before.contains(&key));
            let evidence = item.result.unwrap().attributes;
            assert!(evidence["acknowledgement"]["receipt"].is_string(), "{evidence}");
        }
        let table = demo::table(&house.services, owner).await.unwrap();
        let expected = BTreeMap::from([("skipped".to_owned(), 12), ("succeeded".to_owned(), 608)]);
        assert_eq!(table.automations[KYC].outcomes, expected);
        assert_eq!(table.totals.actions_invoked, 678);
        assert!(house.services.verify_audit(owner).await.unwrap().is_ok());
    }
}

/// 59 rounds have ended, 58 of them for good: the run of the outage was retried and goes on. The 18 items
/// of the outage raised an incident each, and so did the action that an approver dismissed.
async fn every_ended_round_has_a_report_and_every_abnormal_end_an_incident(house: &House) {
    let (services, host) = (&house.services, house.standing.host);
    let runs = services.runs(host, &RunFilter::default(), Seek::First, MAX_SIZE).await.unwrap();
    let mut outcomes = BTreeMap::new();
    for run in &runs.page.rows {
        let reports = services.run_reports(host, run.id).await.unwrap();
        let ended = run.round + i64::from(run.status.is_terminal());
        assert_eq!(reports.len() as i64, ended, "{}", run.id);
        reports.iter().for_each(|report| *outcomes.entry(report.outcome).or_insert(0) += 1);
    }
    assert_eq!(
        outcomes,
        BTreeMap::from([(ReportOutcome::Success, 58), (ReportOutcome::Partial, 1)])
    );
    let all = IncidentFilter::default();
    let raised = services.incidents(host, &all, Seek::First, MAX_SIZE).await.unwrap().page.rows;
    let mut causes = BTreeMap::new();
    raised.iter().for_each(|incident| *causes.entry(incident.cause).or_insert(0) += 1);
    assert_eq!(
        causes,
        BTreeMap::from([(Cause::ApprovalDismissed, 1), (Cause::ReceiverUnavailable, 18)])
    );
    assert!(
        raised
            .iter()
            .all(|incident| incident.presentation == incident.cause.entry().presentation())
    );
    let counts = services.incident_counts(host, &all).await.unwrap();
    assert_eq!(counts, [(Severity::Low, 1), (Severity::Medium, 18)]);
}

/// The brief of the quarter, against the design and against the list.
async fn the_brief_says_the_same(house: &House) {
    let host = house.standing.host;
    let period = Period::quarter_of("2026-07-01".parse().unwrap());
    let brief = house.services.brief(host, period).await.unwrap();
    let counts = brief.total.counts;
    assert_eq!((brief.total.runs, counts.subjects_matched, counts.actions_invoked), (59, 691, 678));
    let filter = Brief::filter(period);
    let listed = house.services.runs(host, &filter, Seek::First, MAX_SIZE).await.unwrap().page.rows;
    let mut sum = Counts::default();
    listed.iter().for_each(|run| sum += run.counts);
    assert_eq!((listed.len() as i64, sum), (brief.total.runs, counts));
    let waiting: Vec<_> = brief.failed.iter().map(|failed| (failed.fate, failed.items)).collect();
    assert_eq!(waiting, [(Fate::AwaitingApproval, 18)]);
    assert!(!brief.approvals.is_empty() && !brief.reasons.is_empty());
}

/// What looking at the items one by one gives.
#[derive(Debug, Default)]
struct Seen {
    /// Items of every run, by automation.
    sizes: BTreeMap<String, Vec<i64>>,
    skipped: BTreeMap<SkipReason, i64>,
}

async fn look_at_every_item(house: &House) -> Seen {
    let filter = RunFilter::default();
    let runs = house.services.runs(house.standing.host, &filter, Seek::First, MAX_SIZE).await;
    let runs = runs.unwrap();
    let mut seen = Seen::default();
    for run in &runs.page.rows {
        let items = house.items(run.id).await;
        assert_eq!(run.counts, Counts::recount(&items));
        let key = runs.automations[&run.automation].key.clone();
        seen.sizes.entry(key).or_default().push(run.counts.subjects_matched);
        for reason in items.iter().filter_map(|item| item.skip_reason) {
            *seen.skipped.entry(reason).or_default() += 1;
        }
    }
    seen
}
