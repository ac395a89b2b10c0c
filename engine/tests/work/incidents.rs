//! Incidents: each abnormal end raises exactly one, with its facts, and doing it again raises none.

use chrono::Duration;
use domain::{
    approval::Verdict,
    audit::{Entry, Verb},
    id::RunId,
    incident::{Cause, Incident, IncidentFilter, IncidentType, Phase, Policy, Severity},
    item::ItemState,
    member::Role,
    page::Seek,
    run::RunStatus,
};
use engine::{both_databases, services::DecisionRequest};

use crate::{
    house::{House, replica},
    receiver::{Plan, Receiver},
    remote::{delivering, settle_in_time},
    reports,
};

const ASKING: &str = "approval: { before-action: { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss } }";

/// The incidents of a run, oldest first.
pub async fn incidents(house: &House, run: RunId) -> Vec<Incident> {
    let filter = IncidentFilter::of_run(run);
    let found = house.services.incidents(house.host, &filter, Seek::First, 200).await.unwrap();
    let mut incidents = found.page.rows;
    incidents.reverse();
    incidents
}

/// How many abnormal ends the audit log tells of.
fn abnormal_ends(entries: &[Entry]) -> usize {
    let said = |entry: &Entry, fact: &str| entry.payload.as_ref()?.get(fact).cloned();
    let refused = ["dismissed-by-approver", "approval-expired"];
    let is_abnormal = |entry: &&Entry| match entry.verb {
        Verb::ItemFailed | Verb::AttemptFenced | Verb::RunKilled => true,
        // An item that is given up has failed, which is told by itself.
        Verb::ItemInterrupted => said(entry, "queued_again") == Some(true.into()),
        Verb::ItemSkipped => {
            said(entry, "reason").is_some_and(|reason| refused.iter().any(|word| reason == *word))
        }
        Verb::RunFailed => said(entry, "cause").is_some(),
        _ => false,
    };
    entries.iter().filter(is_abnormal).count()
}

/// Checks that every abnormal end of a run has its incident, and the incident its entry.
pub async fn complete(house: &House, run: RunId) {
    let (entries, incidents) = (house.entries(run).await, incidents(house, run).await);
    assert_eq!(incidents.len(), abnormal_ends(&entries), "{entries:#?}");
    assert_eq!(house.run(run).await.tally.incidents, incidents.len() as i64);
    for incident in &incidents {
        let id = incident.id.to_string();
        let entered: Vec<_> = entries.iter().filter(|entry| entry.object.id == id).collect();
        assert_eq!(entered.len(), 1);
        let payload = entered[0].payload.as_ref().unwrap();
        assert_eq!(payload["digests"][format!("incidents/{id}")], incident.digest().as_str());
        let entry = incident.cause.entry();
        assert_eq!((incident.phase, incident.policy), (entry.phase, entry.policy));
        assert_eq!(incident.presentation, entry.presentation());
    }
}

both_databases! {
    async fn an_item_that_fails_for_good_raises_one_and_its_tries_before_none(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        receiver.plan([Plan::Refuse(503); 3]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        let [incident] = &incidents(&house, run).await[..] else { panic!("one incident") };
        assert_eq!((incident.kind, incident.severity), (IncidentType::StepError, Severity::Medium));
        assert_eq!((incident.cause, incident.phase), (Cause::ReceiverUnavailable, Phase::External));
        assert_eq!(incident.policy, Policy::RetryIsSafe);
        assert_eq!(incident.facts.http_status, Some(503));
        assert_eq!((incident.facts.tries, incident.facts.step), (Some(3), Some(1)));
        assert_eq!(incident.item, Some(house.items(run).await[0].id));
        let automation = house.run(run).await.automation;
        assert_eq!((incident.run, incident.automation), (Some(run), Some(automation)));
        complete(&house, run).await;
        house.settle().await;
        assert_eq!(incidents(&house, run).await.len(), 1, "looking again raises none");
    }

    async fn a_retry_that_fails_again_raises_another(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        receiver.plan([Plan::Refuse(503); 6]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        assert!(reports::retry(&house, run).await);
        settle_in_time(&house).await;
        let found = incidents(&house, run).await;
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].facts.round, found[1].facts.round), (Some(0), Some(1)));
        complete(&house, run).await;
        reports::recount(&house, run).await;
    }

    async fn what_the_receiver_refuses_is_a_rejection_and_what_is_not_listed_a_denial(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        receiver.plan([Plan::Refuse(422)]);
        let refused = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        let incident = incidents(&house, refused).await.remove(0);
        assert_eq!((incident.kind, incident.cause), (IncidentType::ToolRejection, Cause::ReceiverRefused));
        house.services.remove_destination(house.host, &receiver.address).await.unwrap();
        let denied = house.event("e-2", None).await[0];
        settle_in_time(&house).await;
        let incident = incidents(&house, denied).await.remove(0);
        assert_eq!((incident.kind, incident.cause), (IncidentType::PolicyDenial, Cause::DestinationRefused));
        assert_eq!(incident.severity, Severity::High);
        for run in [refused, denied] {
            complete(&house, run).await;
        }
    }

    async fn a_hung_receiver_is_a_timeout(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        receiver.plan([Plan::Hold, Plan::Hold, Plan::Hold]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        (0..3).for_each(|_| receiver.release());
        let incident = incidents(&house, run).await.remove(0);
        assert_eq!((incident.kind, incident.cause), (IncidentType::ToolTimeout, Cause::ReplyTimeout));
        assert_eq!(incident.policy, Policy::RetryIsSafe, "the receiver honours the key");
        complete(&house, run).await;
    }

    async fn a_run_that_cannot_proceed_raises_one_and_its_skipped_items_none(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(
            "key: broken\nname: Broken\ntrigger: { kind: governed-event, type: checked }\n\
             subjects: { from: register, kind: account }\ncondition: subject.nothing.there == 1\n\
             action: { actioner: findings.create, with: { title: Look, severity: low } }\n",
        ).await;
        house.accounts(3).await;
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        assert_eq!(house.run(run).await.status, RunStatus::Failed);
        let [incident] = &incidents(&house, run).await[..] else { panic!("one incident") };
        assert_eq!((incident.cause, incident.phase), (Cause::ConditionNotEvaluated, Phase::Match));
        assert_eq!((incident.item, incident.severity), (None, Severity::High));
        assert!(incident.facts.message.contains("account/ACC-0001"), "{}", incident.facts.message);
        complete(&house, run).await;
    }

    async fn a_dismissed_approval_and_one_nobody_decided_are_rejections(db: TestStore) {
        let (house, _receiver) = delivering(&db, ASKING).await;
        house.accounts(2).await;
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        let item = house.items(run).await[0].id;
        let approval = house.services.approvals_of_item(house.host, item).await.unwrap().remove(0);
        let dismissal = DecisionRequest {
            approval: approval.id,
            verdict: Verdict::Dismiss,
            reason: "does not apply".into(),
            action_digest: approval.action_digest.clone(),
        };
        house.services.decide(house.acting(Role::Approver), dismissal).await.unwrap();
        house.clock.advance(Duration::days(8));
        house.settle().await;
        let found = incidents(&house, run).await;
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|incident| incident.kind == IncidentType::ToolRejection));
        assert_eq!((found[0].cause, found[0].severity), (Cause::ApprovalDismissed, Severity::Low));
        assert_eq!((found[1].cause, found[1].severity), (Cause::ApprovalExpired, Severity::Medium));
        complete(&house, run).await;
        reports::recount(&house, run).await;
    }

    async fn a_worker_that_disappears_leaves_its_facts_and_its_late_answer_is_fenced(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        receiver.plan([Plan::Hold]);
        let run = house.event("e-1", None).await[0];
        let paused = house.engine.clone();
        let first = tokio::spawn(async move { paused.run_until_idle().await });
        receiver.arrival().await;
        house.clock.advance(Duration::seconds(31));
        let (_, other) = replica(&db.store, &house.clock, "worker-2");
        other.run_until_idle().await.unwrap();
        let [lost] = &incidents(&house, run).await[..] else { panic!("one incident") };
        assert_eq!((lost.kind, lost.cause), (IncidentType::Interrupted, Cause::WorkerLost));
        assert_eq!(lost.policy, Policy::AutomaticRetry);
        let facts = lost.facts.interruption.as_ref().unwrap();
        assert_eq!(facts.worker.as_deref(), Some("worker-1"));
        assert_eq!((facts.in_flight, facts.silent_ms), (1, Some(31_000)));
        assert_eq!(facts.last_durable_step, "attempt 1 started");
        assert!(facts.queued_again && facts.leases.is_empty());
        receiver.release();
        first.await.unwrap().unwrap();
        let found = incidents(&house, run).await;
        let (fenced, mut causes) = (found.iter().find(|i| i.kind == IncidentType::Fenced), Vec::new());
        causes.extend(found.iter().map(|incident| incident.cause));
        causes.sort();
        assert_eq!(causes, [Cause::WorkerLost, Cause::AnswerTooLate]);
        assert_eq!(fenced.unwrap().policy, Policy::NoneNeeded);
        complete(&house, run).await;
        reports::recount(&house, run).await;
        assert_eq!(house.items(run).await[0].state, ItemState::Succeeded);
    }

    async fn an_interruption_that_must_not_be_repeated_is_to_be_settled_by_hand(db: TestStore) {
        let house = House::new(&db).await;
        let receiver = Receiver::start().await;
        house.services.allow_destination(house.host, &receiver.address, true).await.unwrap();
        house.apply(&format!(
            "key: once\nname: Once\ntrigger: {{ kind: governed-event, type: checked }}\n\
             subjects: {{ from: register, kind: account }}\n\
             action: {{ actioner: evidence.request-claim, with: {{ claim: x, \
             deliver: {{ url: '{}/requests', keyed: false }} }} }}\n",
            receiver.address
        )).await;
        house.accounts(1).await;
        receiver.plan([Plan::Hold]);
        let run = house.event("e-1", None).await[0];
        let paused = house.engine.clone();
        let first = tokio::spawn(async move { paused.run_until_idle().await });
        receiver.arrival().await;
        house.clock.advance(Duration::seconds(45));
        let (_, other) = replica(&db.store, &house.clock, "worker-2");
        other.run_until_idle().await.unwrap();
        let [unknown] = &incidents(&house, run).await[..] else { panic!("one, for attempt and item") };
        assert_eq!((unknown.cause, unknown.severity), (Cause::OutcomeUnknown, Severity::High));
        assert_eq!(unknown.policy, Policy::SettleByHand);
        let facts = unknown.facts.interruption.as_ref().unwrap();
        assert_eq!((facts.queued_again, facts.silent_ms), (false, Some(45_000)));
        assert_eq!(unknown.facts.failure.as_ref().unwrap().code, "interrupted");
        receiver.release();
        first.await.unwrap().unwrap();
        assert_eq!(incidents(&house, run).await.len(), 2, "the late answer is kept as one of its own");
        complete(&house, run).await;
        reports::recount(&house, run).await;
        assert_eq!(reports::reports(&house, run).await.len(), 1);
    }
}
