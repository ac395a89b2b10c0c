//! A client that goes away in the middle of a request, wherever that is: the one connection that the
//! server has is whole again, and what was asked for is done once or not at all.

use std::{future::Future, pin::pin, task::Poll, time::Duration};

use axum::body::Body;
use domain::member::Role;
use engine::{
    ids::Ids,
    services::Services,
    store::{Backend, Store},
};
use http::Method;
use serde_json::json;
use server::{config::WebConfig, router::router, web::state::AppState};

use crate::{
    client::{Answer, Client},
    house::{AT, House, LISTENS},
};

/// So often somebody has to have gone away.
const ENOUGH: usize = 6;

/// The most that is tried for it.
const ROUNDS: usize = 50;

/// Drops a future when it waits for the `last` time; one that never waits that often ends.
async fn abandon<F: Future>(future: F, last: usize) -> Option<F::Output> {
    let (mut future, mut waits) = (pin!(future), 0);
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending if waits + 1 >= last => Poll::Ready(None),
        Poll::Pending => {
            waits += 1;
            Poll::Pending
        }
    })
    .await
}

/// A server with one connection, and a program of its owner.
struct Narrow {
    house: House,
    store: Store,
    client: Client,
}

impl Narrow {
    async fn on(backend: Backend) -> Option<Self> {
        let house = House::on(backend).await?;
        let owner = house.client(Role::Owner).await;
        owner.text(&format!("{AT}/automations"), "application/yaml", LISTENS).await.ok(200);
        let store = Store::connect_narrow(&house.database.address).await.unwrap();
        let ids = Ids::random();
        let services = Services::new(store.clone(), house.clock.clone(), ids.clone());
        let config = WebConfig {
            origin: "http://127.0.0.1:8480".parse().unwrap(),
            trusted_proxies: 0,
            development: false,
        };
        let routes = router(AppState::new(services, ids, config)).unwrap();
        let client = Client::new(&routes, owner.token.clone());
        Some(Self { house, store, client })
    }

    /// The connection comes back, and without an open transaction.
    async fn is_at_rest(&self, what: &str) {
        let rest = tokio::time::timeout(Duration::from_secs(10), self.store.is_at_rest()).await;
        let rest = rest.unwrap_or_else(|_| panic!("the connection is not given back: {what}"));
        assert!(rest.unwrap(), "a transaction is open: {what}");
    }

    /// Sends a request, goes away at every point at which it waits, and lets it end at last. Answers
    /// with how often it went away.
    async fn leave<F: Future<Output = Answer>>(
        &self,
        what: &str,
        send: impl Fn(usize) -> F,
    ) -> usize {
        for waits in 1.. {
            let answer = abandon(send(waits), waits).await;
            self.is_at_rest(&format!("{what}, at {waits}")).await;
            if let Some(answer) = answer {
                assert!(answer.status < 300, "{what}: {answer:?}");
                return waits - 1;
            }
        }
        unreachable!()
    }
}

fn event(id: &str) -> Body {
    let event =
        json!({"kind": "governed-event", "source": "s", "external_id": id, "type": "checked"});
    Body::from(event.to_string())
}

async fn nobody_leaves_anything_behind(backend: Backend) {
    let Some(narrow) = Narrow::on(backend).await else { return };
    let (client, events) = (&narrow.client, format!("{AT}/events"));
    let path = format!("{AT}/runs");
    let json = ("content-type", "application/json");
    let send = |id: String, key: Option<String>| {
        let events = &events;
        async move {
            let key = key.as_deref().map(|key| ("idempotency-key", key));
            let headers: Vec<_> = key.into_iter().chain([json]).collect();
            client.send(Method::POST, events, &headers, event(&id)).await
        }
    };
    let keyed = |round: usize, waits: usize| {
        send(format!("keyed-{round}-{waits}"), Some(format!("left-{round}-{waits}")))
    };
    let (mut left, mut cut_off) = (0, Vec::new());
    // How often a request waits is up to the database and the machine.
    for round in 0..ROUNDS {
        if left >= ENOUGH && !cut_off.is_empty() {
            break;
        }
        left += narrow.leave("a list", |_| client.get(&path)).await;
        // Each time another event, so that each time there is something to do.
        let plain = |waits| send(format!("plain-{round}-{waits}"), None);
        left += narrow.leave("an event", plain).await;
        let times = narrow.leave("an event with a key", |waits| keyed(round, waits)).await;
        cut_off.extend((1..=times).map(|waits| (round, waits)));
        left += times;
    }
    assert!(left >= ENOUGH && !cut_off.is_empty(), "somebody went away {left} times");

    // Sent once more under its key, each is there once.
    for (round, waits) in cut_off {
        let answer = loop {
            let answer = keyed(round, waits).await;
            if answer.status != 409 {
                break answer;
            }
            tokio::task::yield_now().await;
        };
        let received = answer.ok(201);
        assert_eq!(received["runs"].as_array().unwrap().len(), 1, "{received}");
    }
    let host = narrow.house.host;
    let seek = domain::page::Seek::First;
    let found = narrow.house.services.trigger_events(host, &Default::default(), seek, 200).await;
    let found = found.unwrap().rows;
    assert!(found.iter().all(|heard| heard.runs == 1), "{found:?}");
    narrow.house.services.verify_audit(host).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_leaves_nothing_behind_in_sqlite() {
    nobody_leaves_anything_behind(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_leaves_nothing_behind_in_postgres() {
    nobody_leaves_anything_behind(Backend::Postgres).await;
}
