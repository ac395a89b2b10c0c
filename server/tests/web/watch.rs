//! What those who watch over the process are told.

use std::{fs, os::unix::fs::PermissionsExt as _};

use engine::signing::SigningDir;
use serde_json::Value;
use server::watch::Watch;
use tempfile::TempDir;

use crate::site::Site;

#[tokio::test]
async fn readiness_says_of_each_part_whether_and_why() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let found: Value = serde_json::from_str(&browser.get("/readyz").await.body).unwrap();
    assert_eq!(found["ready"], true);
    let names: Vec<_> =
        found["checks"].as_array().unwrap().iter().map(|check| &check["name"]).collect();
    assert_eq!(names, ["database", "migrations", "signer"]);
    site.services.store().close().await;
    let answer = browser.get("/readyz").await;
    assert_eq!(answer.status, 503);
    let found: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&found["ready"], &found["checks"][0]["ok"]), (&false.into(), &false.into()));
    assert_eq!(found["checks"][0]["why"], "does not answer");
    assert_eq!(found["checks"][2]["ok"], false, "nobody knows");
}

#[tokio::test]
async fn a_process_that_is_to_sign_and_cannot_is_not_ready() {
    let (site, folder) = (Site::new().await, TempDir::new().unwrap());
    let watch = Watch::new(site.services.clone(), Some(SigningDir::new(folder.path())));
    assert!(watch.readiness().await.ready, "a key is made when it is needed");
    let key = folder.path().join("key");
    fs::write(&key, "no key").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let found = watch.readiness().await;
    assert!(!found.ready);
    let signer = &found.checks[2];
    assert_eq!(
        (signer.name, signer.ok, signer.why.as_str()),
        ("signer", false, "the signing key cannot be used")
    );
    assert!(Watch::new(site.services.clone(), None).readiness().await.ready, "it does not sign");
}
