//! Settings → Retention and Storage, and what a pruned run says of itself.

use chrono::TimeDelta;
use domain::member::Role;
use engine::work::retention;

use crate::runs::house::{House, lacks, path, shows};

const RETENTION: &str = "/w/main/settings/retention";
const POLICY: &str = "/w/main/settings/retention/policy";
const STORAGE: &str = "/w/main/settings/storage";

#[tokio::test]
async fn an_owner_sets_a_policy_and_the_run_says_under_what_it_was_pruned() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "on-item-failure: close").await;
    house.accounts(&["A-1"]).await;
    let run = house.event("kyc", "1").await;
    house.settle().await;
    house.clock.advance(TimeDelta::minutes(1));
    house.event("kyc", "2").await;
    house.settle().await;
    let mut owner = house.browser(Role::Owner).await;
    shows(&owner.get(RETENTION).await, &["400 days", "Weekly KYC review", "the default"]);
    shows(&owner.get(POLICY).await, &["Days of detail", "value=\"400\""]);
    let own = format!("{POLICY}?definition=kyc");
    let set = [
        ("definition", "kyc"),
        ("executed_runs", "1"),
        ("reported", "30"),
        ("reported_stubs", "90"),
    ];
    let sent = owner.post(&own, &set).await;
    assert_eq!((sent.status, sent.location()), (303, RETENTION), "{}", sent.body);
    shows(&owner.get(RETENTION).await, &["the last run", "number 1", "30 days; stubs 90 days"]);
    let swept = retention::run(&house.services, house.clock.now()).await.unwrap();
    assert_eq!(swept.pruned, 1);
    let page = owner.get(&path(run)).await;
    shows(&page, &["The detail of this run was pruned", "policy 1: the last run"]);
    let item = house.items(run).await.remove(0);
    let page = owner.get(&format!("{}/items/{}", path(run), item.id)).await;
    shows(&page, &["pruned on", "policy 1: the last run"]);
    shows(&owner.get(STORAGE).await, &["run_item", "Weekly KYC review", "The last sweep"]);
    let back = owner.post(&own, &[("definition", "kyc"), ("act", "reset")]).await;
    assert_eq!(back.status, 303);
    lacks(&owner.get(RETENTION).await, &["number 1"]);
}

#[tokio::test]
async fn what_makes_no_policy_comes_back_with_what_is_wrong() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    for (fields, said) in [
        ([("executed", "ten"), ("executed_failed", "")], "give a whole number"),
        ([("executed", "0"), ("executed_failed", "")], "from 1 to 36,500"),
        ([("executed", "30"), ("executed_failed", "20")], "at least as long"),
    ] {
        let sent = owner.post(POLICY, &fields).await;
        assert_eq!(sent.status, 422, "{said}");
        shows(&sent, &[said, fields[0].1]);
    }
    for role in [Role::Operator, Role::Auditor] {
        let mut browser = house.browser(role).await;
        let page = browser.get(RETENTION).await;
        assert_eq!(page.status, 200, "{role}");
        lacks(&page, &["The database weighs", "/policy"]);
        assert_eq!(browser.post(POLICY, &[("executed", "9")]).await.status, 403, "{role}");
        assert_eq!(browser.get(STORAGE).await.status, 403, "{role}");
    }
}
