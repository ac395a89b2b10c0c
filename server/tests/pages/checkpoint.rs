//! The signed checkpoint on the page of the log, as text, and the proofs that can be taken away.

use chrono::TimeDelta;
use domain::member::Role;
use engine::{
    signing::SigningDir,
    store::{SignedCheckpoint, SigningRefusal, StoreError},
    work::Signer,
};
use ledger::{Checkpoint, VerifierKey, leaf_hash, tlog_proof::TlogProof};
use tempfile::TempDir;

use crate::runs::house::{House, lacks, shows};

const LOG: &str = "/w/main/audit-log";

/// A house whose log is signed, and what it is signed with.
struct Signed {
    house: House,
    signer: Signer,
    _directory: TempDir,
}

impl Signed {
    async fn new() -> Self {
        let (house, directory) = (House::new().await, TempDir::new().unwrap());
        let dir = SigningDir::new(directory.path());
        let signer = Signer::new(house.services.clone(), dir, Some("assize.example"));
        let signed = Self { house, signer, _directory: directory };
        signed.later(TimeDelta::minutes(1)).await;
        signed
    }

    async fn later(&self, by: TimeDelta) {
        self.house.clock.advance(by);
        self.signer.tick(self.house.clock.now()).await.unwrap();
    }

    async fn latest(&self) -> SignedCheckpoint {
        let (services, host) = (&self.house.services, self.house.host);
        services.latest_checkpoint(host).await.unwrap().unwrap()
    }

    async fn key(&self) -> String {
        self.house.services.verifier_keys(self.house.host).await.unwrap().remove(0)
    }
}

#[tokio::test]
async fn a_log_that_was_never_signed_says_so_and_has_no_checkpoint() {
    let house = House::new().await;
    let mut browser = house.browser(Role::Auditor).await;
    let page = browser.get(LOG).await;
    shows(&page, &["Signed checkpoint", "Not signed yet", "signs it within a minute"]);
    lacks(&page, &["As signed text"]);
    assert_eq!(browser.get(&format!("{LOG}/checkpoint")).await.status, 404);
    assert_eq!(browser.get(&format!("{LOG}/0/proof")).await.status, 409);
    shows(&browser.get(&format!("{LOG}/0")).await, &["Inclusion proof", "newer than the last"]);
}

#[tokio::test]
async fn the_page_shows_what_was_signed_when_and_with_which_key() {
    let signed = Signed::new().await;
    let mut browser = signed.house.browser(Role::Auditor).await;
    let (latest, key) = (signed.latest().await, signed.key().await);
    let page = browser.get(LOG).await;
    shows(&page, &["Fits the log", &domain::canonical::hex(&latest.root), &key]);
    shows(&page, &["datetime=\"2026-07-06T06:01:00", "the next checkpoint covers the rest"]);
    lacks(&page, &["Former key", "Not signed lately"]);
    let text = browser.get(&format!("{LOG}/checkpoint")).await;
    assert_eq!((text.status, text.body.as_str()), (200, latest.note.as_str()));
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    let keys = [VerifierKey::parse(&key).unwrap()];
    assert_eq!(Checkpoint::open(text.body.as_bytes(), &keys).unwrap().size, latest.size);
    // Nobody signs any more.
    signed.house.clock.advance(TimeDelta::minutes(121));
    let mut browser = signed.house.browser(Role::Owner).await;
    shows(&browser.get(LOG).await, &["Not signed lately", "A checkpoint is signed every hour"]);
    signed.signer.rotate_key(signed.house.clock.now()).await.unwrap();
    shows(&browser.get(LOG).await, &["Fits the log", "Former key", &key, &signed.key().await]);
}

#[tokio::test]
async fn an_entry_is_proven_by_a_file_that_is_checked_elsewhere() {
    let signed = Signed::new().await;
    let mut browser = signed.house.browser(Role::Auditor).await;
    let entry = browser.get(&format!("{LOG}/3")).await;
    shows(&entry, &["Inclusion proof", &format!("href=\"{LOG}/3/proof\"")]);
    let proof = browser.get(&format!("{LOG}/3/proof")).await;
    assert_eq!(proof.status, 200);
    let disposition = "attachment; filename=\"entry-3.tlog-proof\"";
    assert_eq!(proof.header("content-disposition"), disposition);
    let (services, host) = (&signed.house.services, signed.house.host);
    let leaf = services.audit_entry(host, 3).await.unwrap().leaf;
    let keys = [VerifierKey::parse(&signed.key().await).unwrap()];
    let read = TlogProof::parse(proof.body.as_bytes()).unwrap();
    assert_eq!((read.index, read.extra.as_ref()), (3, None));
    read.verify(&leaf_hash(leaf.as_bytes()), &keys).unwrap();
    // The sign-in of the browser came after the checkpoint.
    let last = services.audit_root(host).await.unwrap().size - 1;
    shows(&browser.get(&format!("{LOG}/{last}")).await, &["This entry is newer than the last"]);
    let newest = browser.get(&format!("{LOG}/{last}/proof")).await;
    assert_eq!(newest.status, 409);
    for (seq, status) in [("99999", 404), ("x", 404), ("-1", 404)] {
        assert_eq!(browser.get(&format!("{LOG}/{seq}/proof")).await.status, status, "{seq}");
    }
    let mut viewer = signed.house.browser(Role::Viewer).await;
    for path in ["checkpoint", "3/proof"] {
        assert_eq!(viewer.get(&format!("{LOG}/{path}")).await.status, 403, "{path}");
    }
    let mut stranger = signed.house.stranger().await;
    for path in ["checkpoint", "3/proof"] {
        assert_eq!(stranger.get(&format!("{LOG}/{path}")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_refusal_is_shown_with_its_reason() {
    let signed = Signed::new().await;
    let (services, workspace) = (&signed.house.services, signed.house.host.workspace);
    let refusal = SigningRefusal {
        number: 0,
        code: "entry-changed".into(),
        message: "Entry 2 is not the one that was <b>written</b>.".into(),
        first_wrong: Some(2),
        signed_size: 5,
        found_size: 5,
        refused_at: signed.house.clock.now(),
    };
    let stored = services.store().write::<_, StoreError, _>(move |tx| {
        Box::pin(async move { tx.insert_signing_refusal(workspace, &refusal).await })
    });
    stored.await.unwrap();
    let page = signed.house.browser(Role::Auditor).await.get(LOG).await;
    shows(&page, &["Not signed any more", "This log is not the one that was signed"]);
    shows(&page, &["Entry 2 is not the one that was &lt;b&gt;", &format!("href=\"{LOG}/2\"")]);
    lacks(&page, &["Fits the log"]);
}

#[tokio::test]
async fn a_checkpoint_that_the_log_does_not_fit_is_told() {
    let signed = Signed::new().await;
    let mut forged = signed.latest().await;
    forged.number += 1;
    forged.root = [7; 32];
    let stored = signed.house.services.store().write::<_, StoreError, _>(move |tx| {
        Box::pin(async move { tx.insert_checkpoint(&forged).await })
    });
    stored.await.unwrap();
    let mut browser = signed.house.browser(Role::Auditor).await;
    shows(&browser.get(LOG).await, &["Does not fit the log", "does not fit its last checkpoint"]);
    shows(&browser.get(&format!("{LOG}/0")).await, &["This entry cannot be proven"]);
    assert_eq!(browser.get(&format!("{LOG}/0/proof")).await.status, 409);
}
