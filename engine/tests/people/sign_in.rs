use domain::{audit::Verb, member::Role};
use engine::{both_databases, services::ServiceError};

use crate::house::{HOME, House, OWNER, PASSWORD, add, log, workspace};

fn is_wrong<T>(answer: &Result<T, ServiceError>) -> bool {
    matches!(answer, Err(ServiceError::WrongCredentials))
}

both_databases! {
    async fn the_right_password_signs_in_whatever_the_case_of_the_address(db: TestStore) {
        let house = House::settled(&db).await;
        let services = &house.services;
        let signed_in = services.sign_in(" Owner@EXAMPLE.org", PASSWORD, HOME).await.unwrap();
        assert_eq!(signed_in.account, house.owner.member.account);
        assert_eq!(signed_in.secret.expose().len(), 43, "256 bits");
        let info = services.session(signed_in.secret.expose()).await.unwrap().unwrap();
        assert_eq!((info.account, info.email.as_str()), (signed_in.account, OWNER));
        assert_eq!(info.signed_in_at, house.clock.now());
    }

    async fn wrong_unknown_and_unfinished_accounts_are_refused_alike(db: TestStore) {
        let house = House::settled(&db).await;
        let services = &house.services;
        add(services, house.host, "invited@example.org", Role::Viewer).await;
        assert!(is_wrong(&house.sign_in("not the password").await));
        assert!(is_wrong(&house.sign_in("").await));
        assert!(is_wrong(&house.sign_in(&PASSWORD.repeat(100)).await));
        assert!(is_wrong(&services.sign_in("unknown@example.org", PASSWORD, HOME).await));
        assert!(is_wrong(&services.sign_in("invited@example.org", PASSWORD, HOME).await));
        assert!(is_wrong(&services.sign_in("invited@example.org", "", HOME).await));
    }

    async fn an_account_that_was_removed_everywhere_does_not_come_in(db: TestStore) {
        let house = House::settled(&db).await;
        let services = &house.services;
        add(services, house.host, "heir@example.org", Role::Owner).await;
        services.remove_member(house.host, house.owner.member.id).await.unwrap();
        assert!(is_wrong(&house.sign_in(PASSWORD).await));
    }

    async fn every_workspace_of_the_account_learns_of_it(db: TestStore) {
        let house = House::settled(&db).await;
        let services = &house.services;
        let (_, second) = workspace(services, "second").await;
        let (_, third) = workspace(services, "third").await;
        let there = add(services, second, OWNER, Role::Viewer).await.member;
        house.sign_in("not the password").await.unwrap_err();
        house.sign_in(PASSWORD).await.unwrap();
        for (caller, member) in [(house.host, house.owner.member.id), (second, there.id)] {
            let log = log(services, caller).await;
            let [.., refused, succeeded] = log.as_slice() else { panic!() };
            assert_eq!((refused.verb, refused.actor), (Verb::SignInRefused, None));
            assert_eq!((succeeded.verb, succeeded.actor), (Verb::SignInSucceeded, Some(member)));
            for entry in [refused, succeeded] {
                assert_eq!(entry.object.id, member.to_string());
                assert_eq!(entry.payload.as_ref().unwrap()["address"], "192.0.2.1");
                assert!(!entry.leaf.contains("192.0.2.1"), "personal data stay out of leaves");
            }
        }
        assert_eq!(log(services, third).await.len(), 1);
    }

    async fn many_who_sign_in_at_once_all_come_in(db: TestStore) {
        let house = House::settled(&db).await;
        let (_, second) = workspace(&house.services, "second").await;
        add(&house.services, second, OWNER, Role::Viewer).await;
        let four = tokio::join!(
            house.sign_in(PASSWORD), house.sign_in(PASSWORD),
            house.sign_in(PASSWORD), house.sign_in(PASSWORD),
        );
        assert!(four.0.is_ok() && four.1.is_ok() && four.2.is_ok() && four.3.is_ok(), "{four:?}");
    }
}
