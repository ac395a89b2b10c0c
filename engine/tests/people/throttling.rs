use std::net::{IpAddr, Ipv4Addr};

use chrono::TimeDelta;
use domain::audit::Verb;
use engine::{both_databases, services::ServiceError};

use crate::house::{CAFE, HOME, House, OWNER, PASSWORD, replica};

/// How long the answer says to wait; 0 for a try that was looked at.
fn wait<T: std::fmt::Debug>(answer: Result<T, ServiceError>) -> i64 {
    match answer {
        Err(ServiceError::Throttled { retry_after_seconds }) => retry_after_seconds,
        Err(ServiceError::WrongCredentials) => 0,
        other => panic!("{other:?}"),
    }
}

both_databases! {
    async fn replicas_count_failures_together(db: TestStore) {
        let house = House::settled(&db).await;
        let other = replica(&db, &house.clock);
        let replicas = [&house.services, &other];
        for n in 0..5 {
            assert_eq!(wait(replicas[n % 2].sign_in(OWNER, "wrong", HOME).await), 0);
        }
        for services in replicas {
            // Another address does not help, and neither does the right password.
            assert_eq!(wait(services.sign_in(OWNER, PASSWORD, CAFE).await), 1);
        }
        let refused = house.verbs().await.into_iter().filter(|&v| v == Verb::SignInRefused).count();
        assert_eq!(refused, 5, "a try that was not looked at is no entry");
        house.clock.advance(TimeDelta::seconds(1));
        other.sign_in(OWNER, PASSWORD, HOME).await.unwrap();
    }

    async fn the_wait_grows_to_fifteen_minutes_and_a_success_clears_it(db: TestStore) {
        let house = House::settled(&db).await;
        let mut waits = Vec::new();
        while waits.last() != Some(&900) {
            let answer = house.sign_in("wrong").await;
            let seconds = wait(answer);
            if seconds > 0 {
                waits.push(seconds);
                house.clock.advance(TimeDelta::seconds(seconds));
            }
        }
        // While the tenth wait passes, the first failure is forgiven.
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512, 900]);
        house.sign_in(PASSWORD).await.unwrap();
        for _ in 0..5 {
            assert_eq!(wait(house.sign_in("wrong").await), 0);
        }
        assert_eq!(wait(house.sign_in("wrong").await), 1);
    }

    async fn an_unknown_account_is_throttled_like_a_known_one(db: TestStore) {
        let house = House::settled(&db).await;
        let mut waits = Vec::new();
        for email in [OWNER, "unknown@example.org"] {
            let mut answers = Vec::new();
            for _ in 0..6 {
                answers.push(wait(house.services.sign_in(email, "wrong", HOME).await));
            }
            waits.push(answers);
        }
        assert_eq!(waits[0], waits[1]);
    }

    async fn an_address_that_tries_many_accounts_has_to_wait(db: TestStore) {
        let house = House::settled(&db).await;
        let guess = async |n: u8, address| {
            wait(house.services.sign_in(&format!("{n}@example.org"), "wrong", address).await)
        };
        for n in 0..30 {
            assert_eq!(guess(n, HOME).await, 0);
        }
        assert_eq!(guess(30, HOME).await, 1);
        assert_eq!(guess(30, CAFE).await, 0, "another address may");
    }

    async fn a_busy_office_that_mistypes_nothing_is_never_throttled(db: TestStore) {
        let house = House::settled(&db).await;
        for _ in 0..35 {
            house.sign_in(PASSWORD).await.unwrap();
        }
    }

    async fn many_wrong_tries_at_once_gain_nothing(db: TestStore) {
        let house = House::settled(&db).await;
        let address = |n| IpAddr::V4(Ipv4Addr::new(203, 0, 113, n));
        let tries = (0..12).map(|n| house.services.sign_in(OWNER, "wrong", address(n)));
        let answers = futures::future::join_all(tries).await;
        let looked_at =
            answers.iter().filter(|a| matches!(a, Err(ServiceError::WrongCredentials))).count();
        assert!(looked_at <= 5, "{looked_at} of 12 were compared with the password");
    }
}
