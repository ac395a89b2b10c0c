//! The life of a token, as its program sees it.

use domain::{member::Role, permission::Permission};
use serde_json::json;

use crate::{
    client::Client,
    house::{AT, House, text},
};

#[tokio::test]
async fn a_token_is_shown_once_works_and_is_revoked_at_once() {
    let house = House::new().await;
    let owner = house.client(Role::Owner).await;
    let path = format!("{AT}/tokens");
    let new = json!({"name": "CI", "scopes": ["view-runs"], "expires_at": "2026-08-01T00:00:00Z"});
    let answer = owner.post(&path, new).await;
    let place = answer.header("location").to_owned();
    let made = answer.ok(201);
    let secret = text(&made["secret"]);
    assert!(secret.starts_with("asz_"));
    assert_eq!(place, format!("{path}/{}", text(&made["token"]["id"])));
    let program = Client::new(&house.routes, Some(secret.clone()));
    program.get(&format!("{AT}/runs")).await.ok(200);
    assert_eq!(program.get(&format!("{AT}/members")).await.problem(403)["code"], "not-allowed");
    let listed = owner.get(&path).await;
    assert!(!listed.text.contains(&secret) && listed.text.contains("\"CI\""));
    let shown = owner.get(&place).await.ok(200);
    assert_eq!(shown["last_used_at"], "2026-07-06T06:00:00Z");
    assert_eq!(owner.delete(&place).await.ok(200)["status"], "revoked");
    program.get(&format!("{AT}/runs")).await.problem(401);
}

#[tokio::test]
async fn a_demoted_member_demotes_the_tokens_with_the_next_request() {
    let house = House::new().await;
    let operator = house.client(Role::Operator).await;
    let event =
        |id: &str| json!({"kind": "governed-event", "source": "s", "external_id": id, "type": "t"});
    let path = format!("{AT}/events");
    operator.post(&path, event("1")).await.ok(201);
    let id = house.member(Role::Operator).id;
    house.services.change_role(house.host, id, Role::Viewer).await.unwrap();
    operator.post(&path, event("2")).await.problem(403);
    operator.get(&path).await.ok(200);
    house.services.remove_member(house.host, id).await.unwrap();
    operator.get(&path).await.problem(401);
}

#[tokio::test]
async fn whoever_asked_cannot_approve_by_a_token_either() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    let yaml = crate::house::FAILS.replace(
        "on-item-failure: hold",
        "approval: { retries: { role: owner, quorum: 1, expires-after: P7D, on-expiry: dismiss } }",
    );
    owner.text(&format!("{AT}/automations"), "application/yaml", &yaml).await.ok(200);
    let run = house.requested(&owner, "fails").await;
    let plan = owner.get(&format!("{AT}/runs/{run}/retry-plan")).await.ok(200);
    let item = plan["items"][0]["item"].clone();
    let retry = json!({"plan_digest": plan["digest"], "acknowledged": [item], "reason": "mended"});
    let retried = owner.post(&format!("{AT}/runs/{run}/retry"), retry).await.ok(200);
    assert_eq!(retried["awaiting_approval"], 1, "{retried}");
    let open = owner.get(&format!("{AT}/approvals")).await.ok(200);
    let approval = open["data"][0].clone();
    let decide = format!("{AT}/approvals/{}/decisions", text(&approval["id"]));
    let yes = json!({"verdict": "approve", "action_digest": approval["action_digest"]});
    let second = house.scoped(Role::Owner, &[Permission::DecideApprovals]).await;
    for program in [&owner, &second] {
        let refused = program.post(&decide, yes.clone()).await;
        assert_eq!(refused.problem(409)["code"], "own-request");
    }
}
