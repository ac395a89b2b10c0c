//! Requests with a key: carried out once, whatever happens in between.

use chrono::TimeDelta;
use domain::{audit::Verb, member::Role};
use engine::{
    both_databases,
    once::{self, Claim},
    services::{Caller, KeyStanding, KeyedRequest, ServiceError},
    store::Answer,
};
use futures::future::join_all;

use crate::house::{House, replica};

fn asked(caller: Caller, key: &str, digest: &str) -> KeyedRequest {
    let Caller { workspace, principal } = caller;
    KeyedRequest { workspace, principal, key: key.to_owned(), digest: digest.to_owned() }
}

fn answer(body: &str) -> Answer {
    Answer {
        status: 201,
        content_type: Some("application/json".into()),
        location: None,
        body: body.into(),
    }
}

async fn standing(house: &House, request: KeyedRequest) -> KeyStanding {
    house.services.claim_key(request).await.unwrap()
}

#[track_caller]
fn mine(standing: KeyStanding) -> Claim {
    let KeyStanding::Mine(claim) = standing else { panic!("{standing:?}") };
    claim
}

/// Something that is done under a claim.
async fn act(house: &House, caller: Caller, claim: &Claim) -> Result<(), ServiceError> {
    let allow = house.services.allow_destination(caller, "https://a.example", false);
    once::within(claim.clone(), allow).await.map(drop)
}

both_databases! {
    async fn the_same_request_gets_the_same_answer_for_a_day(db: TestStore) {
        let house = House::new(&db).await;
        let owner = house.acting(Role::Owner).await;
        let claim = mine(standing(&house, asked(owner, "k", "d")).await);
        assert_eq!(standing(&house, asked(owner, "k", "d")).await, KeyStanding::InFlight);
        act(&house, owner, &claim).await.unwrap();
        house.services.keep_answer(claim, answer("{}")).await.unwrap();
        let known = KeyStanding::Answered(answer("{}"));
        assert_eq!(standing(&house, asked(owner, "k", "d")).await, known);
        assert_eq!(standing(&house, asked(owner, "k", "other")).await, KeyStanding::OtherRequest);
        house.clock.advance(TimeDelta::hours(24));
        assert_eq!(standing(&house, asked(owner, "k", "d")).await, known);
        house.clock.advance(TimeDelta::seconds(1));
        mine(standing(&house, asked(owner, "k", "other")).await);
    }

    async fn keys_of_others_are_their_own(db: TestStore) {
        let house = House::new(&db).await;
        let (owner, viewer) = (house.acting(Role::Owner).await, house.acting(Role::Viewer).await);
        mine(standing(&house, asked(owner, "k", "d")).await);
        mine(standing(&house, asked(viewer, "k", "d")).await);
        mine(standing(&house, asked(house.host, "k", "d")).await);
    }

    async fn of_many_who_send_it_at_once_one_carries_it_out(db: TestStore) {
        let house = House::new(&db).await;
        let owner = house.acting(Role::Owner).await;
        let other = replica(&db, &house.clock);
        let all = (0..32).map(|n| {
            let services = if n % 2 == 0 { &house.services } else { &other };
            services.claim_key(asked(owner, "k", "d"))
        });
        let found = join_all(all).await.into_iter().map(Result::unwrap);
        let (mine, rest): (Vec<_>, Vec<_>) =
            found.partition(|standing| matches!(standing, KeyStanding::Mine(_)));
        assert_eq!(mine.len(), 1);
        assert!(rest.iter().all(|standing| *standing == KeyStanding::InFlight));
    }

    async fn what_died_before_it_did_anything_is_carried_out_by_the_next(db: TestStore) {
        let house = House::new(&db).await;
        let owner = house.acting(Role::Owner).await;
        let dead = mine(standing(&house, asked(owner, "k", "d")).await);
        house.clock.advance(TimeDelta::minutes(3));
        let next = mine(standing(&house, asked(owner, "k", "d")).await);
        assert_eq!((dead.attempt, next.attempt), (1, 2));
        // The first was only slow, and comes too late: nothing of it is committed.
        assert!(act(&house, owner, &dead).await.is_err());
        assert!(!house.verbs().await.contains(&Verb::DestinationAllowed));
        act(&house, owner, &next).await.unwrap();
        house.services.keep_answer(dead, answer("late")).await.unwrap();
        house.services.keep_answer(next, answer("{}")).await.unwrap();
        let known = KeyStanding::Answered(answer("{}"));
        assert_eq!(standing(&house, asked(owner, "k", "d")).await, known);
    }

    async fn what_died_after_its_commit_is_never_done_again(db: TestStore) {
        let house = House::new(&db).await;
        let owner = house.acting(Role::Owner).await;
        let claim = mine(standing(&house, asked(owner, "k", "d")).await);
        act(&house, owner, &claim).await.unwrap();
        house.clock.advance(TimeDelta::minutes(3));
        assert_eq!(standing(&house, asked(owner, "k", "d")).await, KeyStanding::AnswerLost);
        house.services.release_key(claim).await.unwrap();
        assert_eq!(standing(&house, asked(owner, "k", "d")).await, KeyStanding::AnswerLost);
    }

    async fn a_key_that_came_to_nothing_can_be_used_again(db: TestStore) {
        let house = House::new(&db).await;
        let owner = house.acting(Role::Owner).await;
        let claim = mine(standing(&house, asked(owner, "k", "d")).await);
        house.services.release_key(claim).await.unwrap();
        mine(standing(&house, asked(owner, "k", "other")).await);
    }
}
