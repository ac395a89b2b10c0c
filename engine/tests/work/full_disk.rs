//! A database without room: nothing is written by halves, it is taken up again, and one incident says so.

use chrono::Duration;
use domain::{
    id::RunId,
    incident::{Cause, Incident, IncidentFilter, IncidentType, Phase, Policy, Severity},
    item::ItemState,
    page::Seek,
};
use engine::both_databases;
use serde_json::json;

use crate::{
    house::House,
    receiver::{Plan, Receiver},
    reports,
};

/// What does not fit any more: the claim and the start of an item do.
const MUCH: usize = 60_000;

async fn an_account_with_much_to_say(house: &House) {
    let notes = "x".repeat(MUCH);
    house.import("account", &[json!({"key": "ACC-0001", "notes": notes})]).await;
}

/// The one incident of a run.
async fn incident(house: &House, run: RunId) -> Incident {
    let filter = IncidentFilter::of_run(run);
    let found = house.services.incidents(house.host, &filter, Seek::First, 9).await.unwrap();
    let [incident] = &found.page.rows[..] else { panic!("one incident: {found:?}") };
    incident.clone()
}

/// All five layers of it.
fn tells_of_a_full_database(incident: &Incident) {
    let (kind, cause) = (incident.kind, incident.cause);
    assert_eq!((kind, cause), (IncidentType::MemoryWriteFailed, Cause::StorageFull));
    assert_eq!((incident.severity, incident.phase), (Severity::High, Phase::Record));
    assert_eq!(incident.policy, Policy::AutomaticRetry);
    assert_eq!(incident.presentation, cause.entry().presentation());
    assert_eq!(incident.facts.failure.as_ref().unwrap().code, "storage-full");
    assert_eq!((incident.facts.attempt, incident.facts.step), (Some(1), Some(1)));
    assert!(incident.facts.message.contains("no room"), "{}", incident.facts.message);
}

both_databases! {
    async fn a_record_that_finds_no_room_is_written_later_and_told_of_once(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(
            "key: look\nname: Look\ntrigger: { kind: governed-event, type: checked }\n\
             subjects: { from: register, kind: account }\naction: { actioner: findings.create, \
             with: { title: Look, severity: low, description: '{{ subject.notes }}' } }\n",
        ).await;
        an_account_with_much_to_say(&house).await;
        let run = house.event("e-1", None).await[0];
        house.engine.take_in().await.unwrap();
        db.store.fill_disk().await.unwrap();
        assert!(house.engine.run_until_idle().await.is_err(), "there is no room");
        let items = house.items(run).await;
        assert_eq!((items[0].state, items[0].result), (ItemState::Leased, None), "nothing by halves");
        db.store.free_disk().await.unwrap();
        house.clock.advance(Duration::seconds(31));
        house.settle().await;
        assert_eq!(house.counts(run).await.succeeded, 1);
        tells_of_a_full_database(&incident(&house, run).await);
        assert_eq!(house.run(run).await.tally.incidents, 1);
        reports::recount(&house, run).await;
    }

    async fn an_answer_that_finds_no_room_is_asked_for_again_with_the_same_key(db: TestStore) {
        let house = House::new(&db).await;
        let receiver = Receiver::start().await;
        house.services.allow_destination(house.host, &receiver.address, true).await.unwrap();
        house.apply(&format!(
            "key: ask\nname: Ask\ntrigger: {{ kind: governed-event, type: checked }}\n\
             subjects: {{ from: register, kind: account }}\n\
             action: {{ actioner: evidence.request-claim, with: {{ claim: '{{{{ subject.notes }}}}', \
             deliver: {{ url: '{}/requests' }} }} }}\n",
            receiver.address
        )).await;
        an_account_with_much_to_say(&house).await;
        receiver.plan([Plan::Hold]);
        let run = house.event("e-1", None).await[0];
        let engine = house.engine.clone();
        let working = tokio::spawn(async move { engine.run_until_idle().await });
        receiver.arrival().await;
        db.store.fill_disk().await.unwrap();
        receiver.release();
        assert!(working.await.unwrap().is_err(), "there is no room");
        assert_eq!(house.items(run).await[0].state, ItemState::Started);
        db.store.free_disk().await.unwrap();
        house.clock.advance(Duration::seconds(31));
        house.settle().await;
        assert_eq!(house.items(run).await[0].state, ItemState::IdempotentReplay);
        assert_eq!(receiver.effects().len(), 1, "the receiver knows the key");
        let incident = incident(&house, run).await;
        tells_of_a_full_database(&incident);
        assert!(incident.facts.interruption.is_some_and(|found| found.queued_again));
    }
}
