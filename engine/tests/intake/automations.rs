//! The store of automations and trigger events.

use domain::trigger::TriggerKind;
use engine::both_databases;

use crate::house::{House, at, daily, on_event, start};

both_databases! {
    async fn an_automation_is_found_by_id_and_key_in_its_workspace_only(db: TestStore) {
        let house = House::new(&db).await;
        let other = house.neighbour().await;
        let applied = house.apply(&daily("nightly", "skip")).await;
        let id = applied[0].automation;
        let mut session = house.session().await;
        let ws = house.workspace;
        let found = session.automation(ws, id).await.unwrap().unwrap();
        assert_eq!(session.automation_by_key(ws, "nightly").await.unwrap(), Some(found.clone()));
        assert_eq!(session.automations(ws).await.unwrap(), std::slice::from_ref(&found));
        assert_eq!(found.digest, found.definition.digest());
        assert_eq!(found.fired_until, start());
        let ws = other.workspace;
        assert!(session.automation(ws, id).await.unwrap().is_none());
        assert!(session.automation_by_key(ws, "nightly").await.unwrap().is_none());
        assert!(session.automations(ws).await.unwrap().is_empty());
        assert!(session.automation_versions(ws, id).await.unwrap().is_empty());
        assert!(session.automation_version(ws, id, 1).await.unwrap().is_none());
    }

    async fn only_enabled_automations_of_the_kind_listen(db: TestStore) {
        let house = House::new(&db).await;
        for key in ["one", "two"] {
            house.apply(&on_event(key, "event", "")).await;
        }
        house.apply(&daily("nightly", "skip")).await;
        house.services.set_enabled(house.host, "one", false).await.unwrap();
        let mut session = house.session().await;
        let kind = TriggerKind::GovernedEvent;
        let found = session.automations_listening(house.workspace, kind).await.unwrap();
        let keys: Vec<_> = found.iter().map(|found| found.automation.key.as_str()).collect();
        assert_eq!(keys, ["two"]);
        let schedules = session.enabled_schedules().await.unwrap();
        assert_eq!(schedules.len(), 1);
        assert_eq!(schedules[0].automation.key, "nightly");
    }

    async fn fired_until_never_goes_back(db: TestStore) {
        let house = House::new(&db).await;
        let id = house.apply(&daily("nightly", "skip")).await[0].automation;
        for instant in ["2026-07-03T06:00:00Z", "2026-07-02T06:00:00.000001Z"] {
            let until = at(instant);
            house
                .store()
                .write(move |tx| Box::pin(async move { tx.advance_fired_until(id, until).await }))
                .await
                .unwrap();
        }
        let found = house.session().await.automation(house.workspace, id).await.unwrap();
        assert_eq!(found.unwrap().fired_until, at("2026-07-03T06:00:00Z"));
    }

    async fn a_definition_is_read_by_version(db: TestStore) {
        let house = House::new(&db).await;
        let id = house.apply(&on_event("one", "event", "")).await[0].automation;
        house.apply(&on_event("one", "event", "'true'")).await;
        let mut session = house.session().await;
        let mut conditions = Vec::new();
        for number in [1, 2] {
            let definition = session.definition(id, number).await.unwrap().unwrap();
            conditions.push(definition.condition);
        }
        assert_eq!(conditions, [None, Some("true".into())]);
        assert!(session.definition(id, 3).await.unwrap().is_none());
    }

    async fn an_event_comes_back_as_it_was_stored(db: TestStore) {
        let house = House::new(&db).await;
        let other = house.neighbour().await;
        let sent = house.event("e-1 é", Some("ACC-1"));
        let stored = house.services.receive_event(house.host, sent).await.unwrap().event;
        let mut session = house.session().await;
        let ws = house.workspace;
        assert_eq!(session.trigger_event(ws, stored.id).await.unwrap(), Some(stored.clone()));
        let found = session.trigger_event_by_external_id(ws, "test", "e-1 é").await.unwrap();
        assert_eq!(found, Some(stored.clone()));
        assert!(session.trigger_event(other.workspace, stored.id).await.unwrap().is_none());
        let foreign = session.trigger_event_by_external_id(other.workspace, "test", "e-1 é").await;
        assert!(foreign.unwrap().is_none());
    }
}
