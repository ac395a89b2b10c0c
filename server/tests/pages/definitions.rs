//! Governance → Automation → Definitions, over HTTP.

use domain::{
    member::Role,
    permission::{Permission, allows},
};

use crate::runs::house::{House, lacks, shows};

const DEFINITIONS: &str = "/w/main/governance/automation/definitions";

const WEEKLY: &str = "\
key: weekly-review
name: Weekly <b>review</b>
description: Reviews accounts.
trigger: { kind: schedule, cron: '0 6 * * MON', timezone: America/Chicago, missed: skip }
subjects: { from: register, kind: account }
condition: subject.status == 'active'
action:
  actioner: findings.create
  with: { title: 'Review {{ subject.key }}', severity: low }
approval:
  retries: { role: approver, quorum: 2, expires-after: P7D }
";

const ON_REQUEST: &str = "\
key: on-request
name: Account check
trigger: { kind: manual-request }
subjects: { from: event, kind: account }
action:
  actioner: findings.create
  with: { title: 'Check {{ subject.key }} for {{ event.payload.parameters.year }}' }
";

async fn house() -> House {
    let house = House::new().await;
    house.accounts(&["A-1"]).await;
    house.apply(WEEKLY).await;
    house
}

fn one(key: &str) -> String {
    format!("{DEFINITIONS}/{key}")
}

#[tokio::test]
async fn without_definitions_the_page_says_how_they_get_in() {
    let house = House::new().await;
    let page = house.browser(Role::Viewer).await.get(DEFINITIONS).await;
    shows(&page, &["No definitions yet", "assize apply --workspace main automations/"]);
}

#[tokio::test]
async fn the_list_says_in_words_when_each_fires_and_next() {
    let house = house().await;
    let page = house.browser(Role::Viewer).await.get(DEFINITIONS).await;
    shows(&page, &["Weekly &lt;b&gt;review&lt;/b&gt;", "Every Monday at 06:00", "America/Chicago"]);
    // It is Monday, one in the morning there.
    shows(&page, &["2026-07-06 11:00", "Enabled", "No runs yet", &one("weekly-review")]);
    lacks(&page, &["<b>review"]);
}

#[tokio::test]
async fn a_definition_is_told_in_words_and_as_its_file() {
    let house = house().await;
    let page = house.browser(Role::Viewer).await.get(&one("weekly-review")).await;
    assert_eq!(page.status, 200);
    shows(
        &page,
        &["Reviews accounts.", "0 6 * * MON", "Monday 06:00", "Every account in its register"],
    );
    shows(
        &page,
        &["subject.status == ", "2 members with the role approver, within 7 d, then dismissed"],
    );
    shows(&page, &["findings.create", "key: weekly-review", "Version 1", "the host"]);
    shows(&page, &["runs?definition=weekly-review", "It has not fired yet"]);
    lacks(&page, &["Disable", "Ask for a run"]);
}

#[tokio::test]
async fn every_version_keeps_its_page_and_shows_what_it_changed() {
    let house = house().await;
    house.apply(&WEEKLY.replace("severity: low", "severity: high")).await;
    let mut browser = house.browser(Role::Viewer).await;
    let second = browser.get(&format!("{}/versions/2", one("weekly-review"))).await;
    assert_eq!(second.status, 200);
    shows(
        &second,
        &["<ins", "severity: high", "<del", "severity: low", "lines unchanged", "In effect"],
    );
    shows(&second, &["1 line added, 1 removed since version 1"]);
    let first = browser.get(&format!("{}/versions/1", one("weekly-review"))).await;
    shows(&first, &["This is the first version", "Superseded", "severity: low"]);
    lacks(&first, &["<ins"]);
    shows(&browser.get(&one("weekly-review")).await, &["Version 2", "in effect"]);
}

#[tokio::test]
async fn who_may_apply_definitions_switches_them_on_and_off() {
    let house = house().await;
    let path = one("weekly-review");
    let mut owner = house.browser(Role::Owner).await;
    for &role in Role::ALL {
        let mut other = None;
        let browser = match role {
            Role::Owner => &mut owner,
            role => other.insert(house.browser(role).await),
        };
        let may = allows(role, Permission::ApplyDefinitions);
        let page = browser.get(&path).await;
        assert_eq!(page.body.contains("name=\"enabled\""), may, "{role}");
        let off = browser.post(&path, &[("enabled", "false")]).await;
        assert_eq!(off.status, if may { 303 } else { 403 }, "{role}");
        if may {
            shows(&browser.get(&path).await, &["This definition is disabled", "Disabled"]);
            assert_eq!(browser.post(&path, &[("enabled", "true")]).await.status, 303);
            lacks(&browser.get(&path).await, &["This definition is disabled"]);
        }
    }
    assert_eq!(owner.post(&path, &[("enabled", "perhaps")]).await.status, 422);
    assert_eq!(owner.post(&one("no-such"), &[("enabled", "true")]).await.status, 404);
}

#[tokio::test]
async fn a_run_is_asked_for_once_however_often_the_form_is_sent() {
    let house = house().await;
    house.apply(ON_REQUEST).await;
    let mut operator = house.browser(Role::Operator).await;
    let page = operator.get(&one("on-request")).await;
    shows(&page, &["Ask for a run", "Key of the account", "When a member asks for it"]);
    let request = format!("{}/request", one("on-request"));
    let fields = [("request", "r-1"), ("subject", "A-1"), ("parameters", "{\"year\": \"2026\"}")];
    let first = operator.post(&request, &fields).await;
    assert_eq!(first.status, 303, "{}", first.body);
    assert!(first.location().starts_with("/w/main/governance/automation/runs/run_"));
    let again = operator.post(&request, &fields).await;
    assert_eq!(again.location(), first.location());
    house.settle().await;
    let page = operator.get("/w/main/registers/account/A-1").await;
    shows(&page, &["Account check", "Succeeded"]);
    shows(&operator.get(&one("on-request")).await, &["Completed"]);
}

#[tokio::test]
async fn a_request_that_cannot_be_met_comes_back_with_what_was_typed() {
    let house = house().await;
    house.apply(ON_REQUEST).await;
    let request = format!("{}/request", one("on-request"));
    let mut operator = house.browser(Role::Operator).await;
    for (subject, parameters, field) in [
        ("", "", "subject-error"),
        ("<b>A-9", "", "subject-error"),
        ("A-1", "[1]", "parameters-error"),
        ("A-1", "</textarea><script>alert(1)", "parameters-error"),
    ] {
        let fields = [("request", "r"), ("subject", subject), ("parameters", parameters)];
        let sent = operator.post(&request, &fields).await;
        assert_eq!(sent.status, 422, "{subject} {parameters}");
        shows(&sent, &[&format!("id=\"{field}\""), "value=\"r\""]);
        lacks(&sent, &["<b>A-9", "<script>alert"]);
    }
    let not_askable = format!("{}/request", one("weekly-review"));
    let sent = operator.post(&not_askable, &[("request", "r")]).await;
    assert_eq!(sent.status, 409);
    shows(&sent, &["does not have the trigger manual-request"]);
    house.services.set_enabled(house.host, "on-request", false).await.unwrap();
    let sent = operator.post(&request, &[("subject", "A-1")]).await;
    assert_eq!(sent.status, 409);
    shows(&sent, &["on-request is disabled"]);
    for role in [Role::Approver, Role::Auditor, Role::Viewer] {
        let mut browser = house.browser(role).await;
        assert_eq!(browser.post(&request, &[("subject", "A-1")]).await.status, 403, "{role}");
        lacks(&browser.get(&one("on-request")).await, &["Ask for a run"]);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let house = house().await;
    let mut browser = house.browser(Role::Owner).await;
    for (path, status) in [
        ("no-such", 404),
        ("weekly-review/versions/2", 404),
        ("weekly-review/versions/0", 404),
        ("weekly-review/versions/x", 400),
        ("weekly-review?x=1", 400),
    ] {
        assert_eq!(browser.get(&one(path)).await.status, status, "{path}");
    }
    let mut stranger = house.stranger().await;
    let other = DEFINITIONS.replace("main", "other");
    assert_eq!(stranger.get(&one("weekly-review")).await.status, 404);
    assert_eq!(stranger.get(&format!("{other}/weekly-review")).await.status, 404);
    let off = stranger.post(&format!("{other}/weekly-review"), &[("enabled", "false")]).await;
    assert_eq!(off.status, 404);
}
