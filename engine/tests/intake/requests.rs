//! Runs that members ask for.

use domain::{id::RunId, member::Role, record::RecordRef, trigger::TriggerKind};
use engine::{
    both_databases,
    services::{RunRequest, ServiceError},
};
use serde_json::json;

use crate::house::{House, on_event};

fn manual(key: &str, subjects: &str) -> String {
    on_event(key, subjects, "")
        .replace("kind: governed-event, type: checked", "kind: manual-request")
}

fn about(key: &str) -> RunRequest {
    let subject = Some(RecordRef { kind: "account".into(), key: key.into() });
    RunRequest { subject, ..RunRequest::default() }
}

both_databases! {
    async fn a_request_creates_a_run_of_that_automation_alone(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&manual("review", "register")).await;
        house.apply(&manual("other", "register")).await;
        let caller = house.acting(Role::Operator);
        let request = RunRequest {
            parameters: json!({"why": "audit"}).as_object().cloned().unwrap(),
            ..RunRequest::default()
        };
        let received = house.services.request_run(caller, "review", request).await.unwrap();
        let [run]: [RunId; 1] = received.runs.try_into().unwrap();
        let found = house.services.automation_by_key(house.host, "review").await.unwrap();
        assert_eq!(house.run(run).await.automation, found.automation.id);
        let event = received.event;
        assert_eq!((event.kind, event.source.as_str()), (TriggerKind::ManualRequest, "assize/manual"));
        assert_eq!(event.payload["parameters"], json!({"why": "audit"}));
        let member = caller.principal.member().unwrap().to_string();
        assert_eq!(event.payload["requested_by"], json!(member));
    }

    async fn the_same_request_later_is_the_same_request(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&manual("review", "register")).await;
        let request = RunRequest { external_id: Some("r-1".into()), ..RunRequest::default() };
        let first = house.services.request_run(house.host, "review", request.clone()).await.unwrap();
        house.clock.advance(chrono::Duration::minutes(1));
        let again = house.services.request_run(house.host, "review", request).await.unwrap();
        assert!(again.duplicate);
        assert_eq!(first.runs, again.runs);
        let one = house.services.request_run(house.host, "review", RunRequest::default()).await;
        let two = house.services.request_run(house.host, "review", RunRequest::default()).await;
        assert_ne!(one.unwrap().runs, two.unwrap().runs, "without an id each is a new one");
    }

    async fn a_subject_is_checked_where_the_automation_needs_one(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(1).await;
        house.apply(&manual("review", "event")).await;
        let stranger = RecordRef { kind: "supplier".into(), key: "S".into() };
        for (request, message) in [
            (RunRequest::default(), "subject: it needs a record of kind account"),
            (about("ACC-9"), "subject: there is no record account/ACC-9"),
            (
                RunRequest { subject: Some(stranger), ..RunRequest::default() },
                "subject: it has to be a record of kind account, not supplier",
            ),
        ] {
            let refused = house.services.request_run(house.host, "review", request).await;
            assert_eq!(refused.unwrap_err().to_string(), message);
        }
        let received = house.services.request_run(house.host, "review", about("ACC-0001")).await;
        house.match_all().await;
        let items = house.items(received.unwrap().runs[0]).await;
        assert_eq!(items.len(), 1);
    }

    async fn what_cannot_be_requested_says_why(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("check", "event", "")).await;
        house.apply(&manual("off", "register")).await;
        house.services.set_enabled(house.host, "off", false).await.unwrap();
        for (key, code) in
            [("nothing", "not-found"), ("check", "not-requestable"), ("off", "automation-disabled")]
        {
            let refused = house.services.request_run(house.host, key, RunRequest::default()).await;
            assert_eq!(refused.unwrap_err().code(), code, "{key}");
        }
        let odd = RunRequest { external_id: Some(" x".into()), ..RunRequest::default() };
        let refused = house.services.request_run(house.host, "off", odd).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(errors)) if errors[0].field == "external_id"));
    }

    async fn only_owners_and_operators_request_runs(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&manual("review", "register")).await;
        for &role in Role::ALL {
            let caller = house.acting(role);
            let done = house.services.request_run(caller, "review", RunRequest::default()).await;
            assert_eq!(done.is_ok(), matches!(role, Role::Owner | Role::Operator), "{role}");
        }
    }
}
