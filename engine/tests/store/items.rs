//! Items come back as they were stored, and are moved only by whoever read them last.

use domain::{
    effect::ActionerClass,
    id::{AttemptId, ItemId},
    item::{Item, ItemState, ReplayEvidence, SkipReason},
    page::Seek,
    problem::{Failure, FailureKind},
};
use engine::{both_databases, store::FencedItem};
use serde_json::json;

use crate::house::{House, KEYED, at, fenced, is_stale};

/// The item with a value in every column that an update stores.
fn full(house: &House, item: &Item) -> Item {
    Item {
        state: ItemState::IdempotentReplay,
        tries: 2,
        round: 1,
        not_before: at(100),
        lease_until: Some(at(101)),
        invoked: true,
        parameters: Some(json!({"a": [1, "zwei", null], "n": "\u{0}"})),
        input_digest: Some("ab".repeat(32)),
        effect_key: Some("key".into()),
        first_sent_at: Some(at(102)),
        approved: true,
        skip_reason: Some(SkipReason::AlreadyExists),
        failure: Some(Failure::new(
            "it-failed",
            "It 'failed' \\ \u{1F980}",
            FailureKind::Transient,
        )),
        result: Some(house.records[9].id),
        replay_evidence: Some(ReplayEvidence::ReadBack),
        replay_of: Some(AttemptId::new(house.uuid())),
        started_at: Some(at(103)),
        ended_at: Some(at(104)),
        ..item.clone()
    }
}

both_databases! {
    async fn an_item_comes_back_as_it_was_stored(db: TestStore) {
        let house = House::new(&db).await;
        let run = house.run().await.id;
        let classes = [ActionerClass::Local, KEYED, ActionerClass::UnkeyedRemote];
        let items: Vec<_> =
            classes.into_iter().enumerate().map(|(n, class)| house.item(run, n, class)).collect();
        house.store_items(&items).await;
        for item in &items {
            assert_eq!(house.read_item(item.id).await, *item);
        }
        let after = full(&house, &items[1]);
        house.update(vec![fenced(&items[1], after.clone())]).await.unwrap();
        assert_eq!(house.read_item(after.id).await, after);
        // And empty again: an update stores what is not there, too.
        let back = vec![fenced(&after, items[1].clone())];
        house.update(back).await.unwrap();
        assert_eq!(house.read_item(after.id).await, items[1]);
    }

    async fn an_item_is_moved_only_from_the_state_and_attempt_it_was_read_in(db: TestStore) {
        let house = House::new(&db).await;
        let items = house.items(3).await;
        let after = |item: &Item| Item { state: ItemState::Skipped, ..item.clone() };
        let good = fenced(&items[0], after(&items[0]));
        let stale = [
            FencedItem { expected_state: ItemState::Leased, ..fenced(&items[1], after(&items[1])) },
            FencedItem { expected_attempt: 1, ..fenced(&items[1], after(&items[1])) },
            fenced(&items[1], Item { id: ItemId::new(house.uuid()), ..after(&items[1]) }),
        ];
        for stale in stale {
            let batch = vec![good.clone(), stale, fenced(&items[2], after(&items[2]))];
            assert!(is_stale(&house.update(batch).await));
            for item in &items {
                assert_eq!(house.read_item(item.id).await, *item, "nothing of the batch is stored");
            }
        }
        house.update(vec![good.clone()]).await.unwrap();
        assert!(is_stale(&house.update(vec![good]).await), "the same move again");
    }

    async fn of_two_who_move_an_item_at_once_one_does(db: TestStore) {
        let house = House::new(&db).await;
        let item = house.items(1).await.remove(0);
        let moves = (0..8).map(|n| {
            let after = Item { state: ItemState::Skipped, tries: n, ..item.clone() };
            house.update(vec![fenced(&item, after)])
        });
        let answers = futures::future::join_all(moves).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert!(answers.iter().all(|answer| answer.is_ok() || is_stale(answer)), "{answers:?}");
        let won = answers.iter().position(Result::is_ok).unwrap();
        assert_eq!(house.read_item(item.id).await.tries, won as i64);
    }

    async fn items_of_a_run_are_read_by_position_and_state(db: TestStore) {
        let house = House::new(&db).await;
        let items = house.items(6).await;
        let _another_run = house.items(2).await;
        let (run, workspace) = (items[0].run, house.workspace);
        let failed = Item { state: ItemState::Failed, ..items[2].clone() };
        house.update(vec![fenced(&items[2], failed)]).await.unwrap();
        let mut session = house.session().await;
        let mut positions = async |states: &[ItemState], after, limit| {
            let found = session.items_of_run(workspace, run, states, after, limit).await.unwrap();
            found.iter().map(|item| item.position).collect::<Vec<_>>()
        };
        assert_eq!(positions(&[], None, 9).await, [0, 1, 2, 3, 4, 5]);
        assert_eq!(positions(&[], Some(1), 3).await, [2, 3, 4]);
        assert_eq!(positions(&[ItemState::Failed], None, 9).await, [2]);
        assert_eq!(positions(&[ItemState::Queued], Some(1), 2).await, [3, 4]);
        assert_eq!(positions(&[ItemState::Queued, ItemState::Failed], None, 4).await, [0, 1, 2, 3]);
        assert!(positions(&[ItemState::Started], None, 9).await.is_empty());
        let other = house.session().await.items_of_run(house.other, run, &[], None, 9).await;
        assert!(other.unwrap().is_empty());
    }

    async fn items_are_found_together_in_their_workspace_only(db: TestStore) {
        let house = House::new(&db).await;
        let items = house.items(3).await;
        let mut session = house.session().await;
        let ids = [items[0].id, items[2].id, ItemId::new(house.uuid())];
        let mut found = session.items_by_ids(house.workspace, &ids).await.unwrap();
        found.sort_by_key(|item| item.position);
        assert_eq!(found, [items[0].clone(), items[2].clone()]);
        assert!(session.items_by_ids(house.workspace, &[]).await.unwrap().is_empty());
        assert!(session.items_by_ids(house.other, &ids).await.unwrap().is_empty());
        assert_eq!(session.item(house.other, ids[0]).await.unwrap(), None);
    }

    async fn a_subject_stands_once_in_a_run(db: TestStore) {
        let house = House::new(&db).await;
        let item = house.items(1).await.remove(0);
        let again = Item { id: ItemId::new(house.uuid()), position: 1, ..item };
        let answer =
            house.write(move |tx| Box::pin(async move { tx.insert_items(&[again]).await })).await;
        assert!(answer.unwrap_err().is_conflict());
    }

    async fn what_is_about_a_record_is_paged_both_ways_newest_first(db: TestStore) {
        let house = House::new(&db).await;
        let record = house.records[0].id;
        let mut about = Vec::new();
        for n in 0..7 {
            // The first item of each run has the record as its subject; of some it is also a result.
            let items = house.items(2).await;
            let after = |item: &Item| Item { result: Some(record), ..item.clone() };
            about.push(items[0].id);
            if n % 2 == 0 {
                let both = items.iter().map(|item| fenced(item, after(item))).collect();
                house.update(both).await.unwrap();
                about.push(items[1].id);
            }
        }
        about.sort();
        about.reverse();
        let mut session = house.session().await;
        let (mut seek, mut forward, mut pages) = (Some(Seek::First), Vec::new(), Vec::new());
        while let Some(place) = seek {
            let page = session.items_about(house.workspace, record, place, 3).await.unwrap();
            forward.extend(page.rows.iter().map(|item| item.id));
            seek = page.next;
            pages.push(page);
        }
        assert_eq!(forward, about);
        assert_eq!(pages.len(), 4);
        let mut seek = pages.last().unwrap().previous;
        let mut backward: Vec<_> = pages.pop().unwrap().rows.iter().map(|item| item.id).collect();
        while let Some(place) = seek {
            let page = session.items_about(house.workspace, record, place, 3).await.unwrap();
            backward.splice(0..0, page.rows.iter().map(|item| item.id));
            seek = page.previous;
        }
        assert_eq!(backward, about);
        let none = session.items_about(house.other, record, Seek::First, 3).await.unwrap();
        assert!(none.rows.is_empty());
    }
}
