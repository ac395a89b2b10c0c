//! Exports: ordering bundles and taking them home.

use axum::Router;
use domain::member::Role;
use engine::{
    ids::Ids,
    services::Services,
    signing::SigningDir,
    work::{Signer, bundler},
};
use server::{config::WebConfig, router::router, web::state::AppState};
use tempfile::TempDir;

use crate::{
    browser::Browser,
    runs::house::{House, lacks, shows, signed_in},
};

const EXPORTS: &str = "/w/main/exports";

/// What no page and no file may be led astray by.
const HOSTILE: &str = "</textarea><script>alert(1)</script>\u{202e}=1+1";

/// The house with a place for bundles.
struct Desk {
    house: House,
    services: Services,
    signer: Signer,
    routes: Router,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let (house, folder) = (House::new().await, TempDir::new().unwrap());
        let services = house.services.clone().with_bundles(&folder.path().join("bundles"));
        let dir = SigningDir::new(folder.path().join("signing"));
        let signer = Signer::new(services.clone(), dir, Some("assize.example"));
        let config = WebConfig {
            origin: "http://127.0.0.1:8480".parse().unwrap(),
            trusted_proxies: 0,
            development: false,
        };
        let routes = router(AppState::new(services.clone(), Ids::random(), config)).unwrap();
        Self { house, services, signer, routes, folder }
    }

    async fn browser(&self, role: Role) -> Browser {
        signed_in(&self.routes, &self.house.links[&role]).await
    }

    async fn make(&self) {
        let now = self.services.clock().now();
        while bundler::tick(&self.services, Some(&self.signer), now).await.unwrap() > 0 {}
    }
}

/// The address of the newest file on the page.
fn file(page: &str) -> String {
    let at = page.find("/w/main/exports/bundles/").unwrap();
    page[at..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_auditor_orders_a_bundle_sees_it_being_made_and_downloads_it() {
    let desk = Desk::new().await;
    let mut auditor = desk.browser(Role::Auditor).await;
    shows(&auditor.get(EXPORTS).await, &["No bundles yet", "Last quarter: Q2 2026"]);
    let sent = auditor.post(EXPORTS, &[("period", "this-quarter")]).await;
    assert_eq!((sent.status, sent.location()), (303, EXPORTS));
    let page = auditor.get(EXPORTS).await;
    shows(&page, &["Q3 2026", "Pending", "Look again", "All definitions", "The auditor"]);
    lacks(&page, &["Download"]);
    desk.make().await;
    let page = auditor.get(EXPORTS).await;
    shows(&page, &["Ready", "Download"]);
    lacks(&page, &["Look again"]);
    let answer = auditor.get(&file(&page.body)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/zip"));
    let name = "attachment; filename=\"assize-main-2026-07-01-to-2026-09-30.zip\"";
    assert_eq!(answer.header("content-disposition"), name);
    assert!(answer.body.starts_with("PK"));
    let log = auditor.get("/w/main/audit-log").await;
    shows(&log, &["bundle.requested", "bundle.ready", "bundle.downloaded"]);
}

#[tokio::test]
async fn who_may_not_read_the_log_and_who_is_from_elsewhere_gets_no_bundle() {
    let desk = Desk::new().await;
    let mut owner = desk.browser(Role::Owner).await;
    owner.post(EXPORTS, &[("period", "this-month")]).await;
    desk.make().await;
    let file = file(&owner.get(EXPORTS).await.body);
    let mut viewer = desk.browser(Role::Viewer).await;
    lacks(&viewer.get("/w/main/registers").await, &[EXPORTS]);
    for path in [EXPORTS, file.as_str()] {
        assert_eq!(viewer.get(path).await.status, 403, "{path}");
    }
    assert_eq!(viewer.post(EXPORTS, &[("period", "this-month")]).await.status, 403);
    for role in [Role::Operator, Role::Approver] {
        assert_eq!(desk.browser(role).await.get(&file).await.status, 200, "{role}");
    }
    let mut stranger = desk.house.stranger().await;
    assert_eq!(stranger.get(&file).await.status, 404);
    let elsewhere = file.replace("/w/main/", "/w/other/");
    assert_eq!(stranger.get(&elsewhere).await.status, 404);
}

#[tokio::test]
async fn an_order_that_cannot_be_is_refused_and_comes_back() {
    let desk = Desk::new().await;
    let mut owner = desk.browser(Role::Owner).await;
    let days =
        |from: &'static str, to: &'static str| [("period", "days"), ("from", from), ("to", to)];
    for (fields, error) in [
        (days("", "2026-07-01"), "id=\"from-error\""),
        (days("2026-07-02", "2026-07-01"), "id=\"to-error\""),
        (days("2027-01-01", "2027-01-02"), "has not begun"),
        ([("period", "for ever"), ("from", ""), ("to", "")], "id=\"period-error\""),
        ([("period", "days"), ("from", HOSTILE), ("to", "2026-07-01")], "id=\"from-error\""),
        ([("period", "this-month"), ("automation", HOSTILE), ("to", "")], "there is no definition"),
    ] {
        let sent = owner.post(EXPORTS, &fields).await;
        assert_eq!(sent.status, 422, "{fields:?}");
        shows(&sent, &[error]);
        lacks(&sent, &["<script>alert"]);
    }
    shows(&owner.get(EXPORTS).await, &["No bundles yet"]);
}

#[tokio::test]
async fn what_failed_says_why_and_a_lost_file_is_told() {
    let desk = Desk::new().await;
    let mut owner = desk.browser(Role::Owner).await;
    owner.post(EXPORTS, &[("period", "this-month")]).await;
    // A file stands where the directory should be.
    std::fs::write(desk.folder.path().join("bundles"), "in the way").unwrap();
    let made = bundler::tick(&desk.services, Some(&desk.signer), desk.services.clock().now()).await;
    assert_eq!(made.unwrap(), 1);
    let page = owner.get(EXPORTS).await;
    shows(&page, &["Failed", "no-bundle-directory", "cannot be made"]);
    std::fs::remove_file(desk.folder.path().join("bundles")).unwrap();
    owner.post(EXPORTS, &[("period", "this-month")]).await;
    desk.make().await;
    let file = file(&owner.get(EXPORTS).await.body);
    std::fs::remove_dir_all(desk.folder.path().join("bundles")).unwrap();
    let answer = owner.get(&file).await;
    assert_eq!(answer.status, 409);
    shows(&answer, &["order it again"]);
}

#[tokio::test]
async fn hostile_names_go_through_a_bundle() {
    let desk = Desk::new().await;
    desk.house.delivering("kyc", HOSTILE, "").await;
    let long = "x".repeat(120);
    desk.house.accounts(&["=cmd|'calc'!A1", "..%2f..\\evil", "\u{202e}exe.zip", &long]).await;
    desk.house.event("kyc", HOSTILE).await;
    desk.house.settle().await;
    let mut owner = desk.browser(Role::Owner).await;
    let sent = owner.post(EXPORTS, &[("period", "this-month"), ("automation", "kyc")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    desk.make().await;
    let page = owner.get(EXPORTS).await;
    shows(&page, &["Ready"]);
    lacks(&page, &["<script>alert"]);
    let bundle = std::fs::read_dir(desk.folder.path().join("bundles")).unwrap().next().unwrap();
    let keys = desk.services.verifier_keys(desk.house.host).await.unwrap();
    let options = assize_verify::Options {
        bundle: bundle.unwrap().path(),
        keys,
        ..assize_verify::Options::default()
    };
    let outcome = assize_verify::run(&options);
    assert_eq!(outcome.code, 0, "{}", outcome.text);
}
