//! Switching automations on and off.

use domain::audit::Verb;
use engine::{both_databases, services::ServiceError};

use crate::house::{House, at, daily, on_event};

both_databases! {
    async fn a_disabled_automation_creates_no_runs(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("check", "event", "")).await;
        house.services.set_enabled(house.host, "check", false).await.unwrap();
        assert!(house.fire("e-1", None).await.is_empty());
        let now = house.services.set_enabled(house.host, "check", true).await.unwrap();
        assert!(now.enabled);
        assert_eq!(house.fire("e-2", None).await.len(), 1);
    }

    async fn a_schedule_that_is_switched_on_again_does_not_catch_up(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&daily("nightly", "all")).await;
        house.services.set_enabled(house.host, "nightly", false).await.unwrap();
        house.clock.advance_to(at("2026-07-05T07:00:00Z"));
        assert_eq!(house.schedule_tick().await, 0);
        house.services.set_enabled(house.host, "nightly", true).await.unwrap();
        assert_eq!(house.schedule_tick().await, 0);
        house.clock.advance_to(at("2026-07-06T06:00:00Z"));
        assert_eq!(house.schedule_tick().await, 1);
    }

    async fn switching_is_entered_once_and_only_if_it_changes_something(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("check", "event", "")).await;
        for enabled in [true, false, false, true] {
            house.services.set_enabled(house.host, "check", enabled).await.unwrap();
        }
        assert_eq!(house.entries(Verb::DefinitionDisabled).await.len(), 1);
        assert_eq!(house.entries(Verb::DefinitionEnabled).await.len(), 1);
        let missing = house.services.set_enabled(house.host, "nothing", true).await;
        assert!(matches!(missing, Err(ServiceError::NotFound("automation"))));
    }

    async fn a_new_version_stays_switched_off(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("check", "event", "")).await;
        house.services.set_enabled(house.host, "check", false).await.unwrap();
        house.apply(&on_event("check", "register", "")).await;
        let found = house.services.automation_by_key(house.host, "check").await.unwrap();
        assert_eq!((found.automation.version, found.automation.enabled), (2, false));
    }
}
