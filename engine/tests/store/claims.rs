//! Claims: in order, within the limit, each item by one worker.

use std::collections::BTreeSet;

use domain::{
    effect::ActionerClass,
    item::{Item, ItemState},
};
use engine::{
    both_databases,
    store::{Backend, Claim, Store, StoreError},
    testing::fresh,
};

use crate::house::{House, KEYED, at, fenced};

async fn claim(store: &Store, class: &'static str, limit: i64) -> Vec<Claim> {
    let step = store.write(move |tx| {
        Box::pin(async move { tx.claim_items(class, at(10), at(40), "worker-1", limit).await })
    });
    let claimed: Result<_, StoreError> = step.await;
    claimed.unwrap()
}

/// Stored items of one run that are due at these seconds.
async fn due(house: &House, class: ActionerClass, seconds: &[i64]) -> Vec<Item> {
    let run = house.run().await.id;
    let due = |(n, &seconds)| Item { not_before: at(seconds), ..house.item(run, n, class) };
    let items: Vec<_> = seconds.iter().enumerate().map(due).collect();
    house.store_items(&items).await;
    items
}

both_databases! {
    async fn what_is_due_longest_is_claimed_first_and_no_more_than_asked_for(db: TestStore) {
        let house = House::new(&db).await;
        let items = due(&house, ActionerClass::Local, &[9, 3, 11, 3, 10, 5]).await;
        let remote = due(&house, KEYED, &[1]).await;
        let first: BTreeSet<_> = claim(&house.store, "local", 3).await.iter().map(|c| c.item).collect();
        assert_eq!(first, [1, 3, 5].map(|n| items[n].id).into());
        let claimed = claim(&house.store, "local", 9).await;
        let rest: BTreeSet<_> = claimed.iter().map(|claim| claim.item).collect();
        assert_eq!(rest, [0, 4].map(|n| items[n].id).into(), "what is due later stays");
        for claim in claimed {
            let item = house.read_item(claim.item).await;
            assert_eq!((item.state, item.attempt), (ItemState::Leased, 1));
            assert_eq!(item.lease_until, Some(at(40)));
            assert_eq!((item.workspace, item.run, item.attempt), (claim.workspace, claim.run, claim.attempt));
        }
        assert!(claim(&house.store, "local", 9).await.is_empty());
        assert_eq!(claim(&house.store, "keyed-remote", 9).await[0].item, remote[0].id);
    }

    async fn every_claim_of_an_item_has_the_next_number(db: TestStore) {
        let house = House::new(&db).await;
        let item = due(&house, ActionerClass::Local, &[1]).await.remove(0);
        for number in 1..=3 {
            let claim = claim(&house.store, "local", 1).await.remove(0);
            assert_eq!((claim.item, claim.attempt), (item.id, number));
            let leased = house.read_item(item.id).await;
            let released =
                Item { state: ItemState::Queued, lease_until: None, ..leased.clone() };
            house.update(vec![fenced(&leased, released)]).await.unwrap();
        }
    }

    async fn workers_who_claim_at_once_share_the_items(db: TestStore) {
        let house = House::new(&db).await;
        let mut expected = BTreeSet::new();
        for _ in 0..10 {
            let items = due(&house, ActionerClass::Local, &[1; 12]).await;
            expected.extend(items.iter().map(|item| item.id));
        }
        let workers = (0..8).map(|_| {
            let store = house.store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claimed = claim(&store, "local", 7).await;
                    if claimed.is_empty() {
                        return mine;
                    }
                    assert!(claimed.len() <= 7, "{}", claimed.len());
                    mine.extend(claimed);
                }
            })
        });
        let mut claimed = Vec::new();
        for worker in workers.collect::<Vec<_>>() {
            claimed.extend(worker.await.unwrap());
        }
        assert!(claimed.iter().all(|claim| claim.attempt == 1));
        assert_eq!(claimed.len(), 120);
        assert_eq!(claimed.iter().map(|claim| claim.item).collect::<BTreeSet<_>>(), expected);
    }

    async fn a_claim_that_is_rolled_back_never_was(db: TestStore) {
        let house = House::new(&db).await;
        let item = due(&house, ActionerClass::Local, &[1]).await.remove(0);
        let mut tx = house.store.begin().await.unwrap();
        let claimed = tx.claim_items("local", at(10), at(40), "worker-1", 1).await.unwrap();
        assert_eq!(claimed.len(), 1);
        drop(tx);
        // The rollback is on its way.
        let again = loop {
            let again = claim(&house.store, "local", 1).await;
            if !again.is_empty() {
                break again;
            }
        };
        assert_eq!((again[0].item, again[0].attempt), (item.id, 1));
    }

    async fn leases_that_ended_are_found_longest_first(db: TestStore) {
        let house = House::new(&db).await;
        let items = house.items(5).await;
        let states = [
            (ItemState::Leased, Some(at(30))),
            (ItemState::Started, Some(at(20))),
            (ItemState::Leased, Some(at(51))),
            (ItemState::Succeeded, Some(at(10))),
            (ItemState::Queued, None),
        ];
        let mut session = house.session().await;
        assert_eq!(session.next_item_due().await.unwrap(), Some(at(2)));
        for (item, (state, lease_until)) in items.iter().zip(states) {
            let after = Item { state, lease_until, not_before: at(45), ..item.clone() };
            house.update(vec![fenced(item, after)]).await.unwrap();
        }
        let found = session.expired_leases(at(30), 9).await.unwrap();
        let found: Vec<_> = found.iter().map(|item| item.position).collect();
        assert_eq!(found, [1, 0], "a lease ends with its last instant");
        assert_eq!(session.expired_leases(at(60), 1).await.unwrap()[0].position, 1);
        assert!(session.expired_leases(at(19), 9).await.unwrap().is_empty());
        assert_eq!(session.next_item_due().await.unwrap(), Some(at(20)));
    }

    async fn with_nothing_queued_and_nothing_leased_nothing_is_due(db: TestStore) {
        let house = House::new(&db).await;
        assert_eq!(house.session().await.next_item_due().await.unwrap(), None);
        let items = house.items(1).await;
        let after = Item { state: ItemState::Failed, ..items[0].clone() };
        house.update(vec![fenced(&items[0], after)]).await.unwrap();
        assert_eq!(house.session().await.next_item_due().await.unwrap(), None);
    }
}

/// With such a plan Postgres runs a plain sub-select again for each row and claims more than it was
/// asked for.
#[tokio::test]
async fn a_nested_loop_claims_no_more_than_the_limit() {
    const PLAN: &str = "%20-cenable_hashjoin%3Doff%20-cenable_mergejoin%3Doff\
                        %20-cenable_hashagg%3Doff%20-cenable_sort%3Doff";
    let Some(db) = fresh(Backend::Postgres).await else { return };
    let house = House::new(&db).await;
    for _ in 0..5 {
        due(&house, ActionerClass::Local, &[1; 12]).await;
    }
    let store = Store::connect(&format!("{}{PLAN}", db.address)).await.unwrap();
    for _ in 0..12 {
        assert_eq!(claim(&store, "local", 5).await.len(), 5);
    }
    assert!(claim(&store, "local", 5).await.is_empty());
}
