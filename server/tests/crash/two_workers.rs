//! Two processes on one Postgres share the work without doubling any of it.

use std::collections::HashSet;

use engine::{store::Backend, testing::fresh};

use crate::{
    process::{Worker, until},
    receiver::Receiver,
    scene::{Scene, once_each},
};

const ITEMS: usize = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_one_postgres() {
    let Some(db) = fresh(Backend::Postgres).await else { return };
    let receiver = Receiver::start().await;
    let scene = Scene::remote(&db, ITEMS, &receiver).await;
    let workers = [Worker::start(&db.address, None, 0), Worker::start(&db.address, None, 0)];
    until("the receiver to be called", async || !receiver.effects().is_empty()).await;
    scene.ended().await;
    for worker in workers {
        worker.stop().await;
    }
    scene.is_whole().await;
    once_each(&receiver, ITEMS);
    let mut names = HashSet::new();
    for item in scene.all_items().await {
        let detail = scene.services.item(scene.host, scene.run, item.id).await.unwrap();
        assert_eq!(detail.attempts.len(), 1);
        names.extend(detail.attempts.into_iter().map(|attempt| attempt.worker));
    }
    assert_eq!(names.len(), 2, "both took part: {names:?}");
}
