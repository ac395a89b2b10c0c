//! Tokens: worth what their member is worth now, and their scopes besides.

use chrono::TimeDelta;
use domain::{
    audit::{AuditFilter, Verb},
    id::MemberId,
    member::{Principal, Role},
    permission::Permission,
    token::{LONGEST_DAYS, PREFIX, Scopes},
};
use engine::{
    both_databases,
    services::{Bearer, Caller, CreatedToken, NewToken, ServiceError},
};

use crate::house::{House, add, workspace};

const READING: [Permission; 2] = [Permission::ViewRuns, Permission::ViewAuditLog];

fn new(house: &House, scopes: &[Permission]) -> NewToken {
    NewToken {
        member: None,
        name: "The pipeline".to_owned(),
        scopes: scopes.iter().copied().collect(),
        expires_at: house.clock.now() + TimeDelta::days(30),
    }
}

async fn make(house: &House, caller: Caller, scopes: &[Permission]) -> CreatedToken {
    house.services.create_token(caller, new(house, scopes)).await.unwrap()
}

async fn bearer(house: &House, made: &CreatedToken) -> Option<Bearer> {
    house.services.bearer(made.secret.expose()).await.unwrap()
}

fn member_of(caller: Caller) -> MemberId {
    caller.principal.member().unwrap()
}

#[track_caller]
fn refused_field<T: std::fmt::Debug>(answer: Result<T, ServiceError>) -> String {
    let Err(ServiceError::Invalid(errors)) = answer else { panic!("{answer:?}") };
    errors.into_iter().next().unwrap().field
}

both_databases! {
    async fn a_token_acts_for_its_member_and_every_act_says_so(db: TestStore) {
        let house = House::new(&db).await;
        let owner = house.acting(Role::Owner).await;
        let scopes = [Permission::ManageDestinations];
        let made = make(&house, owner, &scopes).await;
        assert!(made.secret.expose().starts_with(PREFIX) && made.secret.expose().len() == 47);
        let acting = bearer(&house, &made).await.unwrap().caller();
        let expected = Principal::Token {
            id: made.token.id,
            member: member_of(owner),
            role: Role::Owner,
            scopes: scopes.into_iter().collect(),
        };
        assert_eq!(acting.principal, expected);
        house.services.allow_destination(acting, "https://a.example", false).await.unwrap();
        let entry = house.log().await.pop().unwrap();
        assert_eq!((entry.verb, entry.actor), (Verb::DestinationAllowed, Some(member_of(owner))));
        assert_eq!(entry.actor_kind, "token");
        assert_eq!(entry.token(), Some(made.token.id.to_string()));
        let mine = AuditFilter { actor: Some(member_of(owner)), ..AuditFilter::default() };
        let found = house.services.audit_entries(house.host, &mine, 1).await.unwrap();
        assert_eq!(found[0].seq, entry.seq, "it is among what the member did");
        assert!(house.services.verify_audit(house.host).await.unwrap().is_ok());
    }

    async fn what_a_token_may_not_do_is_refused_however_much_its_member_may(db: TestStore) {
        let house = House::new(&db).await;
        let owner = house.acting(Role::Owner).await;
        let made = make(&house, owner, &READING).await;
        let acting = bearer(&house, &made).await.unwrap().caller();
        let answer = house.services.members(acting).await;
        let Err(ServiceError::Refused(refused)) = answer else { panic!("{answer:?}") };
        assert!(refused.scoped && refused.to_string().contains("this token"), "{refused}");
        let entry = house.log().await.pop().unwrap();
        assert_eq!(entry.verb, Verb::ActRefused);
        assert_eq!(entry.payload.unwrap()["scope"], "missing");
    }

    async fn a_member_who_is_given_another_role_takes_the_tokens_along(db: TestStore) {
        let house = House::new(&db).await;
        let operator = house.acting(Role::Operator).await;
        let made = make(&house, operator, &[Permission::ImportRecords, Permission::ViewRuns]).await;
        house.services.change_role(house.host, member_of(operator), Role::Viewer).await.unwrap();
        let acting = bearer(&house, &made).await.unwrap().caller();
        let services = &house.services;
        assert!(services.registers(acting).await.is_ok());
        let request = engine::services::RunRequest::default();
        let answer = services.request_run(acting, "any", request).await;
        let Err(ServiceError::Refused(refused)) = answer else { panic!("{answer:?}") };
        assert_eq!((refused.role, refused.scoped), ("viewer", false));
    }

    async fn a_token_opens_nothing_once_it_expired_was_revoked_or_its_member_removed(db: TestStore) {
        let house = House::new(&db).await;
        let (owner, operator) = (house.acting(Role::Owner).await, house.acting(Role::Operator).await);
        let (short, revoked, gone) = (
            make(&house, owner, &READING).await,
            make(&house, owner, &READING).await,
            make(&house, operator, &READING).await,
        );
        for made in [&short, &revoked, &gone] {
            assert!(bearer(&house, made).await.is_some());
        }
        house.services.revoke_token(owner, revoked.token.id).await.unwrap();
        assert!(bearer(&house, &revoked).await.is_none(), "at once");
        house.services.remove_member(house.host, member_of(operator)).await.unwrap();
        assert!(bearer(&house, &gone).await.is_none());
        house.clock.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
        assert!(bearer(&house, &short).await.is_some());
        house.clock.advance(TimeDelta::seconds(1));
        assert!(bearer(&house, &short).await.is_none());
        for unknown in ["", "asz_", "asz_nothing", short.token.id.to_string().as_str()] {
            assert!(house.services.bearer(unknown).await.unwrap().is_none(), "{unknown}");
        }
    }

    async fn the_last_use_is_noted_to_the_minute(db: TestStore) {
        let house = House::new(&db).await;
        let owner = house.acting(Role::Owner).await;
        let made = make(&house, owner, &READING).await;
        let used = async || house.services.token(owner, made.token.id).await.unwrap().last_used_at;
        assert_eq!(used().await, None);
        let first = house.clock.now();
        bearer(&house, &made).await.unwrap();
        house.clock.advance(TimeDelta::seconds(59));
        bearer(&house, &made).await.unwrap();
        assert_eq!(used().await, Some(first));
        house.clock.advance(TimeDelta::seconds(1));
        bearer(&house, &made).await.unwrap();
        assert_eq!(used().await, Some(house.clock.now()));
    }

    async fn nobody_makes_a_token_that_is_worth_more_than_they_are(db: TestStore) {
        let house = House::new(&db).await;
        let (operator, owner) = (house.acting(Role::Operator).await, house.acting(Role::Owner).await);
        let services = &house.services;
        let beyond = new(&house, &[Permission::ViewRuns, Permission::DecideApprovals]);
        assert_eq!(refused_field(services.create_token(operator, beyond).await), "scopes");
        let none = new(&house, &[]);
        assert_eq!(refused_field(services.create_token(operator, none).await), "scopes");
        let others = NewToken { member: Some(member_of(owner)), ..new(&house, &READING) };
        assert_eq!(refused_field(services.create_token(operator, others).await), "member");
        let nobodys = services.create_token(house.host, new(&house, &READING)).await;
        assert_eq!(refused_field(nobodys), "member");
        let hosts = NewToken { member: Some(member_of(operator)), ..new(&house, &[Permission::ManageMembers]) };
        assert_eq!(refused_field(services.create_token(house.host, hosts).await), "scopes");
        for days in [-1, 0, LONGEST_DAYS + 1] {
            let expires_at = house.clock.now() + TimeDelta::days(days);
            let wrong = NewToken { expires_at, ..new(&house, &READING) };
            assert_eq!(refused_field(services.create_token(owner, wrong).await), "expires_at");
        }
        let scopes = [Permission::UseTokens, Permission::ViewRuns];
        let parent = bearer(&house, &make(&house, owner, &scopes).await).await.unwrap().caller();
        let child = new(&house, &[Permission::ManageMembers]);
        assert_eq!(refused_field(services.create_token(parent, child).await), "scopes");
        assert!(services.create_token(parent, new(&house, &[Permission::ViewRuns])).await.is_ok());
    }

    async fn members_see_their_own_tokens_and_owners_everybodys(db: TestStore) {
        let house = House::new(&db).await;
        let (viewer, owner) = (house.acting(Role::Viewer).await, house.acting(Role::Owner).await);
        let (hers, his) = (
            make(&house, viewer, &[Permission::ViewRuns]).await.token,
            make(&house, owner, &READING).await.token,
        );
        let services = &house.services;
        assert_eq!(services.tokens(viewer).await.unwrap(), std::slice::from_ref(&hers));
        assert_eq!(services.tokens(owner).await.unwrap(), [his.clone(), hers.clone()]);
        for answer in [
            services.token(viewer, his.id).await,
            services.revoke_token(viewer, his.id).await,
        ] {
            assert!(matches!(answer, Err(ServiceError::NotFound("token"))), "{answer:?}");
        }
        let (_, elsewhere) = workspace(services, "other").await;
        let stranger = add(services, elsewhere, "stranger@example.org", Role::Owner).await.member;
        let principal = Principal::Member { id: stranger.id, role: Role::Owner };
        let stranger = Caller { principal, ..elsewhere };
        let answer = services.revoke_token(stranger, his.id).await;
        assert!(matches!(answer, Err(ServiceError::NotFound("token"))), "{answer:?}");
        let revoked = services.revoke_token(owner, hers.id).await.unwrap();
        let again = services.revoke_token(owner, hers.id).await.unwrap();
        assert_eq!(revoked.revoked_at, again.revoked_at);
        let verbs = house.verbs().await;
        assert_eq!(verbs.iter().filter(|&&verb| verb == Verb::TokenRevoked).count(), 1);
    }

    async fn the_log_knows_a_token_but_not_its_secret(db: TestStore) {
        let house = House::new(&db).await;
        let owner = house.acting(Role::Owner).await;
        let made = make(&house, owner, &READING).await;
        let entry = house.log().await.pop().unwrap();
        assert_eq!((entry.verb, entry.object.id), (Verb::TokenCreated, made.token.id.to_string()));
        let payload = entry.payload.unwrap();
        let scopes: Scopes = serde_json::from_value(payload["after"]["scopes"].clone()).unwrap();
        assert_eq!(scopes, made.token.scopes);
        assert!(!payload.to_string().contains(&made.secret.expose()[4..]), "{payload}");
    }
}
