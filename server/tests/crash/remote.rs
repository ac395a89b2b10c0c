//! Keyed remote items: the receiver may be called again, with the same key, and does nothing twice.

use domain::item::ItemState;
use engine::both_databases;

use crate::{
    process::{Death, Worker},
    receiver::{Kill, Receiver},
    scene::{Scene, once_each},
};

const ITEMS: usize = 40;

/// Dies at a point of its own; another process takes over.
async fn dies(db: engine::testing::TestStore, point: &'static str, hit: u32) -> usize {
    let receiver = Receiver::start().await;
    let scene = Scene::remote(&db, ITEMS, &receiver).await;
    let death = Death { point, hit };
    Worker::start(&db.address, Some(death), 0).died_at(death).await;
    recovers(&db, &scene, &receiver).await
}

/// Is killed from outside while it talks to the receiver.
async fn is_killed(db: engine::testing::TestStore, when: Kill) -> usize {
    let receiver = Receiver::start().await;
    let scene = Scene::remote(&db, ITEMS, &receiver).await;
    let worker = Worker::start(&db.address, None, 0);
    receiver.kill(when, worker.id());
    worker.was_killed().await;
    recovers(&db, &scene, &receiver).await
}

/// Answers with how many items came back as replays.
async fn recovers(db: &engine::testing::TestStore, scene: &Scene, receiver: &Receiver) -> usize {
    let heir = Worker::start(&db.address, None, 60);
    scene.ended().await;
    heir.stop().await;
    scene.is_whole().await;
    once_each(receiver, ITEMS);
    scene.tells_what_was_lost().await;
    let items = scene.all_items().await;
    items.iter().filter(|item| item.state == ItemState::IdempotentReplay).count()
}

both_databases! {
    async fn killed_at_c1_before_the_claim_is_committed(db: TestStore) {
        assert_eq!(dies(db, "C1", 1).await, 0);
    }

    async fn killed_at_c2_after_the_claim(db: TestStore) {
        assert_eq!(dies(db, "C2", 1).await, 0);
    }

    async fn killed_at_c3_before_the_start_is_committed(db: TestStore) {
        assert_eq!(dies(db, "C3", 1).await, 0);
    }

    async fn killed_at_c4_before_anything_is_sent(db: TestStore) {
        assert_eq!(dies(db, "C4", 1).await, 0);
    }

    async fn killed_at_c5_while_sending(db: TestStore) {
        is_killed(db, Kill::BeforeEffect).await;
    }

    async fn killed_at_c6_when_it_is_done_and_the_reply_is_lost(db: TestStore) {
        assert!(is_killed(db, Kill::AfterEffect).await >= 1, "a replay must have been seen");
    }

    async fn killed_at_c7_with_the_reply_in_hand(db: TestStore) {
        assert!(dies(db, "C7", 3).await >= 1, "a replay must have been seen");
    }

    async fn killed_at_c8_after_the_outcome_is_committed(db: TestStore) {
        dies(db, "C8", 3).await;
    }
}
