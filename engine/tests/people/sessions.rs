use chrono::TimeDelta;
use domain::audit::Verb;
use engine::both_databases;

use crate::house::{House, PASSWORD, replica};

both_databases! {
    async fn a_session_nobody_uses_is_over_after_half_an_hour(db: TestStore) {
        let house = House::settled(&db).await;
        let secret = house.sign_in(PASSWORD).await.unwrap().secret;
        house.clock.advance(TimeDelta::minutes(30) - TimeDelta::seconds(1));
        assert!(house.services.session(secret.expose()).await.unwrap().is_some());
        house.clock.advance(TimeDelta::minutes(29));
        let elsewhere = replica(&db, &house.clock);
        assert!(elsewhere.session(secret.expose()).await.unwrap().is_some(), "it was used");
        house.clock.advance(TimeDelta::minutes(30));
        assert_eq!(house.services.session(secret.expose()).await.unwrap(), None);
    }

    async fn a_session_in_use_is_over_after_twelve_hours(db: TestStore) {
        let house = House::settled(&db).await;
        let signed_in = house.sign_in(PASSWORD).await.unwrap();
        let secret = signed_in.secret.expose();
        while house.clock.now() + TimeDelta::minutes(20) < signed_in.expires_at {
            house.clock.advance(TimeDelta::minutes(20));
            assert!(house.services.session(secret).await.unwrap().is_some());
        }
        assert_eq!(house.clock.now() - (signed_in.expires_at - TimeDelta::hours(12)), TimeDelta::minutes(700));
        house.clock.advance_to(signed_in.expires_at);
        assert_eq!(house.services.session(secret).await.unwrap(), None);
    }

    async fn the_use_of_a_session_is_noted_once_a_minute_at_most(db: TestStore) {
        let house = House::settled(&db).await;
        let secret = house.sign_in(PASSWORD).await.unwrap().secret;
        let stored = async || {
            let digest = sha256(secret.expose());
            db.store.read().await.unwrap().session(&digest).await.unwrap().unwrap().seen_at
        };
        let begun = stored().await;
        house.clock.advance(TimeDelta::seconds(59));
        house.services.session(secret.expose()).await.unwrap().unwrap();
        assert_eq!(stored().await, begun);
        house.clock.advance(TimeDelta::seconds(1));
        house.services.session(secret.expose()).await.unwrap().unwrap();
        assert_eq!(stored().await, begun + TimeDelta::minutes(1));
    }

    async fn signing_out_ends_one_session_and_is_entered(db: TestStore) {
        let house = House::settled(&db).await;
        let one = house.sign_in(PASSWORD).await.unwrap().secret;
        let other = house.sign_in(PASSWORD).await.unwrap().secret;
        house.services.sign_out(one.expose()).await.unwrap();
        assert_eq!(house.services.session(one.expose()).await.unwrap(), None);
        assert!(house.services.session(other.expose()).await.unwrap().is_some());
        assert_eq!(house.verbs().await.last(), Some(&Verb::SignedOut));
        let entries = house.log().await.len();
        house.services.sign_out(one.expose()).await.unwrap();
        house.services.sign_out("made-up").await.unwrap();
        assert_eq!(house.log().await.len(), entries, "nothing ended");
    }

    async fn signing_out_everywhere_ends_all_sessions(db: TestStore) {
        let house = House::settled(&db).await;
        let secrets = [
            house.sign_in(PASSWORD).await.unwrap().secret,
            house.sign_in(PASSWORD).await.unwrap().secret,
        ];
        let account = house.owner.member.account;
        // The invitation had signed in too.
        assert_eq!(house.services.sign_out_everywhere(account).await.unwrap(), 3);
        for secret in secrets {
            assert_eq!(house.services.session(secret.expose()).await.unwrap(), None);
        }
        assert_eq!(house.services.sign_out_everywhere(account).await.unwrap(), 0);
    }

    async fn a_made_up_secret_and_a_digest_are_no_session(db: TestStore) {
        let house = House::settled(&db).await;
        let secret = house.sign_in(PASSWORD).await.unwrap().secret;
        for wrong in ["", "made-up", &sha256(secret.expose())] {
            assert_eq!(house.services.session(wrong).await.unwrap(), None);
        }
    }
}

fn sha256(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    domain::canonical::hex(&Sha256::digest(text))
}
