//! Who gets in: tokens, sessions, nobody else, and each into their own workspace.

use axum::body::Body;
use domain::{
    member::Role,
    permission::{Permission, allows},
};
use http::Method;
use serde_json::json;

use crate::{
    client::{Client, fresh_key},
    house::{AT, House},
};

#[tokio::test]
async fn without_a_token_that_is_good_nobody_gets_in() {
    let house = House::new().await;
    let mut nobody = Client::new(&house.routes, None);
    for path in [AT, "/api/v1/workspaces", "/api/v1/workspaces/nowhere/runs"] {
        let answer = nobody.get(path).await;
        assert_eq!(answer.problem(401)["code"], "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"assize\"");
    }
    for wrong in ["", "asz_wrong", "something else"] {
        nobody.token = Some(wrong.to_owned());
        nobody.get(AT).await.problem(401);
    }
    let owner = house.client(Role::Owner).await;
    let basic = [("authorization", "Basic b3duZXI6eA==")];
    nobody.token = None;
    nobody.send(Method::GET, AT, &basic, Body::empty()).await.problem(401);
    let twice = format!("Bearer {}", owner.token.clone().unwrap());
    owner.send(Method::GET, AT, &[("authorization", &twice)], Body::empty()).await.problem(401);
    owner.get(AT).await.ok(200);
}

#[tokio::test]
async fn a_session_of_our_own_pages_gets_in_and_one_of_another_site_changes_nothing() {
    let house = House::new().await;
    let email = house.member(Role::Owner).email.clone();
    let link = house.services.link_for(&email).await.unwrap();
    let home = std::net::IpAddr::from([192, 0, 2, 1]);
    let signed_in =
        house.services.accept_link(link.token.expose(), Some("seven wet otters"), home).await;
    let mut browser = Client::new(&house.routes, None);
    browser.headers.push(("cookie", format!("assize={}", signed_in.unwrap().secret.expose())));
    assert_eq!(browser.get(&format!("{AT}/me")).await.ok(200)["kind"], "member");
    let listed = browser.get("/api/v1/workspaces").await.ok(200);
    assert_eq!(listed["data"][0]["slug"], "main");
    let key = fresh_key();
    let forged = [
        ("sec-fetch-site", "cross-site"),
        ("idempotency-key", &key),
        ("content-type", "text/plain"),
    ];
    let path = format!("{AT}/members");
    let answer = browser.send(Method::POST, &path, &forged, Body::from("{}")).await;
    assert_eq!(answer.problem(403)["code"], "cross-site");
    browser.headers.push(("sec-fetch-site", "same-origin".to_owned()));
    let new = json!({"email": "ada@example.org", "name": "Ada", "role": "viewer"});
    browser.post(&path, new.clone()).await.ok(201);
    // A token is no cookie: a browser sends none by itself.
    let mut program = house.client(Role::Owner).await;
    program.headers.push(("sec-fetch-site", "cross-site".to_owned()));
    program
        .post(&path, json!({"email": "b@example.org", "name": "B", "role": "viewer"}))
        .await
        .ok(201);
    // Nor does a cookie help a token that is not good.
    browser.token = Some("asz_wrong".to_owned());
    browser.get(AT).await.problem(401);
}

#[tokio::test]
async fn every_role_gets_at_what_the_table_of_roles_says() {
    let house = House::furnished().await;
    let reads = [
        ("runs", Permission::ViewRuns),
        ("runs/summary", Permission::ViewRuns),
        ("runs/groups", Permission::ViewRuns),
        ("health?since=7d", Permission::ViewRuns),
        ("incidents", Permission::ViewRuns),
        ("incidents/groups", Permission::ViewRuns),
        ("approvals", Permission::ViewRuns),
        ("automations", Permission::ViewRuns),
        ("automations/fails/versions/1", Permission::ViewRuns),
        ("events", Permission::ViewRuns),
        ("registers", Permission::ViewRuns),
        ("registers/account/ACC-1", Permission::ViewRuns),
        ("audit/entries", Permission::ViewAuditLog),
        ("audit/entries/0", Permission::ViewAuditLog),
        ("exports/bundles", Permission::ViewAuditLog),
        ("exports/lists/runs?format=csv", Permission::ExportLists),
        ("members", Permission::ViewMembers),
        ("tokens", Permission::UseTokens),
    ];
    let writes = [
        (
            "automations/asks/requests",
            Permission::RequestRuns,
            json!({"subject": {"kind": "account", "key": "ACC-1"}}),
        ),
        (
            "events",
            Permission::SendTriggerEvents,
            json!({"kind": "governed-event", "source": "s", "external_id": "e", "type": "t"}),
        ),
        (
            "members",
            Permission::ManageMembers,
            json!({"email": "x@example.org", "name": "X", "role": "viewer"}),
        ),
    ];
    for &role in Role::ALL {
        let client = house.client(role).await;
        for (path, permission) in reads {
            let answer = client.get(&format!("{AT}/{path}")).await;
            match allows(role, permission) {
                true => assert_eq!(answer.status, 200, "{role} {path}: {answer:?}"),
                false => assert_eq!(answer.problem(403)["code"], "not-allowed", "{role} {path}"),
            }
        }
        for (path, permission, body) in &writes {
            let answer = client.post(&format!("{AT}/{path}"), body.clone()).await;
            match allows(role, *permission) {
                true => assert!([200, 201].contains(&answer.status), "{role} {path}: {answer:?}"),
                false => assert_eq!(answer.problem(403)["code"], "not-allowed", "{role} {path}"),
            }
        }
        let me = client.get(&format!("{AT}/me")).await.ok(200);
        assert_eq!((me["kind"].clone(), me["role"].clone()), (json!("token"), json!(role)));
    }
}

#[tokio::test]
async fn what_is_in_another_workspace_is_not_there() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    let run = house.requested(&owner, "asks").await;
    let approval = owner.get(&format!("{AT}/approvals")).await.ok(200)["data"][0]["id"].clone();
    let token = owner.get(&format!("{AT}/tokens")).await.ok(200)["data"][0]["id"].clone();
    let member = house.member(Role::Viewer).id;
    let stranger = house.stranger().await;
    assert_eq!(stranger.get(AT).await.problem(404)["code"], "not-found");
    let other = "/api/v1/workspaces/other";
    stranger.get(other).await.ok(200);
    for path in [
        format!("runs/{run}"),
        format!("runs/{run}/items"),
        format!("runs/{run}/retry-plan"),
        format!("approvals/{}", approval.as_str().unwrap()),
        format!("tokens/{}", token.as_str().unwrap()),
        format!("members/{member}"),
        "automations/asks".to_owned(),
        "registers/account/ACC-1".to_owned(),
        "audit/entries/9999".to_owned(),
    ] {
        let answer = stranger.get(&format!("{other}/{path}")).await;
        assert_eq!(answer.problem(404)["code"], "not-found", "{path}");
    }
    let cancel = format!("{other}/runs/{run}/cancel");
    stranger.post(&cancel, json!({"reason": "mine now"})).await.problem(404);
}

#[tokio::test]
async fn the_token_of_an_auditor_sees_through_the_auditors_windows_only() {
    let house = House::furnished().await;
    let run = house.requested(&house.client(Role::Owner).await, "asks").await;
    let auditor = house.client(Role::Auditor).await;
    let seen = async |path: &str| {
        let answer = auditor.get(&format!("{AT}/{path}")).await.ok(200);
        !answer["data"].as_array().unwrap().is_empty()
    };
    let lists = ["runs", "runs/groups", "events", "audit/entries", "registers/account"];
    for path in lists {
        assert!(seen(path).await, "{path}");
    }
    for window in house.services.windows(house.host).await.unwrap() {
        house.services.revoke_window(house.host, window.id).await.unwrap();
    }
    for path in lists {
        assert!(!seen(path).await, "{path}");
    }
    auditor.get(&format!("{AT}/runs/{run}")).await.problem(404);
    assert_eq!(auditor.get(&format!("{AT}/runs/summary")).await.ok(200)["runs"], 0);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_its_place() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    for (path, name) in [
        ("runs/run_nonsense", "run"),
        ("runs?colour=red", "colour"),
        ("runs?status=done", "status"),
        ("runs?definition=unknown", "definition"),
        ("runs?limit=0", "limit"),
        ("runs?after=nonsense", "after"),
        ("approvals?status=maybe", "status"),
        ("events?matched=perhaps", "matched"),
        ("audit/entries?verb=nothing", "verb"),
        ("exports/lists/runs", "format"),
        ("tokens?all=yes", "all"),
    ] {
        let problem = owner.get(&format!("{AT}/{path}")).await.problem(400);
        assert_eq!(problem["errors"][0]["parameter"], name, "{path}: {problem}");
    }
    let path = format!("{AT}/tokens");
    for (body, pointer) in [
        (
            json!({"name": "a", "scopes": ["view-runs", "everything"], "expires_at": "2026-08-01T00:00:00Z"}),
            "#/scopes/1",
        ),
        (json!({"name": 7, "scopes": [], "expires_at": "2026-08-01T00:00:00Z"}), "#/name"),
        (
            json!({"name": "a", "scopes": [], "expires_at": "2026-08-01T00:00:00Z", "more": 1}),
            "#/more",
        ),
        (json!([]), "#"),
    ] {
        let problem = owner.post(&path, body).await.problem(400);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let wrong = json!({"name": " ", "scopes": [], "expires_at": "2026-07-01T00:00:00Z"});
    let problem = owner.post(&path, wrong).await.problem(422);
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|at| at["pointer"].clone()).collect();
    assert_eq!(pointers, ["#/name", "#/scopes", "#/expires_at"]);
    owner.text(&path, "text/plain", "{}").await.problem(415);
    owner.text(&path, "application/json", &" ".repeat(2 * 1024 * 1024)).await.problem(413);
    owner.get("/api/v1/nowhere").await.problem(404);
    owner.delete("/api/v1/workspaces/main/runs").await.problem(405);
}

#[tokio::test]
async fn every_answer_says_what_is_left_of_the_quota() {
    let house = House::new().await;
    let owner = house.client(Role::Owner).await;
    let answer = owner.get(AT).await;
    assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=1200;w=60");
    assert!(answer.header("ratelimit").starts_with("\"default\";r=1199;t="), "{answer:?}");
    owner.get(AT).await;
    let other = house.client(Role::Viewer).await.get(AT).await;
    assert!(other.header("ratelimit").contains("r=1199"), "{other:?}");
}
