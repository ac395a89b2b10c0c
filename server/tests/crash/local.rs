//! Local items: whatever the moment, an effect and its outcome are there together or not at all.

use engine::both_databases;

use crate::{
    process::{Death, Worker},
    scene::Scene,
};

/// Two batches, so that the second time of a point lies between finished and unfinished work.
const ITEMS: usize = 600;

async fn dies(db: engine::testing::TestStore, point: &'static str, hit: u32) {
    let scene = Scene::local(&db, ITEMS).await;
    let death = Death { point, hit };
    Worker::start(&db.address, Some(death), 0).died_at(death).await;
    let heir = Worker::start(&db.address, None, 60);
    scene.ended().await;
    heir.stop().await;
    scene.is_whole().await;
}

both_databases! {
    async fn killed_at_c1_before_the_claim_is_committed(db: TestStore) {
        dies(db, "C1", 2).await;
    }

    async fn killed_at_c2_after_the_claim(db: TestStore) {
        dies(db, "C2", 1).await;
    }

    async fn killed_at_c4_before_anything_is_written(db: TestStore) {
        dies(db, "C4", 2).await;
    }

    async fn killed_at_c6_before_the_effect_is_written(db: TestStore) {
        dies(db, "C6", 1).await;
    }

    async fn killed_at_c7_before_the_outcome_is_committed(db: TestStore) {
        dies(db, "C7", 2).await;
    }

    async fn killed_at_c8_after_the_outcome_is_committed(db: TestStore) {
        dies(db, "C8", 1).await;
    }
}
