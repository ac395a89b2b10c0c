//! Legal holds, and what may be erased while none stands against it.

use domain::{
    audit::{AuditFilter, Verb},
    hold::HoldScope,
    id::{HoldId, RunId},
    member::Role,
    run::RunStatus,
};
use engine::{
    both_databases,
    services::{NewHold, ServiceError},
};

use crate::house::{House, on_request};

const REASON: &str = "a dispute";

/// A run that ended.
async fn ended(house: &House) -> RunId {
    let action = "actioner: findings.create, with: { key: F-1, title: A look }";
    house.apply(&on_request("looks", action, "")).await;
    let run = house.request_about("looks", "ACC-0001").await;
    house.engine.run_until_idle().await.unwrap();
    let status = house.services.run(house.host, run).await.unwrap().run.status;
    assert_eq!(status, RunStatus::Completed);
    run
}

fn over(definition: Option<&str>, run: Option<RunId>) -> NewHold {
    let definition = definition.map(str::to_owned);
    NewHold { definition, run, period: None, reason: REASON.to_owned() }
}

async fn erase(house: &House, run: RunId) -> Result<i64, ServiceError> {
    house.services.erase_payloads(house.acting(Role::Owner), run, "older than 400 days").await
}

both_databases! {
    async fn what_is_held_is_not_erased_until_the_last_hold_is_released(db: TestStore) {
        let house = House::new(&db).await;
        let (run, owner) = (ended(&house).await, house.acting(Role::Owner));
        let before = house.services.audit_root(owner).await.unwrap();
        let mut holds = Vec::new();
        for new in [over(None, None), over(Some("looks"), None), over(None, Some(run))] {
            holds.push(house.services.place_hold(owner, new).await.unwrap());
        }
        let listed = house.services.holds(owner).await.unwrap();
        assert_eq!(listed.iter().rev().cloned().collect::<Vec<_>>(), holds);
        assert_eq!((holds[0].scope, holds[2].scope), (HoldScope::Workspace, HoldScope::Run(run)));
        for hold in &holds {
            let refused = erase(&house, run).await.unwrap_err();
            assert_eq!(refused.code(), "under-hold");
            assert!(refused.to_string().contains(REASON), "{refused}");
            house.services.release_hold(owner, hold.id, "settled").await.unwrap();
        }
        assert!(erase(&house, run).await.unwrap() > 0);
        let filter = AuditFilter { run: Some(run), ..AuditFilter::default() };
        let entries = house.services.audit_entries(owner, &filter, 100).await.unwrap();
        let says = |verb| entries.iter().find(|entry| entry.verb == verb).unwrap();
        assert_eq!(says(Verb::PayloadErased).payload.as_ref().unwrap()["reason"], "older than 400 days");
        assert!(says(Verb::ItemSucceeded).is_erased());
        assert!(house.services.verify_audit(owner).await.unwrap().is_ok());
        let places: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
        let check = house.services.check_audit(owner, &places).await.unwrap();
        assert!(check.faults.is_empty() && check.erased > 0, "{check:?}");
        assert!(house.services.audit_root(owner).await.unwrap().size > before.size);
        assert_eq!(erase(&house, run).await.unwrap_err().code(), "nothing-to-erase");
    }

    async fn a_hold_over_something_else_stands_against_nothing(db: TestStore) {
        let house = House::new(&db).await;
        let (run, owner) = (ended(&house).await, house.acting(Role::Owner));
        let other = house.request_about("looks", "ACC-0001").await;
        house.services.place_hold(owner, over(None, Some(other))).await.unwrap();
        assert_eq!(erase(&house, other).await.unwrap_err().code(), "under-hold");
        assert!(erase(&house, run).await.is_ok());
    }

    async fn what_is_under_way_is_not_erased(db: TestStore) {
        let house = House::new(&db).await;
        let waiting = house.request_about("asks", "ACC-0001").await;
        assert_eq!(erase(&house, waiting).await.unwrap_err().code(), "run-not-ended");
    }

    async fn a_hold_names_something_that_is_there_and_is_released_once(db: TestStore) {
        let house = House::new(&db).await;
        let (run, owner) = (ended(&house).await, house.acting(Role::Owner));
        let stranger = house.stranger().await;
        let services = &house.services;
        for (new, field) in [
            (over(Some("nothing"), None), "definition"),
            (over(Some("looks"), Some(run)), "run"),
            (NewHold { reason: " ".to_owned(), ..over(None, None) }, "reason"),
        ] {
            match services.place_hold(owner, new).await.unwrap_err() {
                ServiceError::Invalid(errors) => assert_eq!(errors[0].field, field),
                other => panic!("{other:?}"),
            }
        }
        services.place_hold(stranger, over(None, Some(run))).await.unwrap_err();
        let hold = services.place_hold(owner, over(None, Some(run))).await.unwrap();
        assert!(services.release_hold(stranger, hold.id, "settled").await.is_err());
        let released = services.release_hold(owner, hold.id, "settled").await.unwrap();
        assert_eq!(released.release_reason.as_deref(), Some("settled"));
        for id in [hold.id, HoldId::new(run.uuid())] {
            let again = services.release_hold(owner, id, "settled").await.unwrap_err();
            assert!(matches!(again, ServiceError::NotFound("hold")), "{again:?}");
        }
    }
}
