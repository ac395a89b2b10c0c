//! Settings → Holds, and erasing what they do not keep.

use domain::{id::RunId, member::Role};

use crate::runs::house::{House, lacks, path, shows};

const HOLDS: &str = "/w/main/settings/holds";

/// A run that has ended.
async fn ended() -> (House, RunId) {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "on-item-failure: close").await;
    house.accounts(&["A-1"]).await;
    let run = house.event("kyc", "1").await;
    house.settle().await;
    (house, run)
}

#[tokio::test]
async fn a_hold_keeps_a_run_from_being_erased_until_it_is_released() {
    let (house, run) = ended().await;
    let mut owner = house.browser(Role::Owner).await;
    shows(&owner.get(HOLDS).await, &["There are no holds", "Place a hold", "Weekly KYC review"]);
    let id = run.to_string();
    let hold = [("run", id.as_str()), ("reason", "<b>A dispute</b>")];
    let sent = owner.post(HOLDS, &hold).await;
    assert_eq!((sent.status, sent.location()), (303, HOLDS));
    let listed = owner.get(HOLDS).await;
    shows(&listed, &["Stands", "&lt;b&gt;A dispute", "The owner", &path(run)]);

    let erase = format!("{}/erase", path(run));
    shows(&owner.get(&path(run)).await, &[&erase]);
    shows(&owner.get(&erase).await, &["Erase the payloads of all entries about this run?"]);
    let refused = owner.post(&erase, &[("reason", "Too old")]).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    shows(&refused, &["keeps it", "Too old"]);

    let release = listed.body.split("href=\"").find(|link| link.contains("/release")).unwrap();
    let release = release.split('"').next().unwrap();
    shows(&owner.get(release).await, &["Release this hold?", "&lt;b&gt;A dispute"]);
    assert_eq!(owner.post(release, &[("reason", " ")]).await.status, 422);
    assert_eq!(owner.post(release, &[("reason", "Settled")]).await.location(), HOLDS);
    assert_eq!(owner.post(release, &[("reason", "Settled")]).await.status, 404, "once");
    shows(&owner.get(HOLDS).await, &["Released", "Settled"]);

    let sent = owner.post(&erase, &[("reason", "Too old")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    shows(&owner.get(sent.location()).await, &["payload.erased"]);
    assert_eq!(owner.post(&erase, &[("reason", "Too old")]).await.status, 409, "nothing is left");
}

#[tokio::test]
async fn what_makes_no_hold_comes_back_with_what_is_wrong() {
    let (house, run) = ended().await;
    let mut owner = house.browser(Role::Owner).await;
    let id = run.to_string();
    for (fields, said) in [
        ([("definition", ""), ("run", "run_x"), ("reason", "Why")], "is no run id"),
        ([("definition", "kyc"), ("run", id.as_str()), ("reason", "Why")], "not both"),
        ([("definition", "other"), ("run", ""), ("reason", "Why")], "no such definition"),
        ([("definition", "kyc"), ("run", ""), ("reason", "")], "say why"),
    ] {
        let sent = owner.post(HOLDS, &fields).await;
        assert_eq!(sent.status, 422, "{said}");
        shows(&sent, &[said, "Place a hold"]);
    }
    shows(&owner.get(HOLDS).await, &["There are no holds"]);
}

#[tokio::test]
async fn everybody_who_reads_the_log_sees_holds_and_only_owners_change_them() {
    let (house, run) = ended().await;
    let erase = format!("{}/erase", path(run));
    for role in [Role::Operator, Role::Approver, Role::Auditor] {
        let mut browser = house.browser(role).await;
        let page = browser.get(HOLDS).await;
        assert_eq!(page.status, 200, "{role}");
        lacks(&page, &["Place a hold"]);
        for at in [HOLDS, erase.as_str()] {
            assert_eq!(browser.post(at, &[("reason", "Why")]).await.status, 403, "{role} {at}");
        }
        lacks(&browser.get(&path(run)).await, &[&erase]);
    }
    assert_eq!(house.browser(Role::Viewer).await.get(HOLDS).await.status, 403);
}
