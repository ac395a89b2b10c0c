//! What happens, as it happens: told to those who listen, and to those who come back.

use std::{collections::HashSet, time::Duration};

use axum::body::{Body, BodyDataStream};
use domain::{member::Role, period::Period, token::Scopes};
use futures::StreamExt as _;
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;
use tower::ServiceExt as _;

use crate::{
    client::{Client, EVENTS},
    house::{ASKS, AT, House, text},
};

/// No event takes so long.
const LATE: Duration = Duration::from_secs(10);

/// An open stream, event by event.
struct Ear {
    body: BodyDataStream,
    heard: String,
    headers: HeaderMap,
    /// What a browser would send when it comes back.
    last: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Event {
    name: String,
    data: Value,
}

impl Event {
    /// The run an event is about.
    fn run(&self) -> &str {
        self.data["id"].as_str().unwrap_or_default()
    }
}

impl Ear {
    async fn open(house: &House, token: &str, last: Option<&str>) -> Self {
        Self::at(house, &format!("{AT}/stream"), token, last).await
    }

    async fn at(house: &House, path: &str, token: &str, last: Option<&str>) -> Self {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let request = request.body(Body::empty()).unwrap();
        let response = house.routes.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let (parts, body) = response.into_parts();
        let (body, headers) = (body.into_data_stream(), parts.headers);
        Self { body, heard: String::new(), headers, last: String::new() }
    }

    /// The next event; `None` once the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.heard.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.heard = rest;
                let field = |name: &str| {
                    let prefix = format!("{name}: ");
                    block.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
                };
                self.last = field("id").unwrap_or_else(|| self.last.clone());
                let Some(data) = field("data") else { continue };
                let (name, data) = (field("event").unwrap(), serde_json::from_str(&data).unwrap());
                return Some(Event { name, data });
            }
            let chunk = timeout(LATE, self.body.next()).await.unwrap()?;
            self.heard += std::str::from_utf8(&chunk.unwrap()).unwrap();
        }
    }

    /// Events up to the first that is like this.
    async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await.unwrap();
            events.push(event.clone());
            if wanted(&event) {
                return events;
            }
        }
    }
}

async fn token(house: &House, role: Role) -> String {
    house.token(role, Scopes::of_role(role)).await.secret.expose().to_owned()
}

fn named(name: &str, run: &str) -> impl Fn(&Event) -> bool {
    move |event| event.name == name && (run.is_empty() || event.run() == run)
}

#[tokio::test]
async fn a_listener_is_told_of_runs_approvals_and_incidents_as_they_come() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    let mut ear = Ear::open(&house, &token(&house, Role::Viewer).await, None).await;
    assert_eq!(ear.headers["content-type"], EVENTS);
    assert_eq!(ear.headers["cache-control"], "no-store");
    assert_eq!(ear.next().await.unwrap().name, "ready");
    assert!(ear.last.parse::<i64>().unwrap() > 0);

    let asks = house.requested(&owner, "asks").await;
    let told = ear.until(named("approvals", "")).await;
    let created = told.iter().find(|event| event.name == "run-created").unwrap();
    assert_eq!((created.run(), &created.data["automation_key"]), (&*asks, &json!("asks")));
    assert_eq!(told.last().unwrap().data, json!({"open": 1}));
    let one = owner.get(&format!("{AT}/runs/{asks}")).await.ok(200);

    let fails = house.requested(&owner, "fails").await;
    let mut told = ear.until(named("incident", "")).await;
    let held = |event: &Event| event.run() == fails && event.data["concern"] == "held-open";
    if !told.iter().any(held) {
        told.extend(ear.until(held).await);
    }
    let incident = told.iter().find(|event| event.name == "incident").unwrap();
    assert_eq!(incident.data["run"], json!(fails));
    let last = told.iter().rfind(|event| held(event)).unwrap();
    // The stream and the API say the same of a run.
    let run = owner.get(&format!("{AT}/runs/{fails}")).await.ok(200);
    for (name, value) in last.data.as_object().unwrap() {
        assert!(name == "updated_at" || run["run"][name] == *value, "{name}: {value}");
    }
    assert_eq!(one["run"]["concern"], "awaiting-approval");
}

#[tokio::test]
async fn whoever_comes_back_is_told_exactly_what_they_missed() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    let secret = token(&house, Role::Viewer).await;
    let mut ear = Ear::open(&house, &secret, None).await;
    ear.next().await.unwrap();
    let first = house.requested(&owner, "asks").await;
    ear.until(named("approvals", "")).await;
    let last = ear.last.clone();
    drop(ear);

    let missed: HashSet<_> =
        [house.requested(&owner, "asks").await, house.requested(&owner, "asks").await].into();
    let after = format!("{AT}/stream?after={last}");
    let by_query = Ear::at(&house, &after, &secret, None).await;
    for mut ear in [Ear::open(&house, &secret, Some(&last)).await, by_query] {
        let told = ear.until(named("approvals", "")).await;
        assert_eq!(told[0].name, "ready");
        let runs: HashSet<_> = told.iter().map(|event| event.run().to_owned()).collect();
        assert!(!runs.contains(&first), "{told:?}");
        let created = told.iter().filter(|event| event.name == "run-created");
        assert_eq!(created.map(|event| event.run().to_owned()).collect::<HashSet<_>>(), missed);
        assert_eq!(told.last().unwrap().data, json!({"open": 3}));
        // And nothing twice: the next to be told is the next to happen.
        let next = house.requested(&owner, "fails").await;
        let told = ear.until(named("run", &next)).await;
        assert!(told.iter().all(|event| !missed.contains(event.run())), "{told:?}");
        owner.post(&format!("{AT}/runs/{next}/close"), json!({"reason": "seen"})).await.ok(200);
        ear.until(named("run", &next)).await;
        assert_eq!(
            Ear::open(&house, &secret, Some(&ear.last)).await.next().await.unwrap().name,
            "ready"
        );
    }
}

#[tokio::test]
async fn who_was_away_for_too_long_or_comes_from_elsewhere_is_told_to_look_again() {
    let house = House::furnished().await;
    let secret = token(&house, Role::Viewer).await;
    let mut ear = Ear::open(&house, &secret, Some("99999999")).await;
    assert_eq!(ear.next().await.unwrap().name, "ready");
    assert_eq!(ear.next().await.unwrap().name, "resync");
    let viewer = Client::new(&house.routes, Some(secret));
    for wrong in ["x", "-2", "1.5"] {
        let answer = viewer.get(&format!("{AT}/stream?after={wrong}")).await;
        assert_eq!(answer.problem(400)["errors"][0]["parameter"], "after");
    }
}

#[tokio::test]
async fn nobody_hears_of_another_workspace() {
    let house = House::furnished().await;
    let (owner, stranger) = (house.client(Role::Owner).await, house.stranger().await);
    stranger.get(&format!("{AT}/stream")).await.problem(404);
    Client::new(&house.routes, None).get(&format!("{AT}/stream")).await.problem(401);
    let (there, secret) = ("/api/v1/workspaces/other", stranger.token.clone().unwrap());
    let mut ear = Ear::at(&house, &format!("{there}/stream"), &secret, None).await;
    ear.next().await.unwrap();
    house.requested(&owner, "asks").await;
    stranger
        .text(&format!("{there}/registers/account/import"), "text/csv", "key,status\nACC-1,x\n")
        .await
        .ok(200);
    stranger.text(&format!("{there}/automations"), "application/yaml", ASKS).await.ok(200);
    let asked = json!({"subject": {"kind": "account", "key": "ACC-1"}});
    let own = stranger.post(&format!("{there}/automations/asks/requests"), asked).await.ok(201);
    let told = ear.next().await.unwrap();
    assert_eq!((told.name.as_str(), told.run()), ("run-created", text(&own["runs"][0]).as_str()));
}

#[tokio::test]
async fn an_auditor_hears_of_what_their_windows_show_and_of_other_windows_at_once() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    let auditor = house.member(Role::Auditor).id;
    let window = house.services.windows(house.host).await.unwrap()[0].id;
    house.services.revoke_window(house.host, window).await.unwrap();
    let days = |first: &str, last: &str| {
        Period::of_days(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    };
    let grant =
        async |period| house.services.grant_window(house.host, auditor, period).await.unwrap();
    grant(days("2026-01-01", "2026-01-31")).await;
    let secret = token(&house, Role::Auditor).await;
    let mut ear = Ear::open(&house, &secret, None).await;
    ear.next().await.unwrap();
    let run = house.requested(&owner, "fails").await;
    grant(days("2026-07-01", "2026-07-31")).await;
    // Nothing of the run is told; then the stream ends, and whoever comes back sees more.
    assert_eq!(ear.next().await, None);
    let mut ear = Ear::open(&house, &secret, Some(&ear.last)).await;
    let told = ear.until(named("run", &run)).await;
    assert!(told.iter().any(|event| event.name == "run-created"), "{told:?}");
}

#[tokio::test]
async fn a_stream_ends_with_the_right_to_listen() {
    let house = House::furnished().await;
    let made = house.token(Role::Viewer, Scopes::of_role(Role::Viewer)).await;
    let mut revoked = Ear::open(&house, made.secret.expose(), None).await;
    let mut removed = Ear::open(&house, &token(&house, Role::Operator).await, None).await;
    let mut other = Ear::open(&house, &token(&house, Role::Owner).await, None).await;
    for ear in [&mut revoked, &mut removed, &mut other] {
        assert_eq!(ear.next().await.unwrap().name, "ready");
    }
    house.services.revoke_token(house.caller(Role::Viewer), made.token.id).await.unwrap();
    assert_eq!(revoked.next().await.unwrap().name, "end");
    assert_eq!(revoked.next().await, None);
    let operator = house.member(Role::Operator).id;
    house.services.remove_member(house.host, operator).await.unwrap();
    assert_eq!(removed.next().await.unwrap().name, "end");
    assert_eq!(removed.next().await, None);
    // Nobody else is disturbed.
    let owner = house.client(Role::Owner).await;
    let run = house.requested(&owner, "asks").await;
    other.until(named("run", &run)).await;
}
