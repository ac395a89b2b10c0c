//! The OpenAPI document: what is committed is what is served, and what is served is what is routed.

use std::{fs, path::Path};

use axum::body::Body;
use domain::member::Role;
use http::Method;
use serde_json::Value;

use crate::{client::Client, house::House};

/// `ASSIZE_UPDATE_SNAPSHOTS=1` writes the document where it is compared otherwise.
const UPDATE: &str = "ASSIZE_UPDATE_SNAPSHOTS";

async fn served() -> (House, String) {
    let house = House::new().await;
    let answer = Client::new(&house.routes, None).get("/api/v1/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    (house, answer.text)
}

#[tokio::test]
async fn the_committed_document_is_the_one_that_is_served() {
    let (_, served) = served().await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, format!("{served}\n")).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap();
    assert!(
        committed.trim_end() == served,
        "docs/openapi.json is out of date; run with {UPDATE}=1"
    );
}

#[tokio::test]
async fn every_operation_of_the_document_is_routed_and_wants_to_know_who_asks() {
    let (house, served) = served().await;
    let document: Value = serde_json::from_str(&served).unwrap();
    assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    let (owner, nobody) = (house.client(Role::Owner).await, Client::new(&house.routes, None));
    let mut count = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.replace("{workspace}", "main").replace(['{', '}'], "");
        for (method, operation) in methods.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let id = operation["operationId"].as_str().unwrap();
            let path = format!("/api/v1{path}");
            nobody.send(method.clone(), &path, &[], Body::empty()).await.problem(401);
            let answer = owner.send(method.clone(), &path, &[], Body::empty()).await;
            assert_ne!(answer.status, 405, "{id}");
            assert_ne!(answer.status, 500, "{id}: {answer:?}");
            if answer.status == 404 {
                let problem = answer.problem(404);
                assert!(!problem["detail"].as_str().unwrap().contains("such address"), "{id}");
            }
            let write = method != Method::GET;
            let keyed = operation["parameters"].to_string().contains("Idempotency-Key");
            assert_eq!(write, keyed, "{id}");
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

#[tokio::test]
async fn every_reference_of_the_document_leads_somewhere_and_every_operation_has_a_name_of_its_own()
{
    let (_, served) = served().await;
    let document: Value = serde_json::from_str(&served).unwrap();
    let mut found = 0;
    for reference in served.split("\"$ref\": \"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
        found += 1;
    }
    assert!(found > 100, "{found}");
    let ids: Vec<_> = served
        .split("\"operationId\": \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
}

#[tokio::test]
async fn the_reference_shows_every_operation_without_islands_and_without_a_network() {
    let (house, served) = served().await;
    let page = Client::new(&house.routes, None).get("/api/v1/docs").await;
    assert_eq!(page.status, 200);
    for id in served.split("\"operationId\": \"").skip(1).filter_map(|rest| rest.split('"').next())
    {
        assert!(page.text.contains(&format!("id=\"{id}\"")), "{id}");
    }
    for outside in ["type=\"module\"", "src=", "https://", "http://"] {
        assert!(!page.text.contains(outside), "{outside}");
    }
}
