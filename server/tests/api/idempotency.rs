//! `Idempotency-Key`: once, however often it is sent, on both databases.

use axum::body::Body;
use domain::{
    audit::{AuditFilter, Verb},
    member::Role,
};
use engine::store::Backend;
use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    house::{AT, House},
};

fn new(name: &str) -> Value {
    json!({"name": name, "scopes": ["view-runs"], "expires_at": "2026-08-01T00:00:00Z"})
}

async fn send(client: &Client, key: &str, body: &Value) -> Answer {
    let headers = [("idempotency-key", key), ("content-type", "application/json")];
    let path = format!("{AT}/tokens");
    client.send(Method::POST, &path, &headers, Body::from(body.to_string())).await
}

async fn made(house: &House) -> usize {
    let verb = Some(Verb::TokenCreated);
    let filter = AuditFilter { verb, ..AuditFilter::default() };
    house.services.audit_entries(house.host, &filter, 500).await.unwrap().len()
}

#[tokio::test]
async fn a_write_without_a_key_is_refused_and_changes_nothing() {
    let house = House::new().await;
    let owner = house.client(Role::Owner).await;
    let before = made(&house).await;
    let headers = [("content-type", "application/json")];
    let path = format!("{AT}/tokens");
    let answer = owner.send(Method::POST, &path, &headers, Body::from(new("a").to_string())).await;
    let problem = answer.problem(400);
    assert_eq!(problem["code"], "idempotency-key-missing");
    assert_eq!(problem["errors"][0]["parameter"], "idempotency-key");
    send(&owner, "two words", &new("a")).await.problem(400);
    assert_eq!(made(&house).await, before);
}

#[tokio::test]
async fn the_same_request_is_answered_alike_and_done_once() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(house) = House::on(backend).await else { continue };
        let owner = house.client(Role::Owner).await;
        let before = made(&house).await;
        let first = send(&owner, "\"k\"", &new("a")).await;
        assert_eq!(first.header("idempotent-replayed"), "");
        let again = send(&owner, "k", &new("a")).await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.header("location"), first.header("location"));
        let (first, again) = (first.ok(201), again.ok(201));
        assert_eq!(first["token"], again["token"]);
        assert!(first["secret"].is_string() && again["secret"].is_null(), "a secret is not kept");
        assert_eq!(made(&house).await, before + 1);
        let other = send(&owner, "k", &new("b")).await;
        assert_eq!(other.problem(422)["code"], "idempotency-key-reused");
        // A refusal is an answer, too.
        let refused = send(&owner, "r", &new(" ")).await.problem(422);
        let repeated = send(&owner, "r", &new(" ")).await;
        assert_eq!(repeated.header("idempotent-replayed"), "true");
        assert_eq!(repeated.json(), refused);
        // Somebody else's key is another key.
        send(&house.client(Role::Owner).await, "k", &new("b")).await.ok(201);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_at_once_are_one_execution() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(house) = House::on(backend).await else { continue };
        let owner = house.client(Role::Owner).await;
        let before = made(&house).await;
        let all = (0..64).map(|_| {
            let owner = owner.clone();
            tokio::spawn(async move { send(&owner, "k", &new("a")).await })
        });
        let answers: Vec<_> = join_all(all).await.into_iter().map(Result::unwrap).collect();
        let with = |status: u16, replayed: &str| {
            let fits = |answer: &&Answer| {
                answer.status == status && answer.header("idempotent-replayed") == replayed
            };
            answers.iter().filter(fits).count()
        };
        let (done, replayed, in_flight) = (with(201, ""), with(201, "true"), with(409, ""));
        assert_eq!(
            (done, replayed + in_flight),
            (1, 63),
            "{replayed} replayed, {in_flight} in flight"
        );
        assert_eq!(made(&house).await, before + 1);
        for answer in answers.iter().filter(|answer| answer.status == 409) {
            assert_eq!(answer.problem(409)["code"], "idempotency-key-in-flight");
        }
    }
}
