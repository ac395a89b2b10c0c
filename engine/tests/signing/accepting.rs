//! Somebody on the host accepts a log that is not the one that was signed.

use chrono::TimeDelta;
use domain::audit::{AuditFilter, Verb};
use engine::{
    both_databases,
    services::{ServiceError, Standing},
    testing::TestStore,
    work::SignerError,
};

use crate::house::{House, tamper};

/// A house whose log lost its last ten signed entries, and was refused.
async fn shortened(db: &TestStore) -> House {
    let house = House::new(db).await;
    house.grow(600).await;
    house.minute().await;
    let tables = ["audit_entry", "audit_payload"];
    let remove =
        "DELETE FROM audit_payload WHERE seq > 590; DELETE FROM audit_entry WHERE seq > 590";
    tamper(db, &tables, remove).await;
    assert_eq!(house.later(TimeDelta::days(1)).await, 0);
    assert_eq!(house.refusal().await.unwrap().first_wrong, Some(591));
    house
}

fn code(error: &SignerError) -> &'static str {
    match error {
        SignerError::Service(ServiceError::Conflict { code, .. }) => code,
        SignerError::Service(ServiceError::Invalid(_)) => "invalid",
        other => panic!("{other}"),
    }
}

both_databases! {
    async fn an_accepted_log_is_signed_again_and_says_what_happened(db: TestStore) {
        let house = shortened(&db).await;
        let now = house.clock.now();
        let early = house.services.checkpoint_at(house.host, 601).await.unwrap().unwrap();
        let size = house.signer.accept_rollback(house.workspace, " The disk broke. ", now).await.unwrap();
        assert_eq!(size, 592);
        let latest = house.latest().await;
        assert_eq!((latest.size, latest.epoch, latest.number), (592, 1, early.number + 1));
        assert_eq!(house.kept().await.size, 592);
        let state = house.services.checkpoint_state(house.host).await.unwrap();
        assert_eq!((state.standing, state.refusal), (Standing::Fits, None));
        let entry = house.services.audit_entries(house.host, &AuditFilter::default(), 1).await.unwrap().remove(0);
        assert_eq!((entry.verb, entry.seq, entry.actor_kind.as_str()), (Verb::LogRollbackAccepted, 591, "host"));
        let payload = entry.payload.unwrap();
        assert_eq!(payload["reason"], "The disk broke.");
        assert_eq!((&payload["signed_entries"], &payload["entries"]), (&601.into(), &591.into()));
        assert_eq!(payload["first_wrong"], 591);
        // It goes on from there: longer than it ever was, with proofs in the new tree.
        house.grow(200).await;
        assert_eq!(house.minute().await, 1);
        for seq in [0, 300, 591, 700] {
            house.services.inclusion_proof(house.host, seq).await.unwrap();
        }
        house.services.consistency_proof(house.host, 592, 792).await.unwrap();
        let other = house.services.consistency_proof(house.host, 601, 792).await.unwrap_err();
        assert!(other.to_string().contains("not those that were signed"), "{other}");
        assert_eq!(house.later(TimeDelta::days(1)).await, 1, "the whole log is in order");
    }

    async fn whoever_examines_a_log_finds_what_the_signer_would(db: TestStore) {
        let house = House::new(&db).await;
        let examine = async || {
            house.signer.examine(house.workspace, house.clock.now()).await.unwrap().map(|found| {
                found.map_err(|refusal| refusal.first_wrong)
            })
        };
        house.grow(300).await;
        house.minute().await;
        house.grow(2).await;
        assert_eq!(examine().await, Some(Ok(301)));
        tamper(&db, &["audit_entry"],
            "UPDATE audit_entry SET leaf = replace(leaf, 'evt_1', 'evt_2') WHERE seq = 20").await;
        assert_eq!(examine().await, Some(Err(Some(20))));
        assert_eq!(house.refusal().await, None, "nothing was stored");
    }

    async fn a_reason_is_needed_and_a_fault(db: TestStore) {
        let house = House::new(&db).await;
        let now = house.clock.now();
        house.minute().await;
        for reason in ["", " \n", &"x".repeat(2_001)] {
            let refused = house.signer.accept_rollback(house.workspace, reason, now).await;
            assert_eq!(code(&refused.unwrap_err()), "invalid");
        }
        let refused = house.signer.accept_rollback(house.workspace, "why not", now).await.unwrap_err();
        assert_eq!(code(&refused), "nothing-to-accept");
        assert_eq!(house.size().await, 1);
        house.grow(1).await;
        assert_eq!(house.minute().await, 1, "the term was given back");
    }

    async fn a_log_with_a_hole_cannot_be_accepted(db: TestStore) {
        let house = House::new(&db).await;
        house.grow(20).await;
        house.minute().await;
        tamper(&db, &["audit_entry"], "DELETE FROM audit_entry WHERE seq = 7").await;
        let now = house.clock.now();
        let refused = house.signer.accept_rollback(house.workspace, "a hole", now).await.unwrap_err();
        assert_eq!(code(&refused), "entry-missing");
        assert!(refused.to_string().contains("entry 7 is missing"), "{refused}");
    }

    async fn an_edited_entry_that_was_accepted_stays_as_it_is_and_can_be_proven(db: TestStore) {
        let house = House::new(&db).await;
        house.grow(300).await;
        house.minute().await;
        tamper(&db, &["audit_entry"],
            "UPDATE audit_entry SET leaf = replace(leaf, 'evt_1', 'evt_2') WHERE seq = 20").await;
        assert_eq!(house.later(TimeDelta::days(1)).await, 0);
        let now = house.clock.now();
        house.signer.accept_rollback(house.workspace, "known", now).await.unwrap();
        house.services.inclusion_proof(house.host, 20).await.unwrap();
        house.grow(1).await;
        assert_eq!(house.later(TimeDelta::days(1)).await, 1);
        assert_eq!(house.refusal().await, None);
    }
}
