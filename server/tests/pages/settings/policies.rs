//! Settings → Policies: written, tested against what ran before, switched on, and named by what they deny.

use domain::member::Role;

use crate::runs::house::{House, item_path, lacks, path, shows};

const LIST: &str = "/w/main/settings/policies";
const NEW: &str = "/w/main/settings/new-policy";
const ONE: &str = "/w/main/settings/policies/not-the-second";
const CHANGE: &str = "/w/main/settings/policies/not-the-second/change";
const SWITCH: &str = "/w/main/settings/policies/not-the-second/switch";

/// What a form sends; `rule` and `effect` are what differs.
fn form<'a>(effect: &'a str, rule: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("key", "not-the-second"),
        ("name", "Not the <second>"),
        ("statement", "It is under litigation."),
        ("rule", rule),
        ("effect", effect),
        ("automations", ""),
        ("role", "approver"),
        ("quorum", "1"),
        ("days", "14"),
        ("on_expiry", "dismiss"),
        ("members", ""),
    ]
}

#[tokio::test]
async fn a_policy_is_written_tested_switched_on_and_named_by_what_it_denies() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1", "A-2"]).await;
    house.event("kyc", "1").await;
    house.settle().await;
    let mut owner = house.browser(Role::Owner).await;
    shows(&owner.get(LIST).await, &["There are no policies", "New policy"]);
    let broken = owner.post(NEW, &form("deny", "subject.key ==\n  (")).await;
    assert_eq!(broken.status, 422);
    shows(&broken, &["rule-error", "line 2, column ", "Not the &lt;second&gt;", "aria-invalid"]);
    let sent = owner.post(NEW, &form("deny", "subject.key == 'A-2'")).await;
    assert_eq!(
        (sent.status, sent.location()),
        (303, &*format!("{ONE}?version=1")),
        "{}",
        sent.body
    );
    let again = owner.post(NEW, &form("deny", "true")).await;
    assert_eq!(again.status, 422, "a new policy never becomes a version of another");

    let page = owner.get(ONE).await;
    shows(
        &page,
        &["It is off", "It is under litigation.", "subject.key", "Switch on…", "Test version 1"],
    );
    let tested = owner.get(&format!("{ONE}?version=1&from=2026-01-01&to=2026-12-31")).await;
    shows(&tested, &["Of 2 items", "1 would have been denied", "Weekly KYC review", "/items/"]);

    shows(&owner.get(&format!("{SWITCH}?version=1")).await, &["Switch version 1 on now?"]);
    let mute = owner.post(SWITCH, &[("version", "1"), ("reason", " ")]).await;
    assert_eq!(mute.status, 422);
    shows(&mute, &["say why", "Switch version 1 on now?"]);
    let sent = owner.post(SWITCH, &[("version", "1"), ("reason", "Agreed")]).await;
    assert_eq!((sent.status, sent.location()), (303, ONE), "{}", sent.body);
    shows(&owner.get(LIST).await, &["Agreed", "The owner"]);

    let run = house.event("kyc", "2").await;
    house.settle().await;
    let denied = "The policy not-the-second, version 1, denies this: It is under litigation.";
    shows(&owner.get(&path(run)).await, &[denied]);
    let items = house.items(run).await;
    let item = items.iter().find(|item| item.subject_key == "A-2").unwrap();
    shows(&owner.get(&item_path(run, item.id)).await, &[denied, ONE, "The policy that denied it"]);

    shows(&owner.get(CHANGE).await, &["Version 2 of", "Version 1 stays on", "subject.key"]);
    let sent = owner.post(CHANGE, &form("require-approval", "subject.key == 'A-1'")).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let second = owner.get(&format!("{ONE}?version=2")).await;
    shows(
        &second,
        &["Version 1 is on", "What it changed", "require-approval", "Any approver or owner"],
    );
    let sent = owner.post(SWITCH, &[("version", ""), ("reason", "Settled")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    shows(&owner.get(ONE).await, &["It is off"]);
}

#[tokio::test]
async fn everybody_reads_policies_and_only_owners_write_them() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    let sent = owner.post(NEW, &form("deny", "true")).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    for role in [Role::Operator, Role::Approver, Role::Auditor, Role::Viewer] {
        let mut browser = house.browser(role).await;
        lacks(&browser.get(LIST).await, &["New policy"]);
        let page = browser.get(ONE).await;
        shows(&page, &["It is under litigation."]);
        lacks(&page, &["Switch on…", "Test version", "New version"]);
        for address in [NEW, CHANGE, SWITCH] {
            assert_eq!(browser.get(address).await.status, 403, "{role} {address}");
            assert_eq!(browser.post(address, &form("deny", "true")).await.status, 403, "{role}");
        }
    }
    assert_eq!(owner.get(&format!("{ONE}?version=9")).await.status, 404);
    assert_eq!(owner.get(&format!("{LIST}/nothing")).await.status, 404);
}
