//! Policies in the database: their versions stay, and whoever starts something is held to those that are on.

use domain::{
    id::PolicyId,
    member::Principal,
    policy::{Effect, Terms},
};
use engine::{
    both_databases,
    services::Caller,
    store::{StoreError, Tx},
};
use futures::future::BoxFuture;

use crate::house::House;

pub fn terms(rule: &str) -> Terms {
    Terms {
        key: "none-at-all".into(),
        name: "None at all".into(),
        statement: "There are to be none.".into(),
        effect: Effect::Deny,
        approval: None,
        automations: Vec::new(),
        rule: rule.into(),
    }
}

/// A policy of two versions, the first of which is on.
pub async fn write(house: &House) -> PolicyId {
    let host = Caller { workspace: house.workspace, principal: Principal::Host };
    let services = &house.services;
    services.apply_policy(host, terms("false")).await.unwrap();
    let policy = services.apply_policy(host, terms("true")).await.unwrap().policy;
    services.switch_policy_on(host, &policy.key, Some(1), "agreed").await.unwrap();
    policy.id
}

both_databases! {
    async fn whatever_starts_is_held_to_exactly_the_policies_that_are_on(db: TestStore) {
        let house = House::new(&db).await;
        let policy = write(&house).await;
        for (workspace, judged_under, held) in [
            (house.workspace, vec![(policy, 1)], true),
            (house.workspace, vec![(policy, 2)], false),
            (house.workspace, vec![], false),
            (house.other, vec![], true),
            (house.other, vec![(policy, 1)], false),
        ] {
            let said = format!("{judged_under:?}");
            let asked = house.write(move |tx: &mut Tx| -> BoxFuture<'_, Result<(), StoreError>> {
                Box::pin(async move { tx.require_in_force(workspace, &judged_under).await })
            });
            match asked.await {
                Ok(()) => assert!(held, "{said}"),
                Err(error) => assert!(!held && matches!(error, StoreError::Stale { .. }), "{said}: {error}"),
            }
        }
    }

    async fn a_policy_is_found_in_its_own_workspace_only(db: TestStore) {
        let house = House::new(&db).await;
        let policy = write(&house).await;
        let mut session = house.store.read().await.unwrap();
        let found = session.policy_by_key(house.workspace, "none-at-all").await.unwrap().unwrap();
        assert_eq!((found.id, found.version, found.on), (policy, 2, Some(1)));
        assert_eq!(found.switched.unwrap().reason, "agreed");
        let versions = session.policy_versions(house.workspace, policy).await.unwrap();
        assert_eq!(versions.iter().map(|v| v.number).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(versions[0].terms, terms("true"));
        assert_eq!(versions[0].digest, terms("true").digest());
        assert!(session.policy_by_key(house.other, "none-at-all").await.unwrap().is_none());
        assert!(session.policies(house.other).await.unwrap().is_empty());
        assert!(session.policy_versions(house.other, policy).await.unwrap().is_empty());
        assert!(session.policy_version(house.other, policy, 1).await.unwrap().is_none());
        assert!(session.policies_in_force(house.other).await.unwrap().is_empty());
        let guards = session.guards().await.unwrap();
        assert_eq!((guards.policies_on, guards.switches_pressed), (1, 0));
    }
}
