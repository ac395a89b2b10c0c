use chrono::TimeDelta;
use domain::{audit::Verb, member::Role};
use engine::{both_databases, services::ServiceError};

use crate::house::{CAFE, HOME, House, OWNER, PASSWORD, accept, add, caller, log, workspace};

const ANOTHER: &str = "nine purple umbrellas";

both_databases! {
    async fn an_invitation_asks_for_a_password_and_signs_in(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let token = house.owner.link.as_ref().unwrap().token.expose();
        let info = services.link_info(token).await.unwrap();
        assert_eq!((info.email.as_str(), info.sets_password), (OWNER, true));
        for (password, complaint) in
            [(None, "choose a password"), (Some("short"), "at least 12"), (Some("password1234"), "common")]
        {
            let refusal = services.accept_link(token, password, HOME).await.unwrap_err();
            let ServiceError::Invalid(errors) = refusal else { panic!("{refusal}") };
            assert_eq!(errors[0].field, "password");
            assert!(errors[0].message.contains(complaint), "{}", errors[0].message);
        }
        let session = services.accept_link(token, Some(PASSWORD), HOME).await.unwrap();
        assert!(services.session(session.secret.expose()).await.unwrap().is_some());
        house.sign_in(PASSWORD).await.unwrap();
        let verbs = house.verbs().await;
        assert!(verbs.ends_with(&[
            Verb::MemberPasswordSet, Verb::SignInSucceeded, Verb::SignInSucceeded
        ]));
    }

    async fn a_link_works_once_and_looking_at_it_does_not_count(db: TestStore) {
        let house = House::settled(&db).await;
        let services = &house.services;
        let link = services.link_for(" Owner@Example.org").await.unwrap();
        let token = link.token.expose();
        for _ in 0..3 {
            assert!(!services.link_info(token).await.unwrap().sets_password);
        }
        let (one, two) = tokio::join!(
            services.accept_link(token, None, HOME),
            services.accept_link(token, None, CAFE),
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        let replay = services.accept_link(token, None, HOME).await.unwrap_err();
        assert_eq!(replay.code(), "link-not-valid");
        assert_eq!(services.link_info(token).await.unwrap_err().code(), "link-not-valid");
        assert_eq!(services.link_info("made-up").await.unwrap_err().code(), "link-not-valid");
        house.sign_in(PASSWORD).await.unwrap();
    }

    async fn a_link_for_somebody_locked_out_is_good_for_half_an_hour(db: TestStore) {
        let house = House::settled(&db).await;
        let services = &house.services;
        let link = services.link_for(OWNER).await.unwrap();
        house.clock.advance(TimeDelta::minutes(30) - TimeDelta::seconds(1));
        services.link_info(link.token.expose()).await.unwrap();
        house.clock.advance(TimeDelta::seconds(1));
        let late = services.accept_link(link.token.expose(), None, HOME).await.unwrap_err();
        assert_eq!(late.code(), "link-not-valid");
    }

    async fn a_new_link_takes_the_old_one_back_and_ends_the_sessions(db: TestStore) {
        let house = House::settled(&db).await;
        let services = &house.services;
        let session = house.sign_in(PASSWORD).await.unwrap();
        let first = services.issue_link(house.host, house.owner.member.id).await.unwrap();
        assert_eq!(services.session(session.secret.expose()).await.unwrap(), None);
        let second = services.link_for(OWNER).await.unwrap();
        let refusal = services.accept_link(first.token.expose(), None, HOME).await.unwrap_err();
        assert_eq!(refusal.code(), "link-not-valid");
        services.accept_link(second.token.expose(), None, HOME).await.unwrap();
    }

    async fn a_new_password_ends_the_other_sessions_and_the_old_password(db: TestStore) {
        let house = House::settled(&db).await;
        let services = &house.services;
        let link = services.link_for(OWNER).await.unwrap();
        let before = house.sign_in(PASSWORD).await.unwrap();
        let after = services.accept_link(link.token.expose(), Some(ANOTHER), HOME).await.unwrap();
        assert_eq!(services.session(before.secret.expose()).await.unwrap(), None);
        assert!(services.session(after.secret.expose()).await.unwrap().is_some());
        assert!(matches!(house.sign_in(PASSWORD).await, Err(ServiceError::WrongCredentials)));
        house.sign_in(ANOTHER).await.unwrap();
    }

    async fn an_owner_gets_no_link_into_a_workspace_of_somebody_else(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let (_, second) = workspace(services, "second").await;
        let owner = caller(&house.owner);
        // Invited elsewhere and not come in yet: no second invitation from here.
        let there = add(services, second, "both@example.org", Role::Owner).await;
        let here = add(services, owner, "both@example.org", Role::Viewer).await;
        assert!(here.link.is_none());
        let refusal = services.issue_link(owner, here.member.id).await.unwrap_err();
        assert_eq!(refusal.code(), "host-only");
        accept(services, &there).await;
        let refusal = services.issue_link(owner, here.member.id).await.unwrap_err();
        assert_eq!(refusal.code(), "host-only");
        // Whoever owns both may help out, and both logs say so.
        let mine = add(services, second, OWNER, Role::Owner).await;
        services.issue_link(owner, here.member.id).await.unwrap();
        let last = |log: Vec<domain::audit::Entry>| {
            let entry = log.last().unwrap();
            (entry.verb, entry.actor, entry.object.id.clone())
        };
        let id = |id: domain::id::MemberId| id.to_string();
        assert_eq!(
            last(house.log().await),
            (Verb::SignInLinkIssued, Some(house.owner.member.id), id(here.member.id))
        );
        assert_eq!(
            last(log(services, second).await),
            (Verb::SignInLinkIssued, Some(mine.member.id), id(there.member.id))
        );
    }

    async fn nobody_gets_a_link_who_is_a_member_nowhere(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let gone = add(services, house.host, "gone@example.org", Role::Viewer).await;
        services.remove_member(house.host, gone.member.id).await.unwrap();
        for email in ["gone@example.org", "unknown@example.org"] {
            assert_eq!(services.link_for(email).await.unwrap_err().code(), "not-found");
        }
        // The invitation was taken back with the membership.
        let token = gone.link.unwrap().token;
        let refusal = services.accept_link(token.expose(), Some(PASSWORD), HOME).await.unwrap_err();
        assert_eq!(refusal.code(), "link-not-valid");
    }
}
