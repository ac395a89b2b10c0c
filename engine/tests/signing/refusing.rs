//! A log that is not the one that was signed is refused, for good, and the first wrong entry is named.

use chrono::TimeDelta;
use domain::{
    incident::{Cause, Incident, IncidentFilter, Policy, Severity},
    page::Seek,
};
use engine::{
    both_databases,
    services::Standing,
    store::{Backend, SigningRefusal, Store},
    testing::{self, TestStore},
};
use sqlx::{Connection as _, SqliteConnection};

use crate::house::{House, tamper};

/// The refusal that the next look at the whole log brings.
async fn refused(house: &House) -> SigningRefusal {
    let before = house.latest().await.number;
    assert_eq!(house.later(TimeDelta::days(1)).await, 0);
    assert_eq!(house.latest().await.number, before, "nothing was signed");
    house.refusal().await.unwrap()
}

async fn incidents(house: &House) -> Vec<Incident> {
    let all = IncidentFilter::default();
    house.services.incidents(house.host, &all, Seek::First, 50).await.unwrap().page.rows
}

/// A house with 600 signed entries, and three that are not signed yet.
async fn signed(db: &TestStore) -> House {
    let house = House::new(db).await;
    house.grow(599).await;
    assert_eq!(house.minute().await, 1);
    house.grow(3).await;
    house
}

/// Yesterday's frontier and checkpoints, today's entries gone: what a restored backup looks like.
async fn roll_back(db: &TestStore, size: u64, frontier: &[u8]) {
    let hex = domain::canonical::hex(frontier);
    let bytes = match db.store.backend() {
        Backend::Sqlite => format!("X'{hex}'"),
        Backend::Postgres => format!("'\\x{hex}'"),
    };
    let statements = format!(
        "DELETE FROM audit_payload WHERE seq >= {size}; DELETE FROM audit_entry WHERE seq >= {size}; \
         DELETE FROM checkpoint WHERE size > {size}; DELETE FROM audit_node; \
         UPDATE audit_head SET size = {size}, frontier = {bytes}"
    );
    let tables = ["audit_payload", "audit_entry", "checkpoint", "audit_node", "audit_head"];
    tamper(db, &tables, &statements).await;
}

async fn frontier(house: &House, size: u64) -> Vec<u8> {
    let mut session = house.services.store().read().await.unwrap();
    let mut tree = ledger::Frontier::new();
    for line in session.log_lines(house.workspace, 0, size).await.unwrap() {
        tree.push(line.hash());
    }
    assert_eq!(tree.size(), size);
    tree.to_bytes()
}

#[tokio::test]
async fn yesterdays_file_beside_todays_checkpoint_is_refused() {
    let db = testing::fresh(Backend::Sqlite).await.unwrap();
    let house = House::new(&db).await;
    house.grow(9).await;
    house.minute().await;
    let path = db.address.strip_prefix("sqlite:").unwrap().to_owned();
    let backup = format!("{path}.yesterday");
    let mut connection = SqliteConnection::connect(&db.address).await.unwrap();
    sqlx::query("VACUUM INTO $1").bind(&backup).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    house.grow(5).await;
    house.minute().await;
    assert_eq!(house.kept().await.size, 15);
    db.store.close().await;
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{path}{end}"));
    }
    std::fs::copy(&backup, &path).unwrap();
    let house = house.restarted(Store::connect(&db.address).await.unwrap());
    assert_eq!(house.latest().await.size, 10);
    let refusal = refused(&house).await;
    assert_eq!((refusal.code.as_str(), refusal.first_wrong), ("log-shorter", Some(10)));
    assert_eq!((refusal.signed_size, refusal.found_size), (15, 10));
    let words = "15 entries were signed, but the log has only 10: entry 10 is the first";
    assert!(refusal.message.starts_with(words), "{}", refusal.message);
    assert_eq!(house.kept().await.size, 15, "what was signed is not forgotten");
}

both_databases! {
    async fn a_log_that_was_rolled_back_is_refused_for_good(db: TestStore) {
        let house = signed(&db).await;
        let frontier = frontier(&house, 590).await;
        roll_back(&db, 590, &frontier).await;
        house.signer.tick(house.clock.now() + TimeDelta::days(1)).await.unwrap();
        let refusal = house.refusal().await.unwrap();
        assert_eq!((refusal.code.as_str(), refusal.first_wrong), ("log-shorter", Some(590)));
        let [incident] = &incidents(&house).await[..] else { panic!("one incident") };
        assert_eq!((incident.severity, incident.policy), (Severity::Critical, Policy::StopEverything));
        assert_eq!((incident.run, incident.cause), (None, Cause::LogNotAsSigned));
        assert_eq!(incident.facts.failure.as_ref().unwrap().code, "log-shorter");
        assert_eq!(incident.facts.context.as_ref().unwrap()["first_wrong"], 590);
        // Not even when the log is as long as it was.
        house.grow(20).await;
        for _ in 0..3 {
            assert_eq!(house.later(TimeDelta::days(1)).await, 0);
        }
        assert_eq!(house.refusal().await.unwrap(), refusal);
        assert_eq!(incidents(&house).await.len(), 1, "a refusal that is known raises none");
        assert_eq!(house.services.latest_checkpoint(house.host).await.unwrap(), None);
    }

    async fn a_log_that_went_on_after_a_backup_was_restored_is_refused(db: TestStore) {
        let house = signed(&db).await;
        let frontier = frontier(&house, 590).await;
        roll_back(&db, 590, &frontier).await;
        house.clock.advance(TimeDelta::days(1));
        house.grow(50).await;
        assert_eq!(house.minute().await, 0);
        let refusal = house.refusal().await.unwrap();
        assert_eq!((refusal.code.as_str(), refusal.signed_size), ("log-forked", 600));
        assert!(refusal.message.starts_with("The first 600 entries are not"), "{}", refusal.message);
    }

    async fn an_entry_that_was_edited_is_named(db: TestStore) {
        let house = signed(&db).await;
        tamper(&db, &["audit_entry"],
            "UPDATE audit_entry SET leaf = replace(leaf, 'evt_1', 'evt_2') WHERE seq IN (321, 500)").await;
        assert_eq!(house.services.checkpoint_state(house.host).await.unwrap().standing, Standing::Fits,
            "the page looks at the stored hashes alone");
        let refusal = refused(&house).await;
        assert_eq!((refusal.code.as_str(), refusal.first_wrong), ("entry-changed", Some(321)));
        assert!(refusal.message.starts_with("Entry 321 is not"), "{}", refusal.message);
        let proof = house.services.inclusion_proof(house.host, 321).await.unwrap_err();
        assert!(proof.to_string().contains("not those that were signed"), "{proof}");
    }

    async fn an_entry_that_nobody_signed_yet_is_named_at_once(db: TestStore) {
        let house = signed(&db).await;
        tamper(&db, &["audit_entry"],
            "UPDATE audit_entry SET leaf = replace(leaf, 'evt_1', 'evt_2') WHERE seq = 601").await;
        assert_eq!(house.minute().await, 0);
        assert_eq!(house.refusal().await.unwrap().first_wrong, Some(601));
    }

    async fn an_entry_that_was_edited_together_with_its_hash_is_found(db: TestStore) {
        let house = signed(&db).await;
        let forged = domain::canonical::hex(&ledger::leaf_hash(b"{}"));
        let hash = match db.store.backend() {
            Backend::Sqlite => format!("X'{forged}'"),
            Backend::Postgres => format!("'\\x{forged}'"),
        };
        let edit = |seq| format!("UPDATE audit_entry SET leaf = '{{}}', leaf_hash = {hash} WHERE seq = {seq}");
        tamper(&db, &["audit_entry"], &edit(300)).await;
        let refusal = refused(&house).await;
        assert_eq!((refusal.code.as_str(), refusal.first_wrong), ("entry-changed", None));
        assert!(refusal.message.contains("entries 256 to 511"), "{}", refusal.message);
    }

    async fn an_entry_that_was_edited_before_it_was_signed_does_not_fit_the_head(db: TestStore) {
        let house = signed(&db).await;
        let forged = domain::canonical::hex(&ledger::leaf_hash(b"{}"));
        let hash = match db.store.backend() {
            Backend::Sqlite => format!("X'{forged}'"),
            Backend::Postgres => format!("'\\x{forged}'"),
        };
        tamper(&db, &["audit_entry"],
            &format!("UPDATE audit_entry SET leaf = '{{}}', leaf_hash = {hash} WHERE seq = 601")).await;
        assert_eq!(house.minute().await, 0);
        assert_eq!(house.refusal().await.unwrap().code, "head-differs");
    }

    async fn an_entry_that_was_removed_is_named(db: TestStore) {
        for seq in [400, 602] {
            let db = testing::fresh(db.store.backend()).await.unwrap();
            let house = signed(&db).await;
            let tables = ["audit_entry", "audit_payload"];
            let remove = format!("DELETE FROM audit_payload WHERE seq = {seq}; DELETE FROM audit_entry WHERE seq = {seq}");
            tamper(&db, &tables, &remove).await;
            let refusal = refused(&house).await;
            assert_eq!((refusal.code.as_str(), refusal.first_wrong), ("entry-missing", Some(seq)));
        }
    }

    async fn hashes_of_the_tree_that_were_changed_are_told_from_entries(db: TestStore) {
        for change in ["DELETE FROM audit_node", "UPDATE audit_node SET position = position + 7"] {
            let db = testing::fresh(db.store.backend()).await.unwrap();
            let house = signed(&db).await;
            tamper(&db, &["audit_node"], change).await;
            assert_eq!(house.services.checkpoint_state(house.host).await.unwrap().standing, Standing::Differs);
            assert_eq!(house.minute().await, 0);
            assert_eq!(house.refusal().await.unwrap().code, "tree-damaged", "{change}");
        }
    }

    async fn a_checkpoint_that_somebody_else_wrote_is_refused(db: TestStore) {
        let house = signed(&db).await;
        tamper(&db, &[],
            "INSERT INTO checkpoint (workspace_id, number, epoch, size, root, note, signed_at) \
             SELECT workspace_id, number + 1, epoch, size + 1, root, note, signed_at FROM checkpoint").await;
        assert_eq!(house.services.checkpoint_state(house.host).await.unwrap().standing, Standing::Differs);
        assert_eq!(house.minute().await, 0);
        assert_eq!(house.refusal().await.unwrap().code, "checkpoint-forged");
    }
}
