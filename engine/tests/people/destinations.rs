use domain::member::Role;
use engine::{both_databases, services::ServiceError};
use serde_json::json;

use crate::house::{House, caller, workspace};

both_databases! {
    async fn nothing_is_allowed_until_an_owner_lists_it_and_only_in_that_workspace(db: TestStore) {
        let house = House::new(&db).await;
        let (services, owner) = (&house.services, caller(&house.owner));
        let (_, second) = workspace(services, "second").await;
        assert_eq!(services.destinations(owner).await.unwrap(), []);
        let hook = services.allow_destination(owner, "https://Hooks.example.org", false).await.unwrap();
        let inner = services.allow_destination(owner, "http://10.0.0.5:8080", true).await.unwrap();
        assert_eq!(services.destinations(owner).await.unwrap(), [inner.clone(), hook.clone()]);
        assert_eq!(services.destinations(second).await.unwrap(), []);
        let foreign = services.remove_destination(second, "http://10.0.0.5:8080").await.unwrap_err();
        assert_eq!(foreign.code(), "not-found");
        services.remove_destination(owner, "http://10.0.0.5:8080").await.unwrap();
        assert_eq!(services.destinations(owner).await.unwrap(), [hook]);
    }

    async fn changes_are_entered_with_before_and_after(db: TestStore) {
        let house = House::new(&db).await;
        let (services, owner) = (&house.services, caller(&house.owner));
        let hook = "https://hooks.example.org";
        let entry = |private| json!({
            "scheme": "https", "host": "hooks.example.org", "port": 443, "allow_private": private
        });
        services.allow_destination(owner, hook, false).await.unwrap();
        services.allow_destination(owner, hook, false).await.unwrap();
        services.allow_destination(owner, hook, true).await.unwrap();
        services.remove_destination(owner, hook).await.unwrap();
        let log = house.log().await;
        let about: Vec<_> = log.iter().filter(|e| e.object.kind == "destination").collect();
        let seen: Vec<_> =
            about.iter().map(|e| (e.verb.as_str(), e.payload.clone().unwrap())).collect();
        assert_eq!(seen, [
            ("destination.allowed", json!({"after": entry(false)})),
            ("destination.allowed", json!({"before": entry(false), "after": entry(true)})),
            ("destination.removed", json!({"before": entry(true)})),
        ]);
        assert!(about.iter().all(|e| !e.leaf.contains("example.org")));
        assert!(about.iter().all(|e| e.object.id == about[0].object.id));
    }

    async fn what_is_no_destination_is_refused_with_its_field(db: TestStore) {
        let house = House::new(&db).await;
        let owner = caller(&house.owner);
        let refusal =
            house.services.allow_destination(owner, "https://u:p@example.org", false).await;
        let Err(ServiceError::Invalid(errors)) = refusal else { panic!("{refusal:?}") };
        assert_eq!(errors[0].field, "address");
        let operator = house.acting(Role::Operator).await;
        let refusal = house.services.destinations(operator).await.unwrap_err();
        assert_eq!(refusal.code(), "not-allowed");
    }
}
