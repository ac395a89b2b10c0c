//! Policies as programs handle them.

use domain::member::Role;
use serde_json::{Value, json};

use crate::house::{AT, House};

fn terms(rule: &str) -> Value {
    json!({
        "key": "not-the-second",
        "name": "Not the second",
        "statement": "It is under litigation.",
        "effect": "require-approval",
        "approval": {"quorum": 2},
        "rule": rule,
    })
}

#[tokio::test]
async fn a_policy_is_written_tested_and_switched() {
    let house = House::new().await;
    let (owner, operator) = (house.client(Role::Owner).await, house.client(Role::Operator).await);
    let path = format!("{AT}/policies");
    let one = format!("{path}/not-the-second");
    operator.post(&path, terms("true")).await.problem(403);
    let broken = owner.post(&path, terms("(1 ==")).await.problem(422);
    assert_eq!(broken["errors"][0]["pointer"], "#/rule");
    let written = owner.post(&path, terms("true")).await.ok(200);
    assert_eq!((&written["applied"], &written["policy"]["on"]), (&json!("created"), &Value::Null));
    let again = owner.post(&path, terms("true")).await.ok(200);
    assert_eq!(again["applied"], "unchanged");
    let second = owner.post(&path, terms("subject.key == 'ACC-2'")).await.ok(200);
    assert_eq!(
        (&second["applied"], &second["policy"]["version"]),
        (&json!("new-version"), &json!(2))
    );

    let on =
        owner.post(&format!("{one}/on"), json!({"version": 1, "reason": "agreed"})).await.ok(200);
    assert_eq!((&on["on"], &on["switch_reason"]), (&json!(1), &json!("agreed")));
    let detail = operator.get(&one).await.ok(200);
    assert_eq!(detail["versions"].as_array().unwrap().len(), 2);
    assert_eq!(detail["versions"][0]["terms"]["approval"]["quorum"], 2);
    assert_eq!(operator.get(&path).await.ok(200)["data"][0]["key"], "not-the-second");
    operator.post(&format!("{one}/off"), json!({"reason": "x"})).await.problem(403);
    let off = owner.post(&format!("{one}/off"), json!({"reason": "settled"})).await.ok(200);
    assert_eq!(off["on"], Value::Null);
    owner.post(&format!("{path}/nothing/on"), json!({"reason": "x"})).await.problem(404);

    let days = json!({"from": "2026-01-01", "to": "2026-12-31"});
    let test = |what: Value| {
        let mut body = days.clone();
        body.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        body
    };
    let tests = format!("{AT}/policy-tests");
    let found = owner.post(&tests, test(json!({"policy": "not-the-second"}))).await.ok(200);
    assert_eq!((&found["looked_at"], &found["complete"]), (&json!(0), &json!(true)));
    owner.post(&tests, test(json!({"terms": terms("true")}))).await.ok(200);
    owner.post(&tests, test(json!({}))).await.problem(400);
    operator.post(&tests, test(json!({"policy": "not-the-second"}))).await.problem(403);
}
