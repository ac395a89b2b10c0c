//! One replica signs at a time.

use chrono::TimeDelta;
use engine::{both_databases, signing::SigningDir, store::StoreError};

use crate::house::House;

both_databases! {
    async fn while_one_replica_has_the_term_no_other_signs(db: TestStore) {
        let house = House::new(&db).await;
        let other = house.replica(&house.dir);
        assert_eq!(house.minute().await, 1);
        house.grow(1).await;
        house.clock.advance(TimeDelta::minutes(1));
        assert_eq!(other.tick(house.clock.now()).await.unwrap(), 0, "the term is not over");
        assert_eq!(house.minute().await, 1);
        // The first one is gone: the other follows when its term is over.
        house.grow(1).await;
        house.clock.advance(TimeDelta::minutes(2));
        assert_eq!(other.tick(house.clock.now()).await.unwrap(), 1);
        house.grow(1).await;
        assert_eq!(house.minute().await, 0);
        // One that ends lets others sign at once.
        other.end_term().await.unwrap();
        assert_eq!(house.later(TimeDelta::zero()).await, 1);
        assert_eq!(house.latest().await.number, 4);
    }

    async fn many_replicas_at_once_sign_once(db: TestStore) {
        let house = House::new(&db).await;
        for round in 1..=5 {
            house.grow(1).await;
            // Longer than a term, so that all of them may begin one.
            house.clock.advance(TimeDelta::minutes(3));
            let replicas: Vec<_> = (0..4).map(|_| house.replica(&house.dir)).collect();
            let now = house.clock.now();
            let ticks = replicas.iter().map(|replica| replica.tick(now));
            let signed: usize =
                futures::future::join_all(ticks).await.into_iter().map(Result::unwrap).sum();
            assert_eq!(signed, 1);
            assert_eq!(house.latest().await.number, round);
        }
    }

    async fn a_term_that_was_taken_over_signs_nothing_any_more(db: TestStore) {
        let house = House::new(&db).await;
        let take = async |holder: &'static str, by_force| {
            let now = house.clock.now();
            let taken = db.store.write::<_, StoreError, _>(move |tx| Box::pin(async move {
                tx.take_signing_term(holder, now, by_force).await
            }));
            taken.await.unwrap()
        };
        let holds = async |fence| {
            let held = db.store.write::<_, StoreError, _>(move |tx| Box::pin(async move {
                tx.holds_signing_term(fence).await
            }));
            held.await.unwrap()
        };
        let first = take("a", false).await.unwrap();
        assert_eq!(take("a", false).await, Some(first), "renewed");
        assert_eq!(take("b", false).await, None);
        assert!(holds(first).await);
        house.clock.advance(TimeDelta::minutes(2));
        let second = take("b", false).await.unwrap();
        assert!(second > first && !holds(first).await && holds(second).await);
        let third = take("host", true).await.unwrap();
        assert!(third > second && !holds(second).await && holds(third).await);
    }

    async fn a_host_that_did_not_sign_lately_learns_what_the_other_signed(db: TestStore) {
        let house = House::new(&db).await;
        house.minute().await;
        let elsewhere = house.folder("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        std::fs::copy(house.dir.key_path(), elsewhere.join("key")).unwrap();
        let elsewhere = SigningDir::new(elsewhere);
        let other = house.replica(&elsewhere);
        house.signer.end_term().await.unwrap();
        assert_eq!(other.tick(house.clock.now()).await.unwrap(), 0, "nothing came");
        let workspace = house.workspace;
        assert_eq!(elsewhere.kept(workspace).unwrap(), house.dir.kept(workspace).unwrap());
        house.grow(300).await;
        house.clock.advance(TimeDelta::minutes(1));
        assert_eq!(other.tick(house.clock.now()).await.unwrap(), 1);
        other.end_term().await.unwrap();
        assert_eq!(house.kept().await.size, 1);
        house.grow(1).await;
        assert_eq!(house.minute().await, 1);
        assert_eq!(house.kept().await.size, 302);
        let proof = house.services.inclusion_proof(house.host, 5).await.unwrap();
        assert_eq!(proof.checkpoint.size, 302);
    }
}
