//! Settings → Members: the windows of an auditor, and what the auditor is told of them.

use domain::{id::MemberId, member::Role, window::Window};

use super::members::member;
use crate::runs::house::{House, RUNS, lacks, path, shows};

const MEMBERS: &str = "/w/main/settings/members";

/// The house without the window that its auditor has by itself.
async fn blind() -> (House, MemberId) {
    let house = House::new().await;
    let auditor = member(&house, Role::Auditor).await.id;
    for window in open(&house).await {
        house.services.revoke_window(house.host, window.id).await.unwrap();
    }
    (house, auditor)
}

async fn open(house: &House) -> Vec<Window> {
    let mut windows = house.services.windows(house.host).await.unwrap();
    windows.retain(Window::is_open);
    windows
}

#[tokio::test]
async fn a_window_is_granted_and_revoked_on_the_members_page() {
    let (house, auditor) = blind().await;
    let mut owner = house.browser(Role::Owner).await;
    let at = format!("{MEMBERS}/{auditor}");
    shows(&owner.get(MEMBERS).await, &["Nothing yet", "All periods"]);
    shows(&owner.get(&at).await, &["No window is open", "Grant a window", "Q3 2026"]);

    let days = [("from", "2026-07-01"), ("to", "2026-09-30")];
    let sent = owner.post(&format!("{at}/windows"), &days).await;
    assert_eq!((sent.status, sent.location()), (303, at.as_str()));
    shows(&owner.get(&at).await, &["1 Jul – 30 Sep 2026", "The owner", "Revoke"]);
    shows(&owner.get(MEMBERS).await, &["1 Jul – 30 Sep 2026"]);

    let window = open(&house).await[0].id;
    let revoke = format!("{at}/windows/{window}/revoke");
    let sent = owner.post(&revoke, &[]).await;
    assert_eq!((sent.status, sent.location()), (303, at.as_str()));
    shows(&owner.get(&at).await, &["No window is open"]);
    assert_eq!(owner.post(&revoke, &[]).await.status, 404, "once");
    for verb in ["member.window-granted", "member.window-revoked"] {
        let log = owner.get(&format!("/w/main/audit-log?verb={verb}")).await;
        shows(&log, &[&format!("<code>{verb}</code>"), "The owner", "The auditor"]);
    }
}

#[tokio::test]
async fn a_quarter_fills_in_the_days_by_a_link() {
    let (house, auditor) = blind().await;
    let mut owner = house.browser(Role::Owner).await;
    let at = format!("{MEMBERS}/{auditor}");
    let link = format!("{at}?from=2026-07-01&amp;to=2026-09-30#grant");
    shows(&owner.get(&at).await, &[&link]);
    let filled = owner.get(&format!("{at}?from=2026-07-01&to=2026-09-30")).await;
    shows(&filled, &["value=\"2026-07-01\"", "value=\"2026-09-30\""]);
    assert!(open(&house).await.is_empty());
}

#[tokio::test]
async fn days_that_make_no_window_come_back_with_what_is_wrong() {
    let (house, auditor) = blind().await;
    let mut owner = house.browser(Role::Owner).await;
    let at = format!("{MEMBERS}/{auditor}/windows");
    let sent = owner.post(&at, &[("from", "2026-09-30"), ("to", "2026-07-01")]).await;
    assert_eq!(sent.status, 422);
    let kept = ["id=\"to-error\"", "ends before it begins", "value=\"2026-09-30\""];
    shows(&sent, &kept);
    let sent = owner.post(&at, &[("from", "soon"), ("to", "")]).await;
    assert_eq!(sent.status, 422);
    shows(&sent, &["id=\"from-error\"", "id=\"to-error\""]);
    assert!(open(&house).await.is_empty());
}

#[tokio::test]
async fn only_auditors_have_windows_and_only_owners_grant_them() {
    let (house, auditor) = blind().await;
    let viewer = member(&house, Role::Viewer).await.id;
    let days = [("from", "2026-07-01"), ("to", "2026-09-30")];
    let mut owner = house.browser(Role::Owner).await;
    lacks(&owner.get(&format!("{MEMBERS}/{viewer}")).await, &["Grant a window"]);
    let sent = owner.post(&format!("{MEMBERS}/{viewer}/windows"), &days).await;
    assert_eq!(sent.status, 409);
    shows(&sent, &["windows are for auditors; this member is viewer"]);
    let granted = owner.post(&format!("{MEMBERS}/{auditor}/windows"), &days).await;
    assert_eq!(granted.status, 303);
    let revoke = format!("{MEMBERS}/{auditor}/windows/{}/revoke", open(&house).await[0].id);
    for role in [Role::Operator, Role::Approver, Role::Auditor, Role::Viewer] {
        let mut browser = house.browser(role).await;
        let sent = browser.post(&format!("{MEMBERS}/{auditor}/windows"), &days).await;
        assert_eq!(sent.status, 403, "{role}");
        assert_eq!(browser.post(&revoke, &[]).await.status, 403, "{role}");
        // An auditor may look at windows, without the forms.
        let page = browser.get(&format!("{MEMBERS}/{auditor}")).await;
        lacks(&page, &["Grant a window", "/revoke\""]);
        if role == Role::Auditor {
            shows(&page, &["1 Jul – 30 Sep 2026"]);
        }
    }
}

#[tokio::test]
async fn an_auditor_is_told_which_periods_they_see_and_whom_to_ask_for_more() {
    let (house, auditor) = blind().await;
    house.delivering("evidence", "Evidence", "").await;
    house.accounts(&["A-1"]).await;
    let run = house.event("evidence", "e-1").await;
    house.settle().await;
    let lists = [
        RUNS,
        &format!("{RUNS}?group=definition"),
        "/w/main/governance/automation/approvals",
        "/w/main/registers",
        "/w/main/registers/account",
        "/w/main/audit-log",
        "/w/main/exports",
    ];
    let mut browser = house.browser(Role::Auditor).await;
    for list in lists {
        let page = browser.get(list).await;
        assert_eq!(page.status, 200, "{list}");
        shows(&page, &["No window was granted to you yet", "The owner (owner@main.example)"]);
        lacks(&page, &["You see "]);
    }
    assert_eq!(browser.get(&path(run)).await.status, 404);
    let brief = browser.get("/w/main/governance/automation/brief").await;
    assert_eq!(brief.status, 403);
    shows(&brief, &["Outside your windows", "ask an owner"]);

    let mut owner = house.browser(Role::Owner).await;
    let days = [("from", "2026-07-01"), ("to", "2026-09-30")];
    owner.post(&format!("{MEMBERS}/{auditor}/windows"), &days).await;
    for list in lists {
        shows(&browser.get(list).await, &["You see 1 Jul – 30 Sep 2026"]);
        lacks(&owner.get(list).await, &["You see "]);
    }
    assert_eq!(browser.get(&path(run)).await.status, 200);
    // The last quarter is not theirs, so the brief begins with what is.
    let brief = browser.get("/w/main/governance/automation/brief").await;
    assert_eq!(brief.status, 200);
    shows(&brief, &["Brief Q3 2026"]);
    let other =
        browser.get("/w/main/governance/automation/brief?from=2026-04-01&to=2026-06-30").await;
    assert_eq!(other.status, 403);
    shows(&other, &["you see 1 Jul – 30 Sep 2026"]);
}

#[tokio::test]
async fn a_bundle_of_other_days_is_refused_with_the_form_kept() {
    let (house, auditor) = blind().await;
    let mut owner = house.browser(Role::Owner).await;
    let days = [("from", "2026-07-01"), ("to", "2026-07-05")];
    owner.post(&format!("{MEMBERS}/{auditor}/windows"), &days).await;
    let mut browser = house.browser(Role::Auditor).await;
    let form = browser.get("/w/main/exports").await;
    shows(&form, &["value=\"2026-07-01\"", "value=\"2026-07-05\"", "The days below"]);
    lacks(&form, &["Last quarter", "This quarter"]);
    let wider = [("period", "days"), ("from", "2026-07-01"), ("to", "2026-07-06")];
    let sent = browser.post("/w/main/exports", &wider).await;
    assert_eq!(sent.status, 403);
    shows(&sent, &["you see 1 Jul – 5 Jul 2026", "value=\"2026-07-06\""]);
}
