//! What holds automations back, where a race would get past it: the last look under the lock of the log,
//! and the change of a budget that refuses by itself.

use std::collections::BTreeSet;

use domain::{
    budget::{Change, Every},
    id::{AutomationId, WorkspaceId},
    member::Principal,
    money::Usd,
};
use engine::{
    both_databases,
    services::{Caller, KillOrder, Presence},
    store::{BudgetPeriod, StoreError, Tx},
};
use futures::future::BoxFuture;

use crate::house::{House, at};

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
