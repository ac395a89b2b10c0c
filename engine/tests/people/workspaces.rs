use domain::member::{Principal, Role};
use engine::{both_databases, services::ServiceError};
use serde_json::json;

use crate::house::{House, add, caller, log, workspace};

both_databases! {
    async fn a_workspace_begins_with_the_entry_about_itself(db: TestStore) {
        let house = House::new(&db).await;
        let (second, host) = workspace(&house.services, "second").await;
        let log = log(&house.services, host).await;
        assert_eq!(log.len(), 1);
        assert_eq!(log[0].verb.as_str(), "workspace.created");
        assert_eq!(log[0].object.id, second.id.to_string());
        let after = json!({"after": {"slug": "second", "name": "A house"}});
        assert_eq!(log[0].payload, Some(after));
        let slugs: Vec<_> =
            house.services.workspaces().await.unwrap().into_iter().map(|w| w.slug).collect();
        assert_eq!(slugs, ["main", "second"]);
        assert_eq!(house.services.workspace_by_slug("second").await.unwrap(), second);
    }

    async fn a_short_name_is_checked_and_taken_once(db: TestStore) {
        let house = House::new(&db).await;
        for (slug, name, field) in
            [("main", "Again", "slug"), ("Not good", "Bad", "slug"), ("third", " ", "name")]
        {
            let made = house.services.create_workspace(Principal::Host, slug, name).await;
            let Err(ServiceError::Invalid(errors)) = made else { panic!("{slug} was made") };
            assert_eq!(errors[0].field, field);
        }
        assert_eq!(house.services.workspaces().await.unwrap().len(), 1);
    }

    async fn no_member_makes_a_workspace(db: TestStore) {
        let house = House::new(&db).await;
        let owner = caller(&house.owner).principal;
        let refusal = house.services.create_workspace(owner, "mine", "Mine").await.unwrap_err();
        assert_eq!(refusal.code(), "host-only");
    }

    async fn an_account_acts_where_it_is_a_member_and_finds_nothing_elsewhere(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let (_, host) = workspace(services, "second").await;
        let viewer = add(services, house.host, "viewer@example.org", Role::Viewer).await;
        let account = viewer.member.account;
        let (found, member, acting) = services.principal_in(account, "main").await.unwrap();
        assert_eq!((found, member), (house.workspace.clone(), viewer.member.clone()));
        assert_eq!(acting, caller(&viewer));
        for slug in ["second", "unknown"] {
            let refusal = services.principal_in(account, slug).await.unwrap_err();
            assert_eq!(refusal.to_string(), "there is no such workspace", "{slug}");
        }
        add(services, host, "viewer@example.org", Role::Auditor).await;
        assert_eq!(services.principal_in(account, "second").await.unwrap().1.role, Role::Auditor);
        let slugs: Vec<_> =
            services.workspaces_of(account).await.unwrap().into_iter().map(|w| w.slug).collect();
        assert_eq!(slugs, ["main", "second"]);
    }

    async fn a_role_is_read_for_every_request(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let viewer = add(services, house.host, "viewer@example.org", Role::Viewer).await.member;
        services.change_role(house.host, viewer.id, Role::Operator).await.unwrap();
        let (.., acting) = services.principal_in(viewer.account, "main").await.unwrap();
        assert_eq!(acting.principal, Principal::Member { id: viewer.id, role: Role::Operator });
        services.remove_member(house.host, viewer.id).await.unwrap();
        let refusal = services.principal_in(viewer.account, "main").await.unwrap_err();
        assert_eq!(refusal.code(), "not-found");
        assert_eq!(services.workspaces_of(viewer.account).await.unwrap(), []);
    }
}
