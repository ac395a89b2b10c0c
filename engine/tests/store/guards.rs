//! What holds automations back, where a race would get past it: the last look under the lock of the log,
//! and the change of a budget that refuses by itself.

use std::collections::BTreeSet;

use domain::{
    budget::{Change, Every},
    counts::Counts,
    effect::ActionerClass,
    id::{AutomationId, WorkspaceId},
    item::ItemState,
    member::Principal,
    money::Usd,
    run::Run,
};
use engine::{
    both_databases,
    services::{Caller, KillOrder, Presence},
    store::{Backend, BudgetPeriod, StoreError, Tx},
    testing::fresh,
};
use futures::future::BoxFuture;

use crate::{
    bare::Bare,
    house::{House, at},
};

/// Whether something of these automations may start at this moment.
async fn may_start(house: &House, workspace: WorkspaceId, started: &[AutomationId]) -> bool {
    let started: BTreeSet<AutomationId> = started.iter().copied().collect();
    let asked = house.write(move |tx: &mut Tx| -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { tx.require_released(workspace, &started).await })
    });
    match asked.await {
        Ok(()) => true,
        Err(StoreError::Stale { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

fn usd(amount: &str) -> Usd {
    amount.parse().unwrap()
}

both_databases! {
    async fn nothing_starts_that_a_pressed_switch_stops(db: TestStore) {
        let house = House::new(&db).await;
        let host = Caller { workspace: house.workspace, principal: Principal::Host };
        assert!(may_start(&house, house.workspace, &house.automations).await);
        let order = KillOrder { reason: "it errs".into(), ..KillOrder::default() };
        let pressed = house.services.press_kill_switch(host, order).await.unwrap().switch;
        assert!(!may_start(&house, house.workspace, &house.automations[..1]).await);
        assert!(may_start(&house, house.workspace, &[]).await, "nothing is started");
        assert!(may_start(&house, house.other, &house.automations).await, "it is not stopped there");
        let (services, now) = (&house.services, Presence::Unknown);
        services.release_kill_switch(host, pressed.id, "mended", now).await.unwrap();
        assert!(may_start(&house, house.workspace, &house.automations).await);
    }

    async fn a_change_that_would_exceed_the_ceiling_is_refused_by_itself(db: TestStore) {
        let house = House::new(&db).await;
        let (workspace, every) = (house.workspace, Every::Day);
        let automation = house.automations[0];
        let period = BudgetPeriod { automation, every, begins: every.begin(at(0)) };
        // The ceiling is that of the version that reserves, and may have been raised or lowered since.
        for (amount, ceiling, fits) in [("0.60", "1", true), ("0.50", "1", false), ("0.40", "1", true), ("0.01", "0.90", false)] {
            let (by, ceiling) = (Change::reserving(usd(amount)), usd(ceiling));
            let changed = house.write(move |tx: &mut Tx| -> BoxFuture<'_, Result<(), StoreError>> {
                Box::pin(async move { tx.change_budget(workspace, period, by, ceiling).await })
            });
            match changed.await {
                Ok(()) => assert!(fits, "{amount} of {ceiling}"),
                Err(error) => {
                    assert!(!fits && matches!(error, StoreError::Stale { .. }), "{amount}: {error}");
                }
            }
        }
        let mut session = house.store.read().await.unwrap();
        let found = session.budget_period(workspace, period).await.unwrap().unwrap();
        assert_eq!(found.spending.committed(), usd("1"));
    }
}

/// A worker in the middle of leasing an item, which it does without the lock of the run.
#[tokio::test]
async fn a_run_is_cancelled_and_killed_while_a_worker_leases_its_items() {
    // Whoever waits for somebody else's row holds this.
    const WAITING: &str = "SELECT COUNT(*) FROM pg_locks \
                           WHERE locktype = 'tuple' AND relation = 'run_item'::regclass";
    let Some(db) = fresh(Backend::Postgres).await else { return };
    let house = House::new(&db).await;
    let host = Caller { workspace: house.workspace, principal: Principal::Host };
    let mut bare = Bare::open(&db).await;
    for killed in [false, true] {
        let run = Run { matched: true, counts: Counts::matched(2), ..house.pending(0) };
        house.store_runs(std::slice::from_ref(&run)).await;
        let items = [0, 1].map(|n| house.item(run.id, n, ActionerClass::Local));
        house.store_items(&items).await;
        let mut leasing = house.store.begin().await.unwrap();
        let leased = leasing.claim_items("local", at(10), at(40), "worker-1", 1).await.unwrap();
        let services = house.services.clone();
        let stopping = tokio::spawn(async move {
            let order = KillOrder { reason: "it errs".into(), ..KillOrder::default() };
            match killed {
                true => services.press_kill_switch(host, order).await.map(drop),
                false => services.cancel(host, run.id, "wrong list").await.map(drop),
            }
        });
        bare.until(1, WAITING).await;
        leasing.commit().await.unwrap();
        stopping.await.unwrap().unwrap();
        for item in &items {
            assert_eq!(house.read_item(item.id).await.state, ItemState::Skipped);
        }
        assert_eq!(house.read_item(leased[0].item).await.attempt, 1);
    }
}
