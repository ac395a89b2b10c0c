//! Remote items: sent with the same key until the receiver took them, never doubled.

use chrono::Duration;
use domain::{
    audit::Verb,
    id::RunId,
    item::{ItemState, ReplayEvidence},
    origin::{Origin, TraceId},
    problem::FailureKind,
    run::RunStatus,
};
use engine::{both_databases, origin};

use crate::{
    house::{House, replica},
    receiver::{Plan, Receiver},
};

/// A house whose automation delivers evidence requests to a receiver.
pub async fn delivering(db: &engine::testing::TestStore, more: &str) -> (House, Receiver) {
    let house = House::new(db).await;
    let receiver = Receiver::start().await;
    house.services.allow_destination(house.host, &receiver.address, true).await.unwrap();
    let yaml = format!(
        r"
key: request-evidence
name: Request evidence
trigger: {{ kind: governed-event, type: checked }}
subjects: {{ from: register, kind: account }}
condition: subject.status == 'active'
action:
  actioner: evidence.request-claim
  with:
    claim: 'Identity of {{{{ subject.key }}}}'
    deliver: {{ url: '{}/requests' }}
retry: {{ max-attempts: 3, backoff: {{ initial: PT30S, max: PT1M }} }}
on-item-failure: close
{more}
",
        receiver.address
    );
    house.apply(&yaml).await;
    (house, receiver)
}

/// Settles, and moves the clock on whenever something is due later, until nothing is.
pub async fn settle_in_time(house: &House) {
    loop {
        house.settle().await;
        match house.engine.next_due().await.unwrap() {
            Some(due) if due > house.clock.now() => house.clock.advance_to(due),
            _ => return,
        }
    }
}

async fn outcome(house: &House, run: RunId) -> (RunStatus, ItemState) {
    (house.run(run).await.status, house.items(run).await[0].state)
}

both_databases! {
    async fn the_trace_of_an_event_goes_on_at_the_receiver_and_stands_in_its_entries(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        house.event("e-0", None).await;
        settle_in_time(&house).await;
        assert_eq!((receiver.requests(), receiver.traces().len()), (1, 1), "it has a trace of its own");
        let trace: TraceId = "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap();
        let told = Origin { request: Some(uuid::Uuid::from_u128(9)), trace: Some(trace) };
        receiver.plan([Plan::Refuse(503)]);
        let run = origin::within(told, house.event("e-1", None)).await[0];
        settle_in_time(&house).await;
        let traces = receiver.traces();
        assert_eq!(traces.len(), 3, "every attempt names it");
        assert_ne!(traces[1], traces[2], "each is a part of it by itself");
        for said in &traces[1..] {
            assert_eq!(TraceId::from_traceparent(said), Some(trace));
        }
        let detail = house.services.run(house.host, run).await.unwrap();
        assert_eq!(detail.event.trace, Some(trace));
        let entries = house.entries(run).await;
        let said: Vec<_> = entries.iter().map(|e| (e.verb, e.said("trace"), e.said("request"))).collect();
        assert_eq!(said[0].0, Verb::RunCreated);
        assert_eq!(said[0].1, Some(trace.to_string()));
        assert_eq!(said[0].2, Some("00000000000000000000000000000009".to_owned()));
        assert!(said[1..].iter().all(|(_, trace, request)| trace.is_none() && request.is_none()));
    }

    async fn a_request_is_delivered_and_entered_with_its_acknowledgement(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(5).await;
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        assert_eq!(house.counts(run).await.succeeded, 5);
        assert_eq!(receiver.effects().len(), 5);
        let item = &house.items(run).await[0];
        let detail = house.services.item(house.host, run, item.id).await.unwrap();
        let request = detail.result.unwrap();
        assert_eq!(request.kind, "evidence-request");
        assert_eq!(request.attributes["acknowledgement"]["status"], 200);
        assert!(receiver.effects().iter().any(|key| key.contains(item.effect_key.as_ref().unwrap())));
    }

    async fn an_outage_is_waited_out(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        receiver.plan([Plan::Refuse(503), Plan::Refuse(503)]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        assert_eq!(outcome(&house, run).await, (RunStatus::Completed, ItemState::Succeeded));
        assert_eq!((receiver.requests(), receiver.effects().len()), (3, 1));
        let item = house.items(run).await[0].id;
        let attempts = house.services.item(house.host, run, item).await.unwrap().attempts;
        assert_eq!(attempts.len(), 3);
        let pause = attempts[1].started_at - attempts[0].ended_at;
        assert!(pause >= Duration::seconds(15) && pause <= Duration::seconds(30), "{pause}");
    }

    async fn a_lost_reply_ends_as_a_replay_with_its_evidence(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        receiver.plan([Plan::LoseReply]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        let expected = (RunStatus::Completed, ItemState::IdempotentReplay);
        assert_eq!(outcome(&house, run).await, expected);
        assert_eq!(receiver.effects().len(), 1);
        let item = &house.items(run).await[0];
        assert_eq!(item.replay_evidence, Some(ReplayEvidence::RemoteReplayHeader));
        let detail = house.services.item(house.host, run, item.id).await.unwrap();
        let lost = detail.attempts[0].failure.as_ref().unwrap();
        assert_eq!(lost.kind, FailureKind::Unknown);
        assert_eq!(detail.result.unwrap().attributes["acknowledgement"]["receipt"], "R-1");
    }

    async fn a_refusal_is_final_at_once(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        receiver.plan([Plan::Refuse(422)]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        let expected = (RunStatus::CompletedWithFailures, ItemState::Failed);
        assert_eq!(outcome(&house, run).await, expected);
        assert_eq!(receiver.requests(), 1);
        assert_eq!(house.items(run).await[0].failure.as_ref().unwrap().code, "http-422");
    }

    async fn a_worker_that_lost_its_lease_changes_nothing(db: TestStore) {
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
        assert_eq!(outcome(&house, run).await.1, ItemState::Succeeded);
        receiver.release();
        first.await.unwrap().unwrap();
        assert_eq!(receiver.effects().len(), 1);
        assert_eq!(outcome(&house, run).await, (RunStatus::Completed, ItemState::Succeeded));
        let verbs = house.verbs(run).await;
        assert!(verbs.contains(&"item.interrupted") && verbs.contains(&"attempt.fenced"), "{verbs:?}");
        assert_eq!(house.counts(run).await.succeeded, 1);
        let figures = db.store.meter().read();
        assert_eq!((figures.rescued, figures.fenced), (1, 1));
        let outcomes: Vec<_> = figures.outcomes().filter(|(_, count)| *count > 0).collect();
        assert_eq!(outcomes, [(ItemState::Succeeded, 1)], "the late answer is no outcome");
    }

    async fn a_receiver_that_is_not_listed_is_never_reached(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.services.remove_destination(house.host, &receiver.address).await.unwrap();
        house.accounts(1).await;
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        assert_eq!(receiver.requests(), 0);
        let failure = house.items(run).await[0].failure.clone().unwrap();
        assert_eq!(failure.kind, FailureKind::Deterministic);
        assert!(failure.code.starts_with("net-"), "{failure}");
    }
}
