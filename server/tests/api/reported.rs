//! Runs that take place elsewhere, told over the API, and what models cost.

use domain::member::Role;
use serde_json::json;

use crate::house::{AT, House, text};

fn told(statements: &serde_json::Value) -> serde_json::Value {
    json!({"external_id": "job-1", "automation": "nightly", "statements": statements})
}

#[tokio::test]
async fn a_reported_run_is_taken_in_without_a_key_and_read_back() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let statements = json!([
        {"seq": 0, "type": "start", "at": "2026-07-01T02:00:00Z", "heartbeat_seconds": 60},
        {"seq": 1, "type": "step", "name": "load", "status": "failed", "failure": {"message": "no disk"}},
        {"seq": 2, "type": "usage", "attributes": {
            "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o-2024-08-06",
            "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100}},
        {"seq": 3, "type": "finish", "outcome": "failed", "at": "2026-07-01T02:00:09Z"},
    ]);
    let path = format!("{AT}/runs/reported");
    let first = operator.post(&path, told(&statements)).await.ok(201);
    assert_eq!((first["created"].clone(), first["taken"].clone()), (json!(true), json!(4)));
    let again = operator.post(&path, told(&statements)).await.ok(200);
    assert_eq!((again["taken"].clone(), again["duplicates"].clone()), (json!(0), json!(4)));
    let run = text(&first["run"]);
    let found = operator.get(&format!("{AT}/runs/{run}")).await.ok(200);
    assert_eq!(
        (&found["run"]["kind"], &found["run"]["status"]),
        (&json!("reported"), &json!("failed"))
    );
    assert_eq!(found["reported"]["failed_step"]["name"], "load");
    assert_eq!(found["run"]["cost"]["spent"], "0.0035");
    let metrics = operator.get(&format!("{AT}/runs/{run}/metrics")).await.ok(200);
    assert_eq!(metrics["llm_usage"]["total"]["estimated_cost_usd"], "0.0035");
    assert_eq!(metrics["error_summary"], "step load failed: no disk");
    let steps = operator.get(&format!("{AT}/runs/{run}/steps?limit=2")).await.ok(200);
    assert_eq!(steps["data"][1]["failure"]["message"], "no disk");
    let next = format!("{AT}/runs/{run}/steps?after={}", text(&steps["next"]));
    assert_eq!(operator.get(&next).await.ok(200)["data"][0]["outcome"], "failed");
    let report =
        operator.post(&format!("{AT}/runs/{run}/report"), json!({"summary": "Lost."})).await;
    assert_eq!((&report.ok(201)["revision"]), &json!(2));
    let list = operator.get(&format!("{AT}/runs?kind=reported")).await.ok(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_statement_is_named_by_its_place() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let path = format!("{AT}/runs/reported");
    for (statement, status, pointer) in [
        (json!({"seq": 1}), 400, "#/statements/0/type"),
        (json!({"type": "note"}), 400, "#/statements/0/seq"),
        (json!({"seq": 1, "type": "note"}), 400, "#/statements/0/text"),
        (json!({"seq": 1, "type": "dance"}), 400, "#/statements/0/type"),
        (json!({"seq": 1, "type": "step", "name": ""}), 422, "#/statements/0/name"),
    ] {
        let refused = operator.post(&path, told(&json!([statement]))).await;
        assert_eq!(refused.problem(status)["errors"][0]["pointer"], pointer, "{statement}");
    }
    let executed = house.requested(&operator, "fails").await;
    let refused = operator.post(&format!("{AT}/runs/{executed}/report"), json!({})).await;
    assert_eq!(refused.problem(409)["code"], "not-reported");
    let viewer = house.client(Role::Viewer).await;
    let refused = viewer.post(&path, told(&json!([{"seq": 1, "type": "heartbeat"}]))).await;
    assert_eq!(refused.problem(403)["code"], "not-allowed");
}

#[tokio::test]
async fn lineage_needs_a_url_and_a_token_only() {
    let house = House::furnished().await;
    let operator = house.client(Role::Operator).await;
    let event = |kind: &str| {
        json!({
            "eventType": kind, "eventTime": "2026-07-01T02:00:00Z",
            "run": {"runId": "0198-1"}, "job": {"namespace": "dbt", "name": "nightly"},
        })
    };
    let first = operator.post("/api/v1/lineage", event("START")).await.ok(201);
    assert_eq!(first["external_id"], "0198-1");
    assert_eq!(
        operator.post("/api/v1/lineage", event("COMPLETE")).await.ok(200)["status"],
        "completed"
    );
    let refused = operator.post("/api/v1/lineage", event("PAUSE")).await;
    assert_eq!(refused.problem(400)["errors"][0]["pointer"], "#/eventType");
    let schema = operator.get("/api/v1/metrics.schema.json").await.ok(200);
    assert_eq!(schema["title"], "Metrics of a run");
}

#[tokio::test]
async fn a_price_of_the_workspaces_own_is_set_and_taken_away() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    let prices = format!("{AT}/prices");
    let new = json!({"model": "house", "from": "2026-07-01", "input": "0.50", "output": "1.5"});
    let set = owner.post(&prices, new.clone()).await.ok(201);
    assert_eq!((&set["output"], &set["table"]), (&json!("1.50"), &json!("workspace-2026-07-01")));
    assert_eq!(owner.get(&prices).await.ok(200)["data"][0], set);
    let gone = owner.delete(&format!("{prices}?model=house&from=2026-07-01")).await.ok(200);
    assert_ne!(gone["data"][0]["model"], "house");
    let wrong = json!({"model": "house", "from": "2026-07-01", "input": "-1", "output": "1"});
    assert_eq!(owner.post(&prices, wrong).await.problem(400)["errors"][0]["pointer"], "#/input");
    let operator = house.client(Role::Operator).await;
    assert_eq!(operator.post(&prices, new).await.problem(403)["code"], "not-allowed");
}
