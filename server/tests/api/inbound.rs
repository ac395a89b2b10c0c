//! Inbound endpoints: made by owners, and told by tools that show no token.

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use domain::{
    audit::{AuditFilter, Verb},
    member::Role,
};
use engine::store::Backend;
use http::Method;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    house::{AT, House, LISTENS},
};

/// A house with an endpoint that proves itself like this, and a tool without a token.
struct Scene {
    house: House,
    owner: Client,
    tool: Client,
    id: String,
    path: String,
    secret: String,
}

impl Scene {
    async fn on(backend: Backend, check: &str, id_from: &str) -> Option<Self> {
        let house = House::on(backend).await?;
        let owner = house.client(Role::Owner).await;
        let import = format!("{AT}/registers/account/import");
        owner.text(&import, "text/csv", "key\nA-1\n").await.ok(200);
        owner.text(&format!("{AT}/automations"), "application/yaml", LISTENS).await.ok(200);
        let new = json!({
            "name": "Scanner", "check": check, "kind": "governed-event", "source": "scanner",
            "type": "checked", "id_from": id_from,
        });
        let made = owner.post(&format!("{AT}/inbound"), new).await.ok(201);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (endpoint, secret) = (&made["endpoint"], text(&made["secret"]));
        let (id, path) = (text(&endpoint["id"]), text(&endpoint["path"]));
        let tool = Client::new(&house.routes, None);
        Some(Self { house, owner, tool, id, path, secret })
    }

    async fn tell(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.tool.send(Method::POST, path, headers, Body::from(body.to_owned())).await
    }

    /// Signed by Standard Webhooks, so many seconds ago.
    async fn signed(&self, secret: &str, id: &str, ago: i64, body: &str) -> Answer {
        let at = (self.house.clock.now() - TimeDelta::seconds(ago)).timestamp().to_string();
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
        let made = ring::hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes());
        let made = format!("v1,{}", STANDARD.encode(made));
        let headers =
            [("webhook-id", id), ("webhook-timestamp", &at), ("webhook-signature", &made)];
        self.tell(&self.path, &headers, body).await
    }

    async fn rotate(&self) -> String {
        let path = format!("{AT}/inbound/{}/rotate", self.id);
        let told = self.owner.post(&path, json!({})).await.ok(200);
        assert!(told["until"].is_string());
        told["secret"].as_str().unwrap().to_owned()
    }

    async fn entered(&self) -> Vec<Value> {
        let filter = AuditFilter { verb: Some(Verb::InboundRefused), ..AuditFilter::default() };
        let entries =
            self.house.services.audit_entries(self.house.host, &filter, 50).await.unwrap();
        entries.into_iter().filter_map(|entry| entry.payload).collect()
    }
}

async fn a_signed_request_becomes_an_event_once(backend: Backend) {
    let Some(scene) = Scene::on(backend, "standard-webhooks", "header:webhook-id").await else {
        return;
    };
    let (body, secret) = (r#"{"finding": 7}"#, scene.secret.clone());
    let told = scene.signed(&secret, "msg-1", 0, body).await.ok(202);
    assert_eq!(told["duplicate"], false);
    let path = format!("{AT}/events/{}", told["event"].as_str().unwrap());
    let event = scene.owner.get(&path).await.ok(200);
    assert_eq!(event["runs"].as_array().unwrap().len(), 1, "{event}");
    let event = &event["event"];
    assert_eq!(
        (&event["source"], &event["external_id"], &event["type"], &event["payload"]["finding"]),
        (&"scanner".into(), &"msg-1".into(), &"checked".into(), &7.into())
    );
    assert_eq!(scene.signed(&secret, "msg-1", 10, body).await.ok(202)["duplicate"], true);
    assert_eq!(scene.signed(&secret, "msg-1", 0, "{}").await.ok(409)["code"], "event-differs");
    assert_eq!(scene.signed(&secret, "msg-2", 301, body).await.ok(401)["code"], "outside-window");
    let new = scene.rotate().await;
    scene.signed(&secret, "msg-3", 0, body).await.ok(202);
    scene.signed(&new, "msg-4", 0, body).await.ok(202);
    scene.house.clock.advance(TimeDelta::hours(25));
    scene.signed(&secret, "msg-5", 0, body).await.ok(401);
    scene.signed(&new, "msg-5", 0, body).await.ok(202);
    scene.owner.delete(&format!("{AT}/inbound/{}", scene.id)).await.ok(200);
    scene.signed(&new, "msg-6", 0, body).await.ok(404);
    scene.house.services.verify_audit(scene.house.host).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_signed_request_becomes_an_event_once_in_sqlite() {
    a_signed_request_becomes_an_event_once(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_signed_request_becomes_an_event_once_in_postgres() {
    a_signed_request_becomes_an_event_once(Backend::Postgres).await;
}

#[tokio::test]
async fn github_signs_the_body_with_the_secret_as_it_was_shown() {
    let scene = Scene::on(Backend::Sqlite, "github", "header:x-github-delivery").await.unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, scene.secret.as_bytes());
    let body = r#"{"action": "closed"}"#;
    let made = domain::canonical::hex(ring::hmac::sign(&key, body.as_bytes()).as_ref());
    let signature = format!("sha256={made}");
    let headers = [("x-hub-signature-256", &*signature), ("x-github-delivery", "d-1")];
    let told = scene.tell(&scene.path, &headers, body).await.ok(202);
    assert_eq!(told["duplicate"], false);
    assert_eq!(scene.tell(&scene.path, &headers, body).await.ok(202)["event"], told["event"]);
    scene.tell(&scene.path, &headers, "{}").await.ok(401);
    let without = [("x-hub-signature-256", &*signature)];
    assert_eq!(scene.tell(&scene.path, &without, body).await.ok(401)["code"], "no-id");
}

#[tokio::test]
async fn a_bare_secret_stands_in_the_address_or_is_a_password() {
    let scene = Scene::on(Backend::Sqlite, "secret", "digest").await.unwrap();
    let with = format!("{}/{}", scene.path, scene.secret);
    let told = scene.tell(&with, &[], "plain words").await.ok(202);
    let path = format!("{AT}/events/{}", told["event"].as_str().unwrap());
    let event = scene.owner.get(&path).await.ok(200);
    assert_eq!(event["event"]["payload"], json!({"data": "plain words"}));
    let basic = format!("Basic {}", STANDARD.encode(format!("any:{}", scene.secret)));
    let basic = [("authorization", &*basic)];
    assert_eq!(scene.tell(&scene.path, &basic, "plain words").await.ok(202)["duplicate"], true);
    scene.tell(&scene.path, &[], "plain words").await.ok(401);
    scene.tell(&format!("{with}0"), &[], "plain words").await.ok(401);
    scene.tell("/in/inb_01k6xw3v5te8ds8yb3p96fx2kq", &[], "x").await.ok(404);
    scene.tell("/in/nonsense", &[], "x").await.ok(404);
    let long = "x".repeat(400 * 1024);
    assert_eq!(scene.tell(&with, &[], &long).await.status, 413);
}

#[tokio::test]
async fn the_body_says_what_an_event_is_about_and_when_it_happened() {
    let scene = Scene::on(Backend::Sqlite, "secret", "digest").await.unwrap();
    let new = json!({
        "name": "Bank", "check": "secret", "kind": "governed-event", "source": "bank",
        "type": "moved", "id_from": "pointer:/id", "subject_from": "account:/data/account",
        "time_from": "/data/at",
    });
    let made = scene.owner.post(&format!("{AT}/inbound"), new).await.ok(201);
    let endpoint = &made["endpoint"];
    assert_eq!(endpoint["subject_from"], "account:/data/account");
    let [path, secret] = [&endpoint["path"], &made["secret"]].map(|text| text.as_str().unwrap());
    let tell = async |body: Value| {
        let answer = scene.tell(&format!("{path}/{secret}"), &[], &body.to_string()).await;
        let told = answer.ok(202);
        let event = told["event"].as_str().unwrap().to_owned();
        let told = scene.owner.get(&format!("{AT}/events/{event}")).await.ok(200);
        told["event"].clone()
    };
    let full = json!({"id": 1, "data": {"account": "A-1", "at": "2026-07-05T10:00:00+02:00"}});
    let event = tell(full.clone()).await;
    assert_eq!(event["subject"], json!({"kind": "account", "key": "A-1"}), "{event}");
    assert_eq!(event["occurred_at"], "2026-07-05T08:00:00Z");
    scene.house.clock.advance(TimeDelta::hours(1));
    assert_eq!(tell(full).await["id"], event["id"], "told again");
    let bare = tell(json!({"id": 2, "data": "A-1"})).await;
    assert!(bare["subject"].is_null(), "{bare}");
    assert_eq!(bare["occurred_at"], bare["received_at"]);
}

#[tokio::test]
async fn refusals_are_counted_and_entered_without_a_flood() {
    let scene = Scene::on(Backend::Sqlite, "secret", "digest").await.unwrap();
    for _ in 0..5 {
        scene.tell(&scene.path, &[], "x").await.ok(401);
    }
    assert_eq!(scene.entered().await, [json!({"because": "not-proven", "count": 1})]);
    scene.house.clock.advance(TimeDelta::minutes(11));
    scene.tell(&scene.path, &[], "x").await.ok(401);
    assert_eq!(scene.entered().await.len(), 2);
    let detail = scene.owner.get(&format!("{AT}/inbound/{}", scene.id)).await.ok(200);
    let endpoint = &detail["endpoint"];
    assert_eq!(
        (&endpoint["refused"], &endpoint["refused_because"]),
        (&6.into(), &"not-proven".into())
    );
    assert!(!detail.to_string().contains(&scene.secret));
}

#[tokio::test]
async fn a_flood_is_held_back_before_anything_is_looked_at() {
    let scene = Scene::on(Backend::Sqlite, "secret", "digest").await.unwrap();
    let mut last = 0;
    for _ in 0..1_201 {
        last = scene.tell("/in/inb_01k6xw3v5te8ds8yb3p96fx2kq", &[], "x").await.status;
    }
    assert_eq!(last, 429);
    scene.tell(&scene.path, &[], "x").await.ok(401);
}

#[tokio::test]
async fn what_is_wrong_with_an_endpoint_is_named() {
    let scene = Scene::on(Backend::Sqlite, "secret", "digest").await.unwrap();
    let new = |field: &str, value: &str| {
        let mut new = json!({
            "name": "Other", "check": "github", "kind": "governed-event", "source": "scanner",
            "type": "checked", "id_from": "digest",
        });
        new[field] = value.into();
        new
    };
    let path = format!("{AT}/inbound");
    for (field, value, status) in [
        ("name", "", 422),
        ("source", "assize/x", 422),
        ("type", " x", 422),
        ("kind", "schedule", 422),
        ("id_from", "body", 400),
        ("subject_from", "account", 400),
        ("time_from", "at", 400),
        ("check", "trust", 400),
    ] {
        let problem = scene.owner.post(&path, new(field, value)).await.problem(status);
        let pointer = problem["errors"][0]["pointer"].as_str().unwrap();
        assert_eq!(pointer, format!("#/{field}"), "{problem}");
    }
    let operator = scene.house.client(Role::Operator).await;
    operator.post(&path, new("name", "Mine")).await.problem(403);
    assert_eq!(operator.get(&path).await.ok(200)["data"].as_array().unwrap().len(), 1);
    let stranger = scene.house.stranger().await;
    let elsewhere = format!("/api/v1/workspaces/other/inbound/{}", scene.id);
    stranger.get(&elsewhere).await.problem(404);
    stranger.delete(&elsewhere).await.problem(404);
}
