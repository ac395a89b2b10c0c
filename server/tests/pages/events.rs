//! Governance → Automation → Events: the list, one event, and the way there from a run.

use domain::{
    member::Role,
    trigger::{TriggerEvent, TriggerKind},
};
use engine::services::NewEvent;
use serde_json::json;

use crate::runs::house::{House, lacks, path, shows, times};

const EVENTS: &str = "/w/main/governance/automation/events";

/// Something that nobody listens to.
async fn unheard(house: &House) -> TriggerEvent {
    let event = NewEvent {
        kind: TriggerKind::MonitorResult,
        source: "watchtower".into(),
        external_id: "w-1".into(),
        event_type: "tower.fell".into(),
        subject: None,
        occurred_at: house.clock.now(),
        payload: json!({"height": 40}),
    };
    house.services.receive_event(house.host, event).await.unwrap().event
}

#[tokio::test]
async fn events_are_listed_with_what_came_of_them_and_filtered_by_the_address() {
    let house = House::new().await;
    let mut browser = house.browser(Role::Viewer).await;
    shows(&browser.get(EVENTS).await, &["No events yet"]);
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1"]).await;
    let run = house.event("kyc", "1").await;
    unheard(&house).await;

    let all = browser.get(EVENTS).await;
    assert_eq!(all.status, 200);
    shows(&all, &["tower.fell", "watchtower", "Unmatched", "Weekly KYC review", "All 2 events"]);
    shows(&all, &[&path(run), "aria-current=\"page\""]);
    for (query, found) in [
        ("matched=true", 1),
        ("matched=false", 1),
        ("kind=monitor-result", 1),
        ("kind=schedule", 0),
        ("source=watchtower", 1),
        ("source=watchtower&matched=true", 0),
    ] {
        let answer = browser.get(&format!("{EVENTS}?{query}")).await;
        let rows = times(&answer, "data-label=\"Received\"");
        assert_eq!((answer.status, rows), (200, found), "{query}");
        shows(&answer, &["Active filters"]);
    }
    for wrong in ["kind=whim", "matched=perhaps", "colour=red", "after=nonsense"] {
        assert_eq!(browser.get(&format!("{EVENTS}?{wrong}")).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn an_event_shows_its_payload_and_every_run_it_brought_about() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1"]).await;
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let mut browser = house.browser(Role::Viewer).await;
    let event = house.services.run(house.host, run).await.unwrap().event;
    let link = format!("{EVENTS}/{}", event.id);
    shows(&browser.get(&path(run)).await, &[&link]);
    let page = browser.get(&link).await;
    shows(&page, &["Runs of this event", "Weekly KYC review", &path(run), "Its id there"]);
    lacks(&page, &["Unmatched"]);

    let unheard = unheard(&house).await;
    let page = browser.get(&format!("{EVENTS}/{}", unheard.id)).await;
    shows(&page, &["Unmatched", "no definition that was switched on listened", "height"]);
    let mut stranger = house.stranger().await;
    let elsewhere = link.replace("/main/", "/other/");
    assert_eq!(stranger.get(&elsewhere).await.status, 404);
}
