use chrono::TimeDelta;
use domain::{
    audit::Verb,
    member::{Principal, Role},
};
use engine::{
    both_databases,
    clock::Clock,
    services::{Caller, Claim, ServiceError, Services},
    testing::TestStore,
};

use crate::house::{CAFE, HOME, PASSWORD, add, log, replica, start, workspace};

fn empty(db: &TestStore) -> (Services, Clock) {
    let clock = Clock::manual(start());
    (replica(db, &clock), clock)
}

fn claim(token: &str, email: &str) -> Claim {
    Claim {
        token: token.to_owned(),
        name: "First Owner".to_owned(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        workspace_name: "The house".to_owned(),
        workspace_slug: "main".to_owned(),
    }
}

both_databases! {
    async fn the_first_owner_makes_account_and_workspace_in_one_go(db: TestStore) {
        let (services, _) = empty(&db);
        assert!(!services.setup_is_open().await.unwrap());
        let token = services.prepare_setup().await.unwrap().unwrap().token;
        assert!(services.setup_is_open().await.unwrap());
        let claimed = services.claim_setup(claim(token.expose(), "First@Example.org"), HOME).await.unwrap();
        assert_eq!((claimed.workspace.slug.as_str(), claimed.member.role), ("main", Role::Owner));
        assert!(services.session(claimed.signed_in.secret.expose()).await.unwrap().is_some());
        services.sign_in("first@example.org", PASSWORD, HOME).await.unwrap();
        let host = Caller { workspace: claimed.workspace.id, principal: Principal::Host };
        let verbs: Vec<_> = log(&services, host).await.iter().map(|entry| entry.verb).collect();
        assert_eq!(verbs, [
            Verb::WorkspaceCreated, Verb::MemberAdded, Verb::MemberPasswordSet,
            Verb::SignInSucceeded, Verb::SignInSucceeded,
        ]);
    }

    async fn of_two_who_hold_the_token_one_becomes_the_owner(db: TestStore) {
        let (services, clock) = empty(&db);
        let token = services.prepare_setup().await.unwrap().unwrap().token;
        let other = replica(&db, &clock);
        let (one, two) = tokio::join!(
            services.claim_setup(claim(token.expose(), "one@example.org"), HOME),
            other.claim_setup(claim(token.expose(), "two@example.org"), CAFE),
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        let workspaces = services.workspaces().await.unwrap();
        assert_eq!(workspaces.len(), 1);
        let host = Caller { workspace: workspaces[0].id, principal: Principal::Host };
        assert_eq!(services.members(host).await.unwrap().len(), 1);
        let loser = if one.is_ok() { "two@example.org" } else { "one@example.org" };
        let refusal = services.sign_in(loser, PASSWORD, HOME).await.unwrap_err();
        assert_eq!(refusal.code(), "wrong-credentials", "the loser left no account");
    }

    async fn once_claimed_the_way_is_closed_for_ever(db: TestStore) {
        let (services, _) = empty(&db);
        let token = services.prepare_setup().await.unwrap().unwrap().token;
        services.claim_setup(claim(token.expose(), "one@example.org"), HOME).await.unwrap();
        let again = services.claim_setup(claim(token.expose(), "two@example.org"), HOME).await;
        assert_eq!(again.unwrap_err().code(), "link-not-valid");
        assert!(services.prepare_setup().await.unwrap().is_none());
        assert!(!services.setup_is_open().await.unwrap());
    }

    async fn an_owner_made_on_the_host_closes_the_way_too(db: TestStore) {
        let (services, _) = empty(&db);
        let token = services.prepare_setup().await.unwrap().unwrap().token;
        let (_, host) = workspace(&services, "main").await;
        add(&services, host, "viewer@example.org", Role::Viewer).await;
        assert!(services.setup_is_open().await.unwrap(), "a viewer is no owner");
        add(&services, host, "owner@example.org", Role::Owner).await;
        assert!(!services.setup_is_open().await.unwrap());
        let late = services.claim_setup(claim(token.expose(), "two@example.org"), HOME).await;
        assert_eq!(late.unwrap_err().code(), "link-not-valid");
        assert!(services.prepare_setup().await.unwrap().is_none());
    }

    async fn a_token_is_good_for_half_an_hour_and_the_next_start_gives_another(db: TestStore) {
        let (services, clock) = empty(&db);
        let first = services.prepare_setup().await.unwrap().unwrap();
        assert_eq!(first.expires_at, clock.now() + TimeDelta::minutes(30));
        clock.advance(TimeDelta::minutes(30));
        assert!(!services.setup_is_open().await.unwrap());
        let late = services.claim_setup(claim(first.token.expose(), "one@example.org"), HOME).await;
        assert_eq!(late.unwrap_err().code(), "link-not-valid");
        let second = services.prepare_setup().await.unwrap().unwrap();
        let old = services.claim_setup(claim(first.token.expose(), "one@example.org"), HOME).await;
        assert_eq!(old.unwrap_err().code(), "link-not-valid");
        services.claim_setup(claim(second.token.expose(), "one@example.org"), HOME).await.unwrap();
    }

    async fn a_claim_with_mistakes_names_each_and_leaves_the_token_good(db: TestStore) {
        let (services, _) = empty(&db);
        let token = services.prepare_setup().await.unwrap().unwrap().token;
        let wrong = Claim {
            token: token.expose().to_owned(),
            name: String::new(),
            email: "nobody".to_owned(),
            password: "short".to_owned(),
            workspace_name: String::new(),
            workspace_slug: "Not a slug".to_owned(),
        };
        let refusal = services.claim_setup(wrong, HOME).await.unwrap_err();
        let ServiceError::Invalid(errors) = refusal else { panic!("{refusal}") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "email", "workspace_name", "workspace_slug", "password"]);
        services.claim_setup(claim(token.expose(), "one@example.org"), HOME).await.unwrap();
    }

    async fn the_first_owner_joins_a_workspace_that_the_host_has_made(db: TestStore) {
        let (services, _) = empty(&db);
        let (made, host) = workspace(&services, "main").await;
        let token = services.prepare_setup().await.unwrap().unwrap().token;
        let claimed = services.claim_setup(claim(token.expose(), "one@example.org"), HOME).await.unwrap();
        assert_eq!(claimed.workspace, made);
        let verbs: Vec<_> = log(&services, host).await.iter().map(|entry| entry.verb).collect();
        assert_eq!(verbs[..2], [Verb::WorkspaceCreated, Verb::MemberAdded]);
    }
}
