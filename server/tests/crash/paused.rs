//! A process that stands still for longer than its lease, and wakes up when others have done its work.

use domain::{
    attempt::AttemptEnd,
    incident::{Cause, IncidentType},
};
use engine::{both_databases, testing::TestStore};

use crate::{
    process::{Worker, signal, until},
    receiver::Receiver,
    scene::{Scene, once_each},
};

/// As many as one process calls at a time.
const ITEMS: usize = 8;

/// Stops a process between its transactions. The one lock of an SQLite file is nobody's to take from a
/// process that stands still within one; Postgres ends such a transaction by itself.
async fn freeze(db: &TestStore, process: &Worker) {
    until("it to stand still without the lock", async || {
        signal(process.id(), "STOP");
        until("it to stand still", async || process.stands_still()).await;
        let is_free = db.store.begin().await.is_ok();
        if !is_free {
            signal(process.id(), "CONT");
        }
        is_free
    })
    .await;
}

both_databases! {
    async fn a_process_that_wakes_after_its_lease_is_fenced_and_changes_nothing(db: TestStore) {
        let receiver = Receiver::start().await;
        let scene = Scene::remote(&db, ITEMS, &receiver).await;
        receiver.hold(true);
        let sleeper = Worker::start(&db.address, None, 0);
        until("its requests to arrive", async || receiver.requests() == ITEMS).await;
        freeze(&db, &sleeper).await;
        receiver.hold(false);
        until("the effects", async || receiver.effects().len() == ITEMS).await;
        let heir = Worker::start(&db.address, None, 60);
        scene.ended().await;
        let before = scene.all_items().await;
        scene.tells_what_was_lost().await;
        signal(sleeper.id(), "CONT");
        until("its answers", async || {
            let mut incidents = scene.incidents().await;
            incidents.retain(|incident| incident.kind == IncidentType::Fenced);
            assert!(incidents.iter().all(|incident| {
                incident.cause == Cause::AnswerTooLate && incident.facts.attempt == Some(1)
            }));
            incidents.len() == ITEMS
        })
        .await;
        assert_eq!(scene.all_items().await, before, "late answers change nothing");
        for item in before {
            let detail = scene.services.item(scene.host, scene.run, item.id).await.unwrap();
            let late = detail.attempts.iter().filter(|attempt| attempt.end == AttemptEnd::Late);
            assert_eq!(late.count(), 1, "what it says is kept");
        }
        sleeper.stop().await;
        heir.stop().await;
        scene.is_whole().await;
        once_each(&receiver, ITEMS);
    }
}
