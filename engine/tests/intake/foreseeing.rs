//! What would be done is foreseen, and nothing of it is done.

use domain::{
    audit::Verb,
    policy::{Effect, Terms},
    record::RecordRef,
};
use engine::{
    both_databases,
    services::{AppliedAs, KillOrder, ServiceError, Supposed},
};
use serde_json::{Map, json};

use crate::house::{House, on_event};

const RISKY: &str = r"
key: risky
name: Risky accounts
trigger: { kind: governed-event, type: checked }
subjects: { from: register, kind: account }
condition: subject.risk >= event.payload.least
action:
  actioner: findings.create
  with: { title: 'Look at {{ subject.key }}', severity: low }
approval: { before-action: { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss } }
";

both_databases! {
    async fn the_subjects_that_would_match_are_told_with_their_parameters(db: TestStore) {
        let house = House::new(&db).await;
        let numbered: Vec<_> = (1..=620).map(|n| format!(r#"{{"key": "ACC-{n:04}", "risk": {n}}}"#)).collect();
        house.import("a.ndjson", &numbered.join("\n")).await.unwrap();
        house.apply(RISKY).await;
        let known = house.services.automation_by_key(house.host, "risky").await.unwrap();
        let least = |least: i64| {
            let payload = Map::from_iter([("least".to_owned(), json!(least))]);
            Supposed { subject: None, payload }
        };
        let found = house.services.foresee(house.host, known.clone(), least(619)).await.unwrap();
        assert_eq!((found.looked_at, found.matched, found.asks_first), (620, 2, true));
        assert_eq!(found.would[0].subject.key, "ACC-0619");
        assert_eq!(found.would[0].parameters.as_ref().unwrap()["title"], "Look at ACC-0619");
        let all = house.services.foresee(house.host, known.clone(), least(0)).await.unwrap();
        assert_eq!((all.matched, all.would.len()), (620, 200));
        let nothing = house.services.foresee(house.host, known, Supposed::default()).await;
        assert!(matches!(nothing, Err(ServiceError::Invalid(_))), "{nothing:?}");
        assert!(house.entries(Verb::RunCreated).await.is_empty(), "nothing was done");
    }

    async fn what_policies_would_stop_is_foreseen_and_what_starts_nothing_now(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(4).await;
        house.apply(&on_event("check", "register", "")).await;
        let terms = |key: &str, effect, rule: &str| Terms {
            key: key.into(),
            name: key.into(),
            statement: "It is under litigation.".into(),
            effect,
            approval: None,
            automations: Vec::new(),
            rule: rule.into(),
        };
        for terms in [
            terms("never-the-first", Effect::Deny, "subject.key == 'ACC-0001' && automation.version == 1"),
            terms("ask-about-the-second", Effect::RequireApproval, "subject.key == 'ACC-0002'"),
            terms("unclear", Effect::RequireApproval, "subject.key == 'ACC-0003' && subject.attributes.none"),
        ] {
            let key = terms.key.clone();
            house.services.apply_policy(house.host, terms).await.unwrap();
            house.services.switch_policy_on(house.host, &key, None, "tried").await.unwrap();
        }
        let foresee = async || {
            let known = house.services.automation_by_key(house.host, "check").await.unwrap();
            house.services.foresee(house.host, known, Supposed::default()).await.unwrap()
        };
        let found = foresee().await;
        assert_eq!((found.matched, found.denied, found.held, found.blocked), (4, 2, 1, None));
        let told: Vec<_> = found.would.iter().map(|would| {
            would.stopped.as_ref().map(|by| (by.policy.as_str(), by.version, by.effect))
        }).collect();
        assert_eq!(told, [
            Some(("never-the-first", 1, Effect::Deny)),
            Some(("ask-about-the-second", 1, Effect::RequireApproval)),
            Some(("unclear", 1, Effect::Deny)),
            None,
        ]);
        let order = KillOrder { reason: "it errs".into(), ..KillOrder::default() };
        house.services.press_kill_switch(house.host, order).await.unwrap();
        assert!(foresee().await.blocked.unwrap().contains("it errs"));
        house.services.set_enabled(house.host, "check", false).await.unwrap();
        assert_eq!(foresee().await.blocked.as_deref(), Some("the automation is switched off"));
    }

    async fn where_the_event_names_the_subject_one_has_to_be_supposed(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(1).await;
        house.apply(&on_event("check", "event", "")).await;
        let known = house.services.automation_by_key(house.host, "check").await.unwrap();
        let about = |key: &str| {
            let subject = RecordRef { kind: "account".into(), key: key.into() };
            Supposed { subject: Some(subject), ..Supposed::default() }
        };
        let found = house.services.foresee(house.host, known.clone(), about("ACC-0001")).await.unwrap();
        assert_eq!((found.looked_at, found.matched), (1, 1));
        let missing = house.services.foresee(house.host, known.clone(), about("ACC-9")).await;
        assert!(matches!(missing, Err(ServiceError::NotFound("record"))));
        let none = house.services.foresee(house.host, known, Supposed::default()).await;
        assert!(matches!(none, Err(ServiceError::Invalid(_))));
    }

    async fn a_file_is_compared_with_what_is_in_effect(db: TestStore) {
        let house = House::new(&db).await;
        let (same, old) = (on_event("same", "event", ""), on_event("old", "event", ""));
        house.apply(&format!("{same}---\n{old}")).await;
        let changed = on_event("old", "register", "");
        let file = format!("# a note\n{same}---\n{changed}---\n{}", on_event("new", "event", ""));
        let compared = house.services.compare_definitions(house.host, "a.yaml", &file).await.unwrap();
        let told: Vec<_> = compared.iter().map(|one| (one.key.as_str(), one.version, one.would)).collect();
        assert_eq!(told, [
            ("same", Some(1), AppliedAs::Unchanged),
            ("old", Some(1), AppliedAs::NewVersion),
            ("new", None, AppliedAs::Created),
        ]);
        assert_ne!(compared[1].before, compared[1].after);
        assert!(compared[2].before.is_empty());
        let old = house.services.automation_by_key(house.host, "old").await.unwrap();
        assert_eq!(old.automation.version, 1, "nothing was applied");
    }
}
