//! Governance → Automation → Incidents: the list, one incident, and their place on runs and items.

use chrono::TimeDelta;
use domain::{
    id::RunId,
    incident::{Cause, Incident, IncidentFilter},
    member::Role,
    page::Seek,
};

use crate::runs::{
    house::{House, RUNS, item_path, lacks, path, shows, times},
    receiver::Plan,
};

const INCIDENTS: &str = "/w/main/governance/automation/incidents";

async fn raised(house: &House, run: RunId) -> Vec<Incident> {
    let filter = IncidentFilter::of_run(run);
    house.services.incidents(house.host, &filter, Seek::First, 50).await.unwrap().page.rows
}

/// Two runs with an incident each, of other days, causes and definitions, and one without.
async fn two_incidents() -> (House, RunId, RunId) {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.delivering("aml", "AML monitor failure", "").await;
    house.accounts(&["A-1"]).await;
    house.receiver.plan([Plan::Refuse(503)]);
    let away = house.event("kyc", "1").await;
    house.settle().await;
    house.clock.advance(TimeDelta::days(1));
    house.receiver.plan([Plan::Refuse(422)]);
    let refused = house.event("aml", "2").await;
    house.settle().await;
    house.event("kyc", "3").await;
    house.settle().await;
    (house, away, refused)
}

#[tokio::test]
async fn where_nothing_went_wrong_the_list_says_so() {
    let house = House::new().await;
    let mut browser = house.browser(Role::Viewer).await;
    let answer = browser.get(INCIDENTS).await;
    assert_eq!(answer.status, 200);
    shows(&answer, &["No incidents", "Nothing has gone wrong.", "aria-current=\"page\""]);
    let answer = browser.get(&format!("{INCIDENTS}?severity=critical")).await;
    shows(&answer, &["No incidents match these filters", "Clear all filters"]);
}

#[tokio::test]
async fn incidents_are_listed_in_the_words_of_the_catalogue_and_filtered_by_the_address() {
    let (house, away, _) = two_incidents().await;
    let mut browser = house.browser(Role::Viewer).await;
    let all = browser.get(INCIDENTS).await;
    let (unavailable, refused) =
        (Cause::ReceiverUnavailable.entry(), Cause::ReceiverRefused.entry());
    shows(&all, &["Medium", "Step error", "Tool rejection", "Retry is safe", "All 2 incidents"]);
    let place = |title: &str| all.body.find(&format!(">{}<", title.replace('\'', "&#x27;")));
    assert!(place(refused.title).unwrap() < place(unavailable.title).unwrap(), "newest first");
    let item = house.items(away).await.remove(0).id;
    for (query, found) in [
        ("severity=medium".to_owned(), 2),
        ("severity=low&severity=high".to_owned(), 0),
        ("type=tool_rejection".to_owned(), 1),
        ("cause=receiver-unavailable".to_owned(), 1),
        ("definition=kyc".to_owned(), 1),
        ("definition=kyc&definition=aml".to_owned(), 2),
        ("from=2026-07-07".to_owned(), 1),
        ("to=2026-07-06&severity=medium".to_owned(), 1),
        (format!("run={away}"), 1),
        (format!("item={item}"), 1),
    ] {
        let answer = browser.get(&format!("{INCIDENTS}?{query}")).await;
        assert_eq!(
            (answer.status, times(&answer, "data-label=\"Recovery\"")),
            (200, found),
            "{query}"
        );
    }
    for wrong in ["severity=bad", "type=mishap", "colour=red", "from=soon", "definition=nothing"] {
        let answer = browser.get(&format!("{INCIDENTS}?{wrong}")).await;
        assert_eq!(answer.status, if wrong.starts_with("def") { 422 } else { 400 }, "{wrong}");
    }
}

#[tokio::test]
async fn an_incident_shows_its_layers_apart_and_leads_to_what_it_is_about() {
    let (house, away, _) = two_incidents().await;
    let incident = raised(&house, away).await.remove(0);
    let mut browser = house.browser(Role::Auditor).await;
    let answer = browser.get(&format!("{INCIDENTS}/{}", incident.id)).await;
    assert_eq!(answer.status, 200);
    let said = Cause::ReceiverUnavailable.entry();
    for text in [said.happened, said.means, said.next, said.reviewer] {
        shows(&answer, &[&text.replace('\'', "&#x27;")]);
    }
    shows(
        &answer,
        &["What it means", "What to do next", "For a reviewer", "Cause, phase and recovery"],
    );
    shows(&answer, &["receiver-unavailable", "External", "Retry is safe", "step_error"]);
    shows(&answer, &["HTTP status", "503", "http-503", "evidence.request-claim"]);
    let item = house.items(away).await.remove(0).id;
    shows(&answer, &[&path(away), &item_path(away, item), "cause=receiver-unavailable"]);
    shows(&answer, &[&format!("audit-log?object={}", incident.id)]);
    let entry = browser.get(&format!("/w/main/audit-log?object={}", incident.id)).await;
    shows(&entry, &["incident.raised"]);
    let viewer =
        house.browser(Role::Viewer).await.get(&format!("{INCIDENTS}/{}", incident.id)).await;
    lacks(&viewer, &["audit-log?object="]);
}

#[tokio::test]
async fn an_incident_of_another_workspace_is_not_there() {
    let (house, away, _) = two_incidents().await;
    let incident = raised(&house, away).await.remove(0);
    let mut stranger = house.stranger().await;
    let other = format!("/w/other/governance/automation/incidents/{}", incident.id);
    assert_eq!(stranger.get(&other).await.status, 404);
    assert_eq!(stranger.get(&format!("{INCIDENTS}/{}", incident.id)).await.status, 404);
    let mut browser = house.browser(Role::Owner).await;
    assert_eq!(browser.get(&format!("{INCIDENTS}/nonsense")).await.status, 400);
}

#[tokio::test]
async fn a_run_and_its_item_show_their_incidents_and_every_revision_of_the_report() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1"]).await;
    house.receiver.plan([Plan::Refuse(503)]);
    let away = house.event("kyc", "1").await;
    house.settle().await;
    let mut browser = house.browser(Role::Operator).await;
    let (title, link) = ("The receiver is not available", format!("{INCIDENTS}/inc_"));
    let page = browser.get(&path(away)).await;
    shows(&page, &[title, &link, "Partial", "1 item: 1 failed."]);
    assert_eq!(times(&page, "data-label=\"Memory writes\""), 1);
    let item = house.items(away).await.remove(0).id;
    shows(&browser.get(&item_path(away, item)).await, &[title, &link]);
    let plan = house.plan(away).await;
    browser.post(&format!("{}/retry", path(away)), &[("plan", &plan)]).await;
    house.settle().await;
    let page = browser.get(&path(away)).await;
    assert_eq!(times(&page, "data-label=\"Memory writes\""), 2, "both revisions");
    shows(&page, &["Success", "1 item: 1 failed.", "1 item: 1 succeeded."]);
}

#[tokio::test]
async fn runs_with_an_incident_are_found() {
    let (house, away, refused) = two_incidents().await;
    let mut browser = house.browser(Role::Viewer).await;
    let found = browser.get(&format!("{RUNS}?incident=yes")).await;
    assert_eq!(times(&found, "data-label=\"Outcomes\""), 2);
    shows(&found, &[&path(away), &path(refused), "has an incident"]);
    let grouped = browser.get(&format!("{RUNS}?incident=yes&group=definition")).await;
    shows(&grouped, &["Weekly KYC review", "AML monitor failure"]);
    assert_eq!(browser.get(&format!("{RUNS}?incident=maybe")).await.status, 400);
}

#[tokio::test]
async fn the_brief_counts_incidents_by_severity_and_leads_to_them() {
    let (house, ..) = two_incidents().await;
    let mut browser = house.browser(Role::Viewer).await;
    let brief =
        browser.get("/w/main/governance/automation/brief?from=2026-07-01&to=2026-09-30").await;
    shows(&brief, &["2 incidents in the period", "incidents?severity=medium"]);
}

#[tokio::test]
async fn an_incident_is_settled_with_a_note_and_stays_as_it_was() {
    let (house, away, refused) = two_incidents().await;
    let incident = raised(&house, away).await.remove(0);
    let at = format!("{INCIDENTS}/{}", incident.id);
    let mut operator = house.browser(Role::Operator).await;
    shows(&operator.get(&at).await, &["What became of it", "Settle"]);
    let mut viewer = house.browser(Role::Viewer).await;
    lacks(&viewer.get(&at).await, &["What became of it"]);
    assert_eq!(viewer.post(&at, &[("note", "mine")]).await.status, 403);
    let empty = operator.post(&at, &[("note", " ")]).await;
    assert_eq!(empty.status, 422);
    shows(&empty, &["say what became of it", "What it means"]);
    let sent = operator.post(&at, &[("note", "<b>The portal is back")]).await;
    assert_eq!((sent.status, sent.location()), (303, at.as_str()), "{}", sent.body);
    let page = viewer.get(&at).await;
    shows(&page, &["Settled", "&lt;b&gt;The portal is back", "The operator"]);
    assert_eq!(operator.post(&at, &[("note", "again")]).await.status, 409);
    assert_eq!(raised(&house, away).await, [incident]);
    let open = viewer.get(&format!("{INCIDENTS}?standing=open")).await;
    assert_eq!(times(&open, "data-label=\"Recovery\""), 1);
    shows(&open, &[&path(refused)]);
    let settled = viewer.get(&format!("{INCIDENTS}?standing=settled")).await;
    assert_eq!(times(&settled, "data-label=\"Recovery\""), 1);
    shows(&settled, &[&path(away), "Settled"]);
    let entry =
        house.browser(Role::Owner).await.get("/w/main/audit-log?verb=incident.settled").await;
    shows(&entry, &["incident.settled", "The operator"]);
}

#[tokio::test]
async fn incidents_stand_together_by_cause_with_counts_first_and_last() {
    let (house, ..) = two_incidents().await;
    let mut browser = house.browser(Role::Viewer).await;
    let grouped = browser.get(&format!("{INCIDENTS}?group=cause")).await;
    assert_eq!((grouped.status, times(&grouped, "data-label=\"First seen\"")), (200, 2));
    shows(&grouped, &["cause=receiver-refused", "cause=receiver-unavailable", "By cause"]);
    let one = browser.get(&format!("{INCIDENTS}?group=cause&phase=external")).await;
    assert_eq!(times(&one, "data-label=\"First seen\""), 1);
    assert_eq!(browser.get(&format!("{INCIDENTS}?group=colour")).await.status, 400);
    let none = browser.get(&format!("{INCIDENTS}?group=cause&severity=critical")).await;
    shows(&none, &["No incidents match these filters"]);
}

#[tokio::test]
async fn the_overview_says_what_needs_somebody_what_failed_last_and_how_each_automation_goes() {
    const OVERVIEW: &str = "/w/main/governance/automation";
    let quiet = House::new().await;
    let calm = quiet.browser(Role::Viewer).await.get(OVERVIEW).await;
    shows(&calm, &["Overview", "no incident is open", "No run has failures."]);
    let (house, away, refused) = two_incidents().await;
    house.delivering("asks", "Asks first", "approval: { before-action: { role: approver } }").await;
    house.event("asks", "9").await;
    house.settle().await;
    let mut browser = house.browser(Role::Operator).await;
    let page = browser.get(OVERVIEW).await;
    assert_eq!(page.status, 200);
    shows(
        &page,
        &["incidents?severity=medium&amp;standing=open", "Approvals", "Runs with failures"],
    );
    shows(&page, &[&path(refused), "http-422", "AML monitor failure", "aria-current=\"page\""]);
    lacks(&page, &["severity=critical", &path(away)]);
    assert_eq!(times(&page, "data-label=\"Recent runs\""), 3);
    assert_eq!(browser.get(&format!("{OVERVIEW}?x=1")).await.status, 400);
}
