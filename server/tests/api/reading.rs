//! Lists a page at a time, and single things that a client may keep.

use std::collections::HashSet;

use axum::body::Body;
use domain::member::Role;
use http::Method;
use serde_json::json;

use crate::{
    client::Client,
    house::{AT, House, text},
};

/// Every id of a list, a page at a time, and how many pages there were.
async fn all(client: &Client, path: &str, id: &str) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut next) = (Vec::new(), 0, String::new());
    loop {
        let page = client.get(&format!("{path}&limit=2{next}")).await.ok(200);
        let rows = page["data"].as_array().unwrap();
        ids.extend(rows.iter().map(|row| row.pointer(id).unwrap().to_string()));
        pages += 1;
        match page["next"].as_str() {
            Some(cursor) => next = format!("&after={cursor}"),
            None => return (ids, pages),
        }
    }
}

#[tokio::test]
async fn a_list_read_to_its_end_is_what_one_large_page_has() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    for _ in 0..5 {
        house.requested(&owner, "asks").await;
        house.clock.advance(chrono::TimeDelta::seconds(1));
    }
    for (list, id) in [
        ("runs?order=newest", "/id"),
        ("runs?by=completed&order=oldest", "/id"),
        ("approvals?status=open", "/id"),
        ("events?kind=manual-request", "/event/id"),
        ("registers/account?key=ACC", "/id"),
        ("audit/entries?from=2026-07-01", "/seq"),
    ] {
        let path = format!("{AT}/{list}");
        let whole = owner.get(&format!("{path}&limit=200")).await.ok(200);
        let rows = whole["data"].as_array().unwrap();
        let expected: Vec<_> =
            rows.iter().map(|row| row.pointer(id).unwrap().to_string()).collect();
        let (found, pages) = all(&owner, &path, id).await;
        assert_eq!(found, expected, "{list}");
        assert!(pages > 1, "{list}");
        assert_eq!(found.iter().collect::<HashSet<_>>().len(), found.len(), "{list}");
    }
}

#[tokio::test]
async fn the_items_of_a_run_follow_each_other_by_position() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    let event =
        json!({"kind": "governed-event", "source": "s", "external_id": "1", "type": "checked"});
    let run = text(&owner.post(&format!("{AT}/events"), event).await.ok(201)["runs"][0]);
    house.engine.run_until_idle().await.unwrap();
    let path = format!("{AT}/runs/{run}/items?outcome=succeeded");
    let (found, pages) = all(&owner, &path, "/position").await;
    assert_eq!((found, pages), (vec!["0".into(), "1".into(), "2".into()], 2));
}

#[tokio::test]
async fn a_cursor_fits_only_its_own_list_filter_and_workspace() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    for _ in 0..3 {
        house.requested(&owner, "asks").await;
    }
    let first = owner.get(&format!("{AT}/runs?limit=1")).await.ok(200);
    let cursor = text(&first["next"]);
    let second = owner.get(&format!("{AT}/runs?limit=1&after={cursor}")).await.ok(200);
    let back = text(&second["previous"]);
    let again = owner.get(&format!("{AT}/runs?limit=1&before={back}")).await.ok(200);
    assert_eq!(again["data"], first["data"]);
    let stranger = house.stranger().await;
    for answer in [
        owner.get(&format!("{AT}/runs?status=running&after={cursor}")).await,
        owner.get(&format!("{AT}/approvals?after={cursor}")).await,
        owner.get(&format!("{AT}/runs?before={cursor}")).await,
        stranger.get(&format!("/api/v1/workspaces/other/runs?after={cursor}")).await,
    ] {
        assert_eq!(answer.problem(400)["code"], "bad-request");
    }
}

#[tokio::test]
async fn a_client_that_has_it_already_is_not_sent_it_again() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    let path = format!("{AT}/automations/asks");
    let first = owner.get(&path).await;
    let tag = first.header("etag").to_owned();
    let again = [("if-none-match", tag.as_str())];
    let answer = owner.send(Method::GET, &path, &again, Body::empty()).await;
    assert_eq!((answer.status, answer.text.as_str()), (304, ""));
    owner.put(&format!("{path}/enabled"), json!({"enabled": false})).await.ok(200);
    let answer = owner.send(Method::GET, &path, &again, Body::empty()).await;
    assert_eq!(answer.status, 200);
    assert_ne!(answer.header("etag"), tag);
}

#[tokio::test]
async fn both_forms_of_an_id_are_accepted() {
    let house = House::furnished().await;
    let owner = house.client(Role::Owner).await;
    let run = house.requested(&owner, "asks").await;
    let plain = run.parse::<domain::id::RunId>().unwrap().uuid();
    let (one, other) = (format!("{AT}/runs/{run}"), format!("{AT}/runs/{plain}"));
    assert_eq!(owner.get(&one).await.ok(200), owner.get(&other).await.ok(200));
}

#[tokio::test]
async fn time_stamps_are_asked_of_a_checkpoint_there_is_and_read_before_they_are_kept() {
    let house = House::new().await;
    let owner = house.client(Role::Owner).await;
    owner.get(&format!("{AT}/audit/stamp")).await.problem(404);
    owner.get(&format!("{AT}/audit/stamp-request")).await.problem(404);
    let path = format!("{AT}/audit/stamps");
    let stamp =
        |size: u64, token: &str| json!({"size": size, "token": token, "certificates": "AA=="});
    owner.post(&path, stamp(1, "AA==")).await.problem(404);
    owner.post(&path, stamp(u64::MAX, "AA==")).await.problem(404);
    let problem = owner.post(&path, stamp(1, "no base64!")).await.problem(400);
    assert_eq!(problem["errors"][0]["pointer"], "#/token");
    let viewer = house.client(Role::Viewer).await;
    viewer.post(&path, stamp(1, "AA==")).await.problem(403);
}
