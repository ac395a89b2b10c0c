//! Applying definitions.

use domain::{audit::Verb, member::Role};
use engine::{
    both_databases,
    services::{Applied, AppliedAs, ServiceError},
};
use serde_json::json;

use crate::house::{House, at, daily, on_event, start};

fn summary(applied: &[Applied]) -> Vec<(&str, i64, AppliedAs)> {
    applied.iter().map(|one| (one.key.as_str(), one.version, one.applied)).collect()
}

both_databases! {
    async fn a_definition_becomes_a_version_only_if_it_changed(db: TestStore) {
        let house = House::new(&db).await;
        let first = on_event("check", "event", "");
        let created = house.apply(&first).await;
        assert_eq!(summary(&created), [("check", 1, AppliedAs::Created)]);
        let same = house.apply(&format!("# says the same\n{first}")).await;
        assert_eq!(summary(&same), [("check", 1, AppliedAs::Unchanged)]);
        let changed = house.apply(&on_event("check", "register", "")).await;
        assert_eq!(summary(&changed), [("check", 2, AppliedAs::NewVersion)]);

        let id = created[0].automation;
        let heads = house.services.automation_versions(house.host, id).await.unwrap();
        assert_eq!(heads.iter().map(|head| head.number).collect::<Vec<_>>(), [2, 1]);
        let version = house.services.automation_version(house.host, id, 1).await.unwrap();
        assert_eq!(version.source, first);
        assert_eq!(version.digest, heads[1].digest);
        assert_eq!(house.services.automation(house.host, id).await.unwrap().automation.version, 2);
        let missing = house.services.automation_version(house.host, id, 3).await;
        assert!(matches!(missing, Err(ServiceError::NotFound("version"))));
    }

    async fn creating_and_changing_are_entered_with_both_digests(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("check", "event", "")).await;
        house.apply(&on_event("check", "event", "")).await;
        house.apply(&on_event("check", "register", "")).await;
        let created = house.entries(Verb::DefinitionCreated).await;
        let versioned = house.entries(Verb::DefinitionVersioned).await;
        assert_eq!((created.len(), versioned.len()), (1, 1));
        let first = created[0].payload.as_ref().unwrap();
        let second = versioned[0].payload.as_ref().unwrap();
        assert_eq!(first["before"], json!(null));
        assert_eq!(first["after"], second["before"]);
        assert_eq!(first["after"]["version"], 1);
        assert_eq!((&second["after"]["version"], &second["file"]), (&json!(2), &json!("test.yaml")));
        assert_ne!(second["before"]["digest"], second["after"]["digest"]);
    }

    async fn a_file_with_several_definitions_is_answered_in_its_order(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("bb", "event", "")).await;
        let file = ["cc", "aa", "bb"].map(|key| on_event(key, "event", "")).join("---\n");
        let applied = house.apply(&file).await;
        assert_eq!(summary(&applied), [
            ("cc", 1, AppliedAs::Created),
            ("aa", 1, AppliedAs::Created),
            ("bb", 1, AppliedAs::Unchanged),
        ]);
        let listed = house.services.automations(house.host).await.unwrap();
        let keys: Vec<_> = listed.iter().map(|one| one.automation.key.as_str()).collect();
        assert_eq!(keys, ["aa", "bb", "cc"]);
    }

    async fn one_bad_document_and_nothing_is_applied(db: TestStore) {
        let house = House::new(&db).await;
        let bad = on_event("bad", "event", "subject. ==").replace("findings.create", "findings.craete");
        let file = format!("{}---\n{bad}", on_event("good", "event", ""));
        let refused = house.services.apply_definition(house.host, "a.yaml", &file).await;
        let Err(ServiceError::Invalid(errors)) = refused else { panic!("{refused:?}") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields.len(), 2, "{errors:?}");
        assert!(fields[0].starts_with("a.yaml:11:") && fields[0].ends_with("condition"), "{errors:?}");
        assert!(fields[1].starts_with("a.yaml:12:") && fields[1].ends_with("action.actioner"), "{errors:?}");
        assert!(house.services.automations(house.host).await.unwrap().is_empty());
        assert!(house.entries(Verb::DefinitionCreated).await.is_empty());
    }

    async fn a_kind_without_records_is_a_warning(db: TestStore) {
        let house = House::new(&db).await;
        let applied = house.apply(&on_event("check", "event", "")).await;
        assert_eq!(applied[0].warnings[0].field, "subjects.kind");
        house.accounts(1).await;
        let applied = house.apply(&on_event("check", "event", "")).await;
        assert!(applied[0].warnings.is_empty());
    }

    async fn a_new_schedule_does_not_fire_for_the_past(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&daily("nightly", "all")).await;
        assert_eq!(house.schedule_tick().await, 0);
        house.clock.advance_to(at("2026-07-02T06:00:00Z"));
        assert_eq!(house.schedule_tick().await, 1);
    }

    async fn another_trigger_starts_from_now_and_another_text_goes_on(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&daily("nightly", "all")).await;
        house.clock.advance_to(at("2026-07-03T07:00:00Z"));
        house.apply(&daily("nightly", "all").replace("title: Look", "title: See")).await;
        let fired_until = async || {
            let found = house.services.automation_by_key(house.host, "nightly").await;
            found.unwrap().fired_until
        };
        assert_eq!(fired_until().await, start());
        house.apply(&daily("nightly", "all").replace("0 6", "30 6")).await;
        assert_eq!(fired_until().await, at("2026-07-03T07:00:00Z"));
        assert_eq!(house.schedule_tick().await, 0);
    }

    async fn two_who_apply_at_once_agree_on_one_history(db: TestStore) {
        let house = House::new(&db).await;
        let replica = house.replica();
        let files: Vec<_> = ["event", "register"].map(|from| on_event("check", from, "")).into();
        let (a, b) = tokio::join!(
            house.services.apply_definition(house.host, "a.yaml", &files[0]),
            replica.apply_definition(house.host, "b.yaml", &files[1]),
        );
        let done = usize::from(a.is_ok()) + usize::from(b.is_ok());
        for refused in [a, b].into_iter().filter_map(Result::err) {
            assert_eq!(refused.code(), "definition-changed-meanwhile");
        }
        let found = house.services.automation_by_key(house.host, "check").await.unwrap();
        assert_eq!(found.automation.version, done as i64);
    }

    async fn only_owners_and_operators_apply(db: TestStore) {
        let house = House::new(&db).await;
        for &role in Role::ALL {
            let text = on_event(role.as_str(), "event", "");
            let done = house.services.apply_definition(house.acting(role), "a.yaml", &text).await;
            assert_eq!(done.is_ok(), matches!(role, Role::Owner | Role::Operator), "{role}");
        }
        assert_eq!(house.entries(Verb::ActRefused).await.len(), 3);
    }
}
