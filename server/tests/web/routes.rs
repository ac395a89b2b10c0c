//! Every page of the route table, so that a new one cannot be forgotten: read from the table itself.

use axum::body::Body;
use domain::{
    id::{ApprovalId, ItemId, MemberId, RunId},
    member::Role,
};
use http::Method;
use uuid::Uuid;

use crate::{headers, reading::log, site::Site};

const TABLE: &str = include_str!("../../../app/src/app.rs");

/// The addresses of all pages, with `fill` in place of their parameters.
fn addresses(fill: impl Fn(&str) -> String) -> Vec<String> {
    let quoted = TABLE.split("path!(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let part = |part: &str| part.strip_prefix(':').map_or_else(|| part.to_owned(), &fill);
    quoted.map(|path| path.split('/').map(part).collect::<Vec<_>>().join("/")).collect()
}

/// Well-formed, and of nothing that exists except the workspace.
fn unknown(parameter: &str) -> String {
    let id = Uuid::from_u128(7);
    match parameter {
        "workspace" => "north".to_owned(),
        "run" => RunId::new(id).to_string(),
        "item" => ItemId::new(id).to_string(),
        "approval" => ApprovalId::new(id).to_string(),
        "member" => MemberId::new(id).to_string(),
        "version" => "1".to_owned(),
        _ => "nothing".to_owned(),
    }
}

#[tokio::test]
async fn every_page_answers_is_protected_and_changes_nothing() {
    let site = Site::new().await;
    let mut browser = site.member("north", Role::Owner).await;
    let before = log(&site, "north").await;
    let addresses = addresses(unknown);
    assert!(addresses.len() > 20, "{addresses:?}");
    for path in &addresses {
        let answer = browser.get(path).await;
        assert!([200, 303, 400, 404, 409].contains(&answer.status), "{path}: {}", answer.status);
        headers::check(path, &answer);
    }
    assert_eq!(log(&site, "north").await, before);
}

#[tokio::test]
async fn every_page_of_a_workspace_asks_strangers_to_sign_in() {
    let site = Site::new().await;
    site.workspace("north").await;
    for path in addresses(unknown).iter().filter(|path| path.starts_with("/w/")) {
        let answer = site.browser().get(path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.location().starts_with("/sign-in?next=%2Fw%2F"), "{path}");
    }
}

#[tokio::test]
async fn every_malformed_id_is_answered_with_what_it_should_have_been() {
    let site = Site::new().await;
    let mut browser = site.member("north", Role::Owner).await;
    for (malformed, what) in [
        ("run", "run id"),
        ("item", "run item id"),
        ("approval", "approval id"),
        ("member", "member id"),
    ] {
        let hostile = |parameter: &str| match parameter == malformed {
            true => "%3Cscript%3E".to_owned(),
            false => unknown(parameter),
        };
        let paths = addresses(hostile).into_iter().filter(|path| path.contains("%3C"));
        for path in paths {
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, 400, "{path}");
            let words = answer.body.split("&lt;script&gt;' is no ").nth(1);
            let named = words.is_some_and(|words| words.starts_with(what));
            assert!(named, "{path}: {}", answer.body);
            assert!(!answer.body.contains("<script>"), "{path}");
        }
    }
}

#[tokio::test]
async fn no_page_takes_a_form_of_another_site_or_of_a_stranger() {
    let site = Site::new().await;
    let mut browser = site.member("north", Role::Owner).await;
    let before = log(&site, "north").await;
    for path in addresses(unknown) {
        let foreign = browser.request(Method::POST, &path).header("sec-fetch-site", "cross-site");
        let answer = browser.send(foreign.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 403, "{path}");
        if path.starts_with("/w/") {
            let answer = site.browser().post(&path, &[]).await;
            assert!([303, 405].contains(&answer.status), "{path}: {}", answer.status);
            assert!(["", "/sign-in"].contains(&answer.location()), "{path}");
        }
    }
    assert_eq!(log(&site, "north").await, before);
}

#[tokio::test]
async fn an_unknown_filter_is_refused_by_its_name() {
    let site = Site::new().await;
    let mut browser = site.member("north", Role::Owner).await;
    for page in ["governance/automation/runs", "governance/automation/approvals", "audit-log"] {
        let answer = browser.get(&format!("/w/north/{page}?colour=red")).await;
        assert_eq!(answer.status, 400, "{page}");
        assert!(answer.body.contains("colour"), "{page}");
    }
    let answer = browser.get("/w/north/governance/automation/runs?status=done").await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("completed-with-failures"), "it names what can be chosen");
}
