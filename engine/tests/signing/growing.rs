//! When a log is signed, and what a checkpoint says.

use chrono::TimeDelta;
use domain::audit::{AuditFilter, Verb};
use engine::{
    both_databases,
    services::Standing,
    store::{CheckpointStamp, StoreError},
    work::retention,
};
use ledger::{Checkpoint, Leaf, proof::verify_consistency};

use crate::house::House;

both_databases! {
    async fn a_log_is_signed_when_it_grew_and_at_most_every_minute(db: TestStore) {
        let house = House::new(&db).await;
        assert_eq!(house.services.checkpoint_state(house.host).await.unwrap().standing, Standing::Unsigned);
        assert_eq!(house.later(TimeDelta::zero()).await, 1, "the first time at once");
        assert_eq!(house.latest().await.size, 1);
        house.grow(3).await;
        assert_eq!(house.later(TimeDelta::seconds(59)).await, 0);
        assert_eq!(house.later(TimeDelta::seconds(1)).await, 1);
        assert_eq!(house.minute().await, 0, "nothing came");
        let latest = house.latest().await;
        assert_eq!((latest.number, latest.size, latest.epoch), (2, 4, 0));
        let root = house.services.audit_root(house.host).await.unwrap();
        let opened = Checkpoint::open(latest.note.as_bytes(), &house.keys().await).unwrap();
        assert_eq!(opened, Checkpoint { origin: house.origin(), size: 4, root: root.root });
        assert_eq!(house.kept().await, opened);
        let state = house.services.checkpoint_state(house.host).await.unwrap();
        assert_eq!((state.standing, state.size, state.refusal), (Standing::Fits, 4, None));
        let second = house.services.checkpoint_at(house.host, 4).await.unwrap().unwrap();
        assert_eq!(second, latest);
        let before = house.services.checkpoint_before(house.host, latest.signed_at).await.unwrap();
        assert_eq!(before.unwrap().number, 1);
        assert_eq!(house.services.checkpoint_at(house.host, 3).await.unwrap(), None);
        assert_eq!(house.services.key_custody(house.host).await.unwrap().unwrap(), "file");
    }

    async fn a_quiet_log_shows_every_hour_that_it_is_kept(db: TestStore) {
        let house = House::new(&db).await;
        house.minute().await;
        assert_eq!(house.later(TimeDelta::minutes(59)).await, 0);
        assert_eq!(house.minute().await, 1);
        let latest = house.latest().await;
        assert_eq!(latest.size, 2);
        let filter = AuditFilter::default();
        let newest = house.services.audit_entries(house.host, &filter, 1).await.unwrap().remove(0);
        assert_eq!((newest.seq, newest.verb), (1, Verb::LogHeartbeat));
        assert_eq!(house.later(TimeDelta::hours(5)).await, 1);
        assert_eq!(house.latest().await.size, 3, "one entry shows it for all of the time");
    }

    async fn of_an_old_day_the_last_checkpoint_stays_and_every_proof_can_be_had(db: TestStore) {
        let house = House::new(&db).await;
        let (mut signed, mut stays) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            for _ in 0..3 {
                house.grow(100).await;
                assert_eq!(house.minute().await, 1);
                signed.push(house.latest().await);
            }
            stays.push(house.latest().await.size);
            house.clock.advance(TimeDelta::days(1));
        }
        let stamped = signed[0].clone();
        stays.push(stamped.size);
        let at = house.clock.now();
        let stamp = CheckpointStamp { size: stamped.size, token: b"a token".to_vec(), stamped_at: at, received_at: at };
        let kept = house.services.store().write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { tx.insert_checkpoint_stamp(&stamped, &stamp).await })
        });
        kept.await.unwrap();
        house.later(TimeDelta::days(30)).await;
        retention::run(&house.services, house.clock.now()).await.unwrap();
        let last = house.latest().await;
        for old in &signed {
            let found = house.services.checkpoint_at(house.host, old.size).await.unwrap();
            assert_eq!(found.is_some(), stays.contains(&old.size), "{}", old.size);
            let proof = house.services.consistency_proof(house.host, old.size, last.size).await.unwrap();
            verify_consistency(old.size, &old.root, last.size, &last.root, &proof).unwrap();
        }
        house.grow(1).await;
        assert_eq!((house.later(TimeDelta::days(2)).await, house.refusal().await), (1, None));
    }

    async fn every_log_is_signed_under_its_own_name_with_its_own_key(db: TestStore) {
        let house = House::new(&db).await;
        let other = house.services.create_workspace(domain::member::Principal::Host, "other", "O").await.unwrap();
        assert_eq!(house.minute().await, 2);
        let other = engine::services::Caller { workspace: other.id, ..house.host };
        let keys = house.services.verifier_keys(other).await.unwrap();
        assert_ne!(keys, house.services.verifier_keys(house.host).await.unwrap());
        let note = house.services.latest_checkpoint(other).await.unwrap().unwrap().note;
        assert!(note.starts_with(&format!("assize.example/ws/{}\n", other.workspace)), "{note}");
        assert!(Checkpoint::open(note.as_bytes(), &house.keys().await).is_err());
    }

    async fn a_name_is_fixed_by_the_first_checkpoint(db: TestStore) {
        let house = House::new(&db).await;
        let nameless = engine::work::Signer::new(house.services.clone(), house.dir.clone(), None);
        assert_eq!(nameless.tick(house.clock.now()).await.unwrap(), 0, "it has no name to give");
        nameless.end_term().await.unwrap();
        house.minute().await;
        house.grow(1).await;
        house.signer.end_term().await.unwrap();
        let moved =
            engine::work::Signer::new(house.services.clone(), house.dir.clone(), Some("new.example"));
        house.clock.advance(TimeDelta::minutes(1));
        assert_eq!(moved.tick(house.clock.now()).await.unwrap(), 1);
        assert_eq!(house.kept().await.origin, house.origin());
        assert_eq!(house.kept().await.size, 2);
    }

    async fn the_lines_that_are_written_are_leaves_that_are_verified(db: TestStore) {
        let house = House::new(&db).await;
        house.grow(3).await;
        house.minute().await;
        house.later(TimeDelta::hours(1)).await;
        let filter = AuditFilter::default();
        let entries = house.services.audit_entries(house.host, &filter, 100).await.unwrap();
        assert_eq!(entries.len(), 5);
        for entry in entries {
            let leaf = Leaf::parse(entry.leaf.as_bytes()).unwrap();
            assert_eq!((leaf.verb.as_str(), leaf.seq), (entry.verb.as_str(), entry.seq as u64));
            assert_eq!(leaf.ws, house.workspace.to_string());
            assert_eq!((leaf.object.kind, leaf.object.id), (entry.object.kind, entry.object.id));
            assert_eq!(leaf.payload.is_some(), entry.payload.is_some());
        }
    }
}
