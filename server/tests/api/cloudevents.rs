//! CloudEvents 1.0 in their three modes.

use axum::body::Body;
use domain::member::Role;
use http::Method;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    house::{AT, House},
};

async fn send(client: &Client, headers: &[(&str, &str)], body: &str) -> Answer {
    client.send(Method::POST, &format!("{AT}/events"), headers, Body::from(body.to_owned())).await
}

const STRUCTURED: (&str, &str) = ("content-type", "application/cloudevents+json; charset=utf-8");
const BATCH: (&str, &str) = ("content-type", "application/cloudevents-batch+json");

fn event(id: &str) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "/monitor", "type": "checked",
        "subject": "account/ACC-1", "time": "2026-07-05T10:00:00Z", "data": {"severity": "high"}})
}

#[tokio::test]
async fn an_event_means_the_same_in_each_mode() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let first = send(&operator, &[STRUCTURED], &event("1").to_string()).await.ok(201);
    assert_eq!(
        (first["matched"].clone(), first["runs"].as_array().unwrap().len()),
        (json!(true), 1)
    );
    assert_eq!(first["event"]["subject"], json!({"kind": "account", "key": "ACC-1"}));
    assert_eq!(first["event"]["payload"], json!({"severity": "high"}));
    let binary = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "/monitor"),
        ("ce-type", "checked"),
        ("ce-subject", "account%2FACC-1"),
        ("ce-time", "2026-07-05T10:00:00Z"),
        ("content-type", "application/json"),
    ];
    let again = send(&operator, &binary, "{\"severity\": \"high\"}").await.ok(200);
    assert_eq!(
        (again["duplicate"].clone(), again["runs"].clone()),
        (json!(true), first["runs"].clone())
    );
    let batch = json!([event("1"), event("2")]).to_string();
    let both = send(&operator, &[BATCH], &batch).await.ok(200);
    assert_eq!(
        (both["data"][0]["duplicate"].clone(), both["data"][1]["duplicate"].clone()),
        (json!(true), json!(false))
    );
    assert_eq!(
        operator.get(&format!("{AT}/runs")).await.ok(200)["data"].as_array().unwrap().len(),
        2
    );
}

#[tokio::test]
async fn a_type_nobody_listens_to_is_kept_and_shown_as_unmatched() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let mut unknown = event("7");
    unknown["type"] = json!("com.example.never-heard-of");
    unknown["data"] = json!("a text");
    let heard = send(&operator, &[STRUCTURED], &unknown.to_string()).await.ok(201);
    assert_eq!(
        (heard["matched"].clone(), heard["event"]["payload"].clone()),
        (json!(false), json!({"data": "a text"}))
    );
    let listed = operator.get(&format!("{AT}/events?matched=false")).await.ok(200);
    assert_eq!(listed["data"][0]["event"]["type"], "com.example.never-heard-of");
}

#[tokio::test]
async fn an_event_without_a_time_can_be_sent_again_and_another_under_its_id_cannot() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let mut timeless = event("1");
    timeless.as_object_mut().unwrap().remove("time");
    send(&operator, &[STRUCTURED], &timeless.to_string()).await.ok(201);
    house.clock.advance(chrono::TimeDelta::hours(1));
    let again = send(&operator, &[STRUCTURED], &timeless.to_string()).await.ok(200);
    assert_eq!(again["duplicate"], true);
    timeless["data"] = json!({"severity": "low"});
    let other = send(&operator, &[STRUCTURED], &timeless.to_string()).await;
    assert_eq!(other.problem(409)["code"], "event-differs");
}

#[tokio::test]
async fn the_trace_of_an_event_goes_with_it() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let by_header =
        send(&operator, &[STRUCTURED, ("traceparent", &parent)], &event("1").to_string()).await;
    assert_eq!(by_header.ok(201)["event"]["trace"], TRACE);
    let mut inside = event("2");
    inside["traceparent"] = json!(parent);
    let by_attribute = send(&operator, &[STRUCTURED], &inside.to_string()).await;
    assert_eq!(by_attribute.ok(201)["event"]["trace"], TRACE);
}

#[tokio::test]
async fn what_is_no_event_is_refused_by_its_place_and_nothing_of_a_batch_is_taken_in() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let without = |attribute: &str| {
        let mut event = event("1");
        event.as_object_mut().unwrap().remove(attribute);
        event
    };
    for attribute in ["specversion", "id", "source", "type"] {
        let answer = send(&operator, &[STRUCTURED], &without(attribute).to_string()).await;
        assert_eq!(answer.problem(400)["errors"][0]["pointer"], format!("#/{attribute}"));
    }
    let binary = [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "s")];
    let problem = send(&operator, &binary, "").await.problem(400);
    assert_eq!(problem["errors"][0]["parameter"], "ce-type");
    let batch = json!([event("1"), "no event"]).to_string();
    let problem = send(&operator, &[BATCH], &batch).await.problem(400);
    assert_eq!(problem["errors"][0]["pointer"], "#/1");
    let avro = [("content-type", "application/cloudevents+avro")];
    send(&operator, &avro, "x").await.problem(415);
    assert!(
        operator.get(&format!("{AT}/events")).await.ok(200)["data"].as_array().unwrap().is_empty()
    );
}
