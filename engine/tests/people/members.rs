use domain::{
    audit::Verb,
    id::MemberId,
    member::{Principal, Role},
};
use engine::{
    both_databases,
    services::{Caller, NewMember, ServiceError},
};
use serde_json::json;

use crate::house::{House, OWNER, accept, add, caller, log, workspace};

both_databases! {
    async fn a_new_member_is_invited_and_an_existing_account_is_not(db: TestStore) {
        let house = House::settled(&db).await;
        let (_, second) = workspace(&house.services, "second").await;
        let invited = add(&house.services, second, "New@Example.org ", Role::Viewer).await;
        let link = invited.link.unwrap();
        assert_eq!(link.email, "new@example.org");
        assert_eq!(link.expires_at, house.clock.now() + chrono::TimeDelta::days(7));
        let known = add(&house.services, second, OWNER, Role::Auditor).await;
        assert_eq!(known.member.account, house.owner.member.account);
        assert!(known.link.is_none(), "the owner has a password already");
    }

    async fn somebody_is_a_member_once(db: TestStore) {
        let house = House::new(&db).await;
        let new = NewMember { email: OWNER.to_uppercase(), name: "Twice".into(), role: Role::Viewer };
        let refusal = house.services.add_member(house.host, new).await.unwrap_err();
        assert_eq!(refusal.code(), "already-member");
        assert_eq!(house.services.members(house.host).await.unwrap().len(), 1);
    }

    async fn a_form_with_mistakes_names_each_and_changes_nothing(db: TestStore) {
        let house = House::new(&db).await;
        let new = NewMember { email: "nobody".into(), name: String::new(), role: Role::Viewer };
        let refusal = house.services.add_member(house.host, new).await.unwrap_err();
        let ServiceError::Invalid(errors) = refusal else { panic!("{refusal}") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["email", "name"]);
        assert_eq!(house.services.members(house.host).await.unwrap().len(), 1);
    }

    async fn a_removed_member_keeps_the_name_and_comes_back_under_the_old_id(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let first = add(services, house.host, "back@example.org", Role::Viewer).await.member;
        services.remove_member(house.host, first.id).await.unwrap();
        let kept = services.members(house.host).await.unwrap();
        let kept = kept.iter().find(|member| member.id == first.id).unwrap();
        assert_eq!(kept.removed_at, Some(house.clock.now()));
        assert_eq!(services.member_names(house.host).await.unwrap()[&first.id], "Somebody");
        let again = services.remove_member(house.host, first.id).await.unwrap_err();
        assert_eq!(again.code(), "not-found");
        let back = add(services, house.host, "back@example.org", Role::Operator).await.member;
        assert_eq!((back.id, back.role, back.removed_at), (first.id, Role::Operator, None));
    }

    async fn the_last_owner_can_neither_leave_nor_step_down(db: TestStore) {
        let house = House::new(&db).await;
        let (services, host) = (&house.services, house.host);
        let last = house.owner.member.id;
        // An owner of another workspace does not count.
        let (_, elsewhere) = workspace(services, "second").await;
        add(services, elsewhere, "second@example.org", Role::Owner).await;
        let refusal = services.change_role(host, last, Role::Viewer).await.unwrap_err();
        assert_eq!(refusal.code(), "last-owner");
        let refusal = services.remove_member(host, last).await.unwrap_err();
        assert_eq!(refusal.code(), "last-owner");
        let heir = add(services, host, "heir@example.org", Role::Owner).await;
        services.remove_member(caller(&heir), last).await.unwrap();
        let refusal = services.remove_member(host, heir.member.id).await.unwrap_err();
        assert_eq!(refusal.code(), "last-owner");
    }

    async fn two_owners_who_remove_each_other_at_once_leave_one(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let other = add(services, house.host, "other@example.org", Role::Owner).await;
        let (one, two) = tokio::join!(
            services.remove_member(caller(&house.owner), other.member.id),
            services.change_role(caller(&other), house.owner.member.id, Role::Viewer),
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        let members = services.members(house.host).await.unwrap();
        let owners =
            members.iter().filter(|m| m.role == Role::Owner && m.removed_at.is_none()).count();
        assert_eq!(owners, 1);
    }

    async fn an_account_without_a_membership_is_signed_out(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let (_, second) = workspace(services, "second").await;
        let here = add(services, house.host, "both@example.org", Role::Viewer).await;
        let session = accept(services, &here).await;
        let there = add(services, second, "both@example.org", Role::Viewer).await;
        services.remove_member(house.host, here.member.id).await.unwrap();
        assert!(services.session(session.secret.expose()).await.unwrap().is_some());
        services.remove_member(second, there.member.id).await.unwrap();
        assert_eq!(services.session(session.secret.expose()).await.unwrap(), None);
    }

    async fn members_of_another_workspace_are_not_found(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let (_, second) = workspace(services, "second").await;
        let foreign = add(services, second, "foreign@example.org", Role::Viewer).await.member.id;
        let owner = caller(&house.owner);
        let unknown: MemberId = "mem_01jzzzzzzzzzzzzzzzzzzzzzzz".parse().unwrap();
        for id in [foreign, unknown] {
            let changed = services.change_role(owner, id, Role::Owner).await.map(drop);
            let removed = services.remove_member(owner, id).await;
            let linked = services.issue_link(owner, id).await.map(drop);
            for answer in [changed, removed, linked] {
                assert_eq!(answer.unwrap_err().to_string(), "there is no such member");
            }
        }
        assert!(!log(services, second).await.iter().any(|e| e.verb == Verb::ActRefused));
    }

    async fn every_change_is_entered_with_before_and_after_and_no_name_in_the_leaf(db: TestStore) {
        let house = House::new(&db).await;
        let (services, owner) = (&house.services, caller(&house.owner));
        let id = add(services, owner, "new@example.org", Role::Viewer).await.member.id;
        services.change_role(owner, id, Role::Auditor).await.unwrap();
        // The same again changes nothing, and is no entry.
        services.change_role(owner, id, Role::Auditor).await.unwrap();
        services.remove_member(owner, id).await.unwrap();
        let log = log(services, house.host).await;
        let about: Vec<_> = log.iter().filter(|e| e.object.id == id.to_string()).collect();
        let verbs: Vec<_> = about.iter().map(|entry| entry.verb.as_str()).collect();
        assert_eq!(
            verbs,
            ["member.added", "sign-in.link-issued", "member.role-changed", "member.removed"]
        );
        let portrait =
            |role| json!({"email": "new@example.org", "name": "Somebody", "role": role});
        assert_eq!(about[0].payload, Some(json!({"after": portrait("viewer")})));
        let change = json!({"before": {"role": "viewer"}, "after": {"role": "auditor"}});
        assert_eq!(about[2].payload, Some(change));
        assert_eq!(about[3].payload, Some(json!({"before": portrait("auditor")})));
        for entry in about {
            assert_eq!(entry.actor, Some(house.owner.member.id));
            assert!(!entry.leaf.contains("example.org") && !entry.leaf.contains("Somebody"));
        }
    }

    async fn the_host_may_do_what_an_owner_may(db: TestStore) {
        let house = House::new(&db).await;
        let added = add(&house.services, house.host, "new@example.org", Role::Viewer).await;
        let system = Caller { principal: Principal::System, ..house.host };
        house.services.change_role(system, added.member.id, Role::Operator).await.unwrap();
        let kinds: Vec<_> = house.log().await.into_iter().rev().map(|e| e.actor_kind).collect();
        assert_eq!(kinds[..2], ["system", "host"]);
    }
}
