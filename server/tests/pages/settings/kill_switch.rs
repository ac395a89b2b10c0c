//! Settings → Kill switch: pressing, the banner on every page, releasing with the password.

use domain::{member::Role, run::RunStatus};

use crate::runs::house::{House, PASSWORD, RUNS, lacks, path, shows};

const SWITCH: &str = "/w/main/settings/kill-switch";
const PRESS: &str = "/w/main/settings/kill-switch/press";
const KYC: &str = "/w/main/governance/automation/definitions/kyc";

/// A definition whose run waits for approval.
async fn waiting() -> (House, domain::id::RunId) {
    let house = House::new().await;
    let asks = "approval: { before-action: { role: approver } }";
    house.delivering("kyc", "Weekly KYC review", asks).await;
    house.accounts(&["A-1", "A-2"]).await;
    let run = house.event("kyc", "1").await;
    house.settle().await;
    (house, run)
}

#[tokio::test]
async fn a_switch_is_pressed_shown_everywhere_and_released_with_the_password() {
    let (house, run) = waiting().await;
    let mut operator = house.browser(Role::Operator).await;
    let mut owner = house.browser(Role::Owner).await;
    shows(&operator.get(SWITCH).await, &["It was never pressed", "Stop everything…", PRESS]);
    let asked = operator.get(PRESS).await;
    shows(
        &asked,
        &["Stop everything in this workspace now?", "it stops 1 run: 2 items will be skipped"],
    );
    let empty = operator.post(PRESS, &[("definition", ""), ("reason", " ")]).await;
    assert_eq!(empty.status, 422);
    shows(&empty, &["say why"]);
    let why = [("definition", ""), ("reason", "<b>It writes nonsense")];
    let sent = operator.post(PRESS, &why).await;
    assert_eq!((sent.status, sent.location()), (303, SWITCH), "{}", sent.body);

    let banner = ["kill-banner", "Everything is stopped.", "&lt;b&gt;It writes nonsense"];
    let log = "/w/main/audit-log";
    for page in [RUNS, SWITCH, KYC, log, &path(run)] {
        shows(&owner.get(page).await, &banner);
    }
    shows(&owner.get(&path(run)).await, &["Killed", "Stopped by a kill switch"]);
    shows(&owner.get(&format!("{RUNS}?status=killed")).await, &["Weekly KYC review"]);
    shows(&owner.get(KYC).await, &["A kill switch stops this definition"]);
    assert_eq!(operator.post(PRESS, &why).await.status, 409);

    let listed = owner.get(SWITCH).await;
    shows(&listed, &["Pressed", "The operator"]);
    lacks(&operator.get(SWITCH).await, &["/release"]);
    let release = listed.body.split("href=\"").find(|link| link.contains("/release")).unwrap();
    let release = release.split('"').next().unwrap();
    shows(&owner.get(release).await, &["Everything: let it start again?", "Your password"]);
    let wrong = owner.post(release, &[("reason", "Mended"), ("password", "not this one")]).await;
    assert_eq!(wrong.status, 422);
    shows(&wrong, &["this is not your password", "Mended"]);
    let right = [("reason", "Mended"), ("password", PASSWORD)];
    assert_eq!(operator.post(release, &right).await.status, 403);
    let sent = owner.post(release, &right).await;
    assert_eq!((sent.status, sent.location()), (303, SWITCH), "{}", sent.body);
    let after = owner.get(SWITCH).await;
    shows(&after, &["Released", "Mended"]);
    lacks(&after, &["kill-banner"]);
    let run = house.services.run(house.host, run).await.unwrap().run;
    assert_eq!(run.status, RunStatus::Killed, "nothing is made up for");
}

#[tokio::test]
async fn a_definition_alone_is_stopped_from_its_own_page() {
    let (house, _) = waiting().await;
    house.delivering("aml", "AML monitor", "").await;
    let mut operator = house.browser(Role::Operator).await;
    let way = format!("{PRESS}?definition=kyc");
    shows(&operator.get(KYC).await, &["Kill switch…", &way]);
    shows(&operator.get(&way).await, &["Stop Weekly KYC review now?", "value=\"kyc\""]);
    let sent = operator.post(PRESS, &[("definition", "kyc"), ("reason", "It errs")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    shows(&operator.get(RUNS).await, &["Weekly KYC review is stopped."]);
    let other = operator.get("/w/main/governance/automation/definitions/aml").await;
    shows(&other, &["Kill switch…"]);
    lacks(&other, &["stops this definition"]);
    shows(&operator.get(SWITCH).await, &["Stop everything…"]);
    assert_eq!(operator.get(&format!("{PRESS}?definition=none")).await.status, 404);
}

#[tokio::test]
async fn everybody_sees_the_switch_and_only_some_press_it() {
    let (house, _) = waiting().await;
    for role in [Role::Approver, Role::Auditor, Role::Viewer] {
        let mut browser = house.browser(role).await;
        let page = browser.get(SWITCH).await;
        shows(&page, &["It was never pressed", "owners and operators"]);
        lacks(&page, &["Stop everything…"]);
        lacks(&browser.get(KYC).await, &["Kill switch…"]);
        shows(&browser.get(PRESS).await, &["is for owners and operators"]);
        assert_eq!(browser.post(PRESS, &[("reason", "Why")]).await.status, 403, "{role}");
    }
}
