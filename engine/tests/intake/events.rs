//! Receiving events.

use domain::{audit::Verb, member::Role, record::RecordRef, run::RunStatus, trigger::TriggerKind};
use engine::{
    both_databases,
    services::{NewEvent, ServiceError},
};
use serde_json::json;

use crate::house::{House, on_event};

both_databases! {
    async fn every_automation_that_listens_gets_a_run_of_its_version_in_effect(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("one", "event", "")).await;
        house.apply(&on_event("one", "register", "")).await;
        house.apply(&on_event("two", "event", "")).await;
        house.apply(&on_event("other", "event", "").replace("type: checked", "type: closed")).await;
        let runs = house.fire("e-1", None).await;
        assert_eq!(runs.len(), 2);
        let first = house.run(runs[0]).await;
        assert_eq!((first.status, first.version), (RunStatus::Pending, 2));
        assert_eq!(first.trigger_kind, TriggerKind::GovernedEvent);
        assert!(!first.matched);
        assert_eq!(house.verbs(runs[0]).await, ["run.created"]);
        assert_eq!(house.entries(Verb::EventReceived).await.len(), 1);
    }

    async fn the_same_event_again_is_the_same_event(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("one", "event", "")).await;
        let mut event = house.event("e-1", Some("ACC-1"));
        event.payload = json!({"b": 0.1, "a": [1.234_567_890_123_456_7e-7, "x"]});
        let first = house.services.receive_event(house.host, event.clone()).await.unwrap();
        house.clock.advance(chrono::Duration::hours(3));
        let again = house.services.receive_event(house.host, event).await.unwrap();
        assert!(!first.duplicate);
        assert!(again.duplicate);
        assert_eq!((first.event.id, first.runs), (again.event.id, again.runs));
        assert_eq!(house.entries(Verb::EventReceived).await.len(), 1);
        assert_eq!(house.entries(Verb::RunCreated).await.len(), 1);
    }

    async fn another_event_with_the_same_id_is_refused(db: TestStore) {
        let house = House::new(&db).await;
        house.fire("e-1", Some("ACC-1")).await;
        let same = || house.event("e-1", Some("ACC-1"));
        let others = [
            NewEvent { payload: json!({"severity": "low"}), ..same() },
            NewEvent { event_type: "closed".into(), ..same() },
            NewEvent { kind: TriggerKind::MonitorResult, ..same() },
            NewEvent { subject: None, ..same() },
            NewEvent { occurred_at: house.clock.now() + chrono::Duration::seconds(1), ..same() },
        ];
        for event in others {
            let refused = house.services.receive_event(house.host, event).await.unwrap_err();
            assert_eq!(refused.code(), "event-differs");
        }
        let elsewhere = NewEvent { source: "elsewhere".into(), ..same() };
        let received = house.services.receive_event(house.host, elsewhere).await.unwrap();
        assert!(!received.duplicate);
        let other = house.neighbour().await;
        let received = house.services.receive_event(other, same()).await.unwrap();
        assert!(!received.duplicate, "another workspace has events of its own");
    }

    async fn an_event_that_is_sent_many_times_at_once_is_received_once(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("one", "event", "")).await;
        let sending = (0..8).map(|_| {
            let (services, host) = (house.replica(), house.host);
            let event = house.event("e-1", None);
            tokio::spawn(async move { services.receive_event(host, event).await.unwrap() })
        });
        let mut runs = Vec::new();
        let mut new = 0;
        for sent in sending.collect::<Vec<_>>() {
            let received = sent.await.unwrap();
            new += usize::from(!received.duplicate);
            runs.extend(received.runs);
        }
        runs.sort();
        runs.dedup();
        assert_eq!((new, runs.len()), (1, 1));
    }

    async fn an_event_of_a_type_nobody_listens_to_is_kept(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("one", "event", "")).await;
        let event = NewEvent { event_type: "what.is.this".into(), ..house.event("e-1", None) };
        let received = house.services.receive_event(house.host, event).await.unwrap();
        assert!(received.runs.is_empty());
        let found = house.services.trigger_event(house.host, received.event.id).await.unwrap();
        assert_eq!(found.event_type, "what.is.this");
    }

    async fn every_wrong_field_of_an_event_is_named(db: TestStore) {
        let house = House::new(&db).await;
        let event = NewEvent {
            kind: TriggerKind::Schedule,
            source: "assize/manual".into(),
            external_id: String::new(),
            event_type: "a\nb".into(),
            subject: Some(RecordRef { kind: "No Kind".into(), key: "a/b".into() }),
            payload: json!([1]),
            ..house.event("", None)
        };
        let refused = house.services.receive_event(house.host, event).await;
        let Err(ServiceError::Invalid(errors)) = refused else { panic!("{refused:?}") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(
            fields,
            ["kind", "source", "external_id", "type", "subject.kind", "subject.key", "payload"]
        );
        let large = NewEvent { payload: json!({"a": "x".repeat(300_000)}), ..house.event("e", None) };
        let refused = house.services.receive_event(house.host, large).await.unwrap_err();
        assert_eq!(refused.to_string(), "payload: it has at most 262144 bytes");
        assert!(house.entries(Verb::EventReceived).await.is_empty());
    }

    async fn only_owners_and_operators_send_events(db: TestStore) {
        let house = House::new(&db).await;
        for &role in Role::ALL {
            let event = house.event(role.as_str(), None);
            let sent = house.services.receive_event(house.acting(role), event).await;
            assert_eq!(sent.is_ok(), matches!(role, Role::Owner | Role::Operator), "{role}");
        }
    }
}
