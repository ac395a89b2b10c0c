//! Webhooks and the log of their deliveries, as a program handles them.

use domain::member::Role;
use http::Method;
use serde_json::json;

use crate::house::{AT, House, text};

/// Nothing listens there, which is all that these tests need of a receiver.
const RECEIVER: &str = "http://127.0.0.1:9";

async fn house() -> House {
    let house = House::new().await;
    house.services.allow_destination(house.host, RECEIVER, true).await.unwrap();
    house
}

#[tokio::test]
async fn a_webhook_is_made_shown_its_secret_once_tested_and_removed() {
    let house = house().await;
    let (owner, operator) = (house.client(Role::Owner).await, house.client(Role::Operator).await);
    let path = format!("{AT}/webhooks");
    let new =
        json!({"name": "On call", "url": format!("{RECEIVER}/T0KEN"), "events": ["run.failed"]});
    operator.post(&path, new.clone()).await.problem(403);
    let answer = owner.post(&path, new.clone()).await;
    let place = answer.header("location").to_owned();
    let made = answer.ok(201);
    let secret = text(&made["secret"]);
    assert!(secret.starts_with("whsec_"));
    assert_eq!(made["webhook"]["site"], "http://127.0.0.1:8480");
    let listed = operator.get(&path).await;
    assert!(!listed.text.contains("T0KEN") && !listed.text.contains(&secret), "{}", listed.text);
    assert_eq!(owner.get(&place).await.ok(200)["secrets"].as_array().unwrap().len(), 1);
    let rotated = owner.post(&format!("{place}/rotate"), json!({})).await.ok(200);
    assert_ne!(text(&rotated["secret"]), secret);
    assert_eq!(rotated["until"], "2026-07-07T06:00:00Z");

    let changed =
        json!({"name": "Others", "url": format!("{RECEIVER}/T0KEN"), "events": ["run.finished"]});
    let changed = owner.put(&place, changed).await.ok(200);
    assert_eq!(
        (&changed["name"], &changed["events"]),
        (&json!("Others"), &json!(["run.finished"]))
    );
    let queued = owner.post(&format!("{place}/test"), json!({})).await.ok(202);
    assert_eq!((&queued["state"], &queued["event"]), (&json!("queued"), &json!("webhook.test")));
    house.engine.run_until_idle().await.unwrap();
    let delivery = format!("{AT}/deliveries/{}", text(&queued["id"]));
    let shown = operator.get(&delivery).await.ok(200);
    assert_eq!(shown["attempts"][0]["failure"]["code"], "net-cannot-connect");
    assert_eq!(
        owner.post(&format!("{delivery}/replay"), json!({})).await.ok(202)["state"],
        "queued"
    );
    let found =
        operator.get(&format!("{AT}/deliveries?state=queued&event=webhook.test")).await.ok(200);
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    operator.get(&format!("{AT}/deliveries?state=lost")).await.problem(400);

    let disabled = owner.put(&format!("{place}/enabled"), json!({"enabled": false})).await.ok(200);
    assert_eq!(disabled["disabled"]["because"], "asked");
    let refused = owner.post(&format!("{place}/test"), json!({})).await;
    assert_eq!(refused.problem(409)["code"], "webhook-disabled");
    assert_eq!(owner.delete(&place).await.ok(200)["name"], "Others");
    owner.get(&place).await.problem(404);
    operator.get(&delivery).await.ok(200);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_a_repeated_answer_holds_no_secret() {
    let house = house().await;
    let owner = house.client(Role::Owner).await;
    let path = format!("{AT}/webhooks");
    let wrong = json!({"name": "", "url": "https://nowhere.example", "events": []});
    let problem = owner.post(&path, wrong).await.problem(422);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem}");
    let new = json!({"name": "On call", "url": RECEIVER, "events": ["incident.raised"]});
    let headers = [("idempotency-key", "\"once\""), ("content-type", "application/json")];
    let send = async || owner.send(Method::POST, &path, &headers, new.to_string().into()).await;
    let (first, again) = (send().await.ok(201), send().await.ok(201));
    assert!(first["secret"].is_string() && again["secret"].is_null());
    assert_eq!(first["webhook"], again["webhook"]);
    let database = house.database.address.strip_prefix("sqlite:").unwrap();
    let wal = std::fs::read(format!("{database}-wal")).unwrap_or_default();
    let bytes = [std::fs::read(database).unwrap(), wal].concat();
    let secret = text(&first["secret"]);
    assert!(bytes.windows(7).any(|window| window == b"On call"), "this is what is looked through");
    let part = &secret.as_bytes()["whsec_".len()..];
    assert!(!bytes.windows(part.len()).any(|window| window == part));
}
