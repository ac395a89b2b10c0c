//! The key: made once, never replaced in silence, and put in the place of another.

use chrono::TimeDelta;
use domain::audit::{AuditFilter, Verb};
use engine::{both_databases, signing::SigningError, work::SignerError};
use ledger::{Checkpoint, VerifierKey, note::SignedNote};

use crate::house::House;

both_databases! {
    async fn old_and_new_key_sign_the_checkpoint_with_the_entry_that_names_the_new_one(db: TestStore) {
        let house = House::new(&db).await;
        house.minute().await;
        let old = house.keys().await.remove(0);
        let rotated = house.signer.rotate_key(house.clock.now()).await.unwrap();
        let keys = house.keys().await;
        assert_eq!((keys.len(), &keys[1]), (2, &old));
        assert_eq!(rotated, [keys[0].to_string()]);
        assert_ne!(keys[0], old);
        let filter = AuditFilter::default();
        let entry = house.services.audit_entries(house.host, &filter, 1).await.unwrap().remove(0);
        assert_eq!((entry.verb, entry.object.id.as_str()), (Verb::SigningKeyRotated, rotated[0].as_str()));
        let latest = house.latest().await;
        assert_eq!(latest.size, 2);
        for key in &keys {
            let only = std::slice::from_ref(key);
            assert_eq!(Checkpoint::open(latest.note.as_bytes(), only).unwrap().size, 2);
        }
        // From now on the new one signs alone.
        house.grow(1).await;
        assert_eq!(house.minute().await, 1);
        let note = SignedNote::parse(house.latest().await.note.as_bytes()).unwrap();
        assert_eq!(note.verify(&keys).unwrap(), [&keys[0]]);
        assert_eq!(house.later(TimeDelta::days(1)).await, 1);
        assert_eq!(house.refusal().await, None);
    }

    async fn a_rotation_that_was_interrupted_is_finished(db: TestStore) {
        let house = House::new(&db).await;
        house.minute().await;
        // The key that is to come was written, and the process ended. The signer uses both.
        house.dir.begin_rotation(&engine::ids::Ids::random()).unwrap();
        house.grow(1).await;
        assert_eq!(house.minute().await, 1);
        assert_eq!(house.keys().await.len(), 2);
        house.signer.rotate_key(house.clock.now()).await.unwrap();
        assert_eq!(house.keys().await.len(), 2);
        assert!(house.dir.keys().unwrap().unwrap().next.is_none());
        house.grow(1).await;
        assert_eq!(house.minute().await, 1);
    }

    async fn a_key_that_is_gone_is_not_replaced_by_a_new_one(db: TestStore) {
        let house = House::new(&db).await;
        house.minute().await;
        let away = house.folder("away");
        std::fs::rename(house.dir.key_path(), &away).unwrap();
        house.grow(1).await;
        house.clock.advance(TimeDelta::minutes(1));
        let failed = house.signer.tick(house.clock.now()).await.unwrap_err();
        assert!(matches!(failed, SignerError::Signing(SigningError::Missing(_))), "{failed}");
        assert!(!house.dir.key_path().exists());
        // Nor by another one, even where the kept checkpoint is gone with it.
        let other = engine::signing::SigningDir::new(house.folder("other"));
        other.keys_or_new(&engine::ids::Ids::random()).unwrap();
        house.signer.end_term().await.unwrap();
        let failed = house.replica(&other).tick(house.clock.now()).await.unwrap_err();
        assert!(matches!(failed, SignerError::Signing(SigningError::Foreign { .. })), "{failed}");
        std::fs::rename(away, house.dir.key_path()).unwrap();
        house.clock.advance(TimeDelta::minutes(5));
        assert_eq!(house.minute().await, 1);
    }

    async fn a_kept_checkpoint_of_another_key_stops_the_signer(db: TestStore) {
        let house = House::new(&db).await;
        house.minute().await;
        let key = ledger::SignerKey::from_seed(&house.origin(), &[7; 32]).unwrap();
        let forged = Checkpoint { origin: house.origin(), size: 0, root: [0; 32] };
        house.dir.keep(house.workspace, &forged.sign(&[&key]).unwrap()).unwrap();
        house.grow(1).await;
        house.clock.advance(TimeDelta::minutes(1));
        let failed = house.signer.tick(house.clock.now()).await.unwrap_err();
        assert!(matches!(failed, SignerError::Signing(SigningError::KeptNotOurs(_))), "{failed}");
    }

    async fn public_keys_can_be_read_and_secret_ones_are_not_in_the_database(db: TestStore) {
        let house = House::new(&db).await;
        house.minute().await;
        let keys = house.services.verifier_keys(house.host).await.unwrap();
        let key = VerifierKey::parse(&keys[0]).unwrap();
        assert_eq!((keys.len(), key.name()), (1, house.origin().as_str()));
        let secret = std::fs::read_to_string(house.dir.key_path()).unwrap();
        let seed = secret.trim().splitn(5, '+').last().unwrap();
        assert!(!keys[0].contains(seed) && !house.latest().await.note.contains(seed));
    }
}
