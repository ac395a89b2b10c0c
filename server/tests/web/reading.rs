//! Reading changes nothing: no address does anything on GET.

use domain::member::{Principal, Role};
use engine::services::{AuditRoot, Caller};

use server::config::WebConfig;

use crate::site::Site;

/// The log of a workspace, to see that it did not grow.
pub async fn log(site: &Site, slug: &str) -> AuditRoot {
    let workspace = site.services.workspace_by_slug(slug).await.unwrap();
    let caller = Caller { workspace: workspace.id, principal: Principal::Host };
    site.services.audit_root(caller).await.unwrap()
}

#[tokio::test]
async fn no_address_does_anything_on_get() {
    let site = Site::new().await;
    let mut browser = site.member("north", Role::Owner).await;
    let north = site.services.workspace_by_slug("north").await.unwrap();
    let link = site.add(&north, "ben@north.example", Role::Viewer).await.link.unwrap();
    let before = log(&site, "north").await;
    let token = link.token.expose();
    for path in [
        "/sign-out".to_owned(),
        "/sign-in?email=owner%40north.example&password=seven+wet+otters".to_owned(),
        format!("/accept-link?token={token}&password=seven+wet+otters"),
        "/setup?token=x".to_owned(),
        "/w/north/governance/automation/runs".to_owned(),
    ] {
        let answer = browser.get(&path).await;
        assert!(answer.header("set-cookie").is_empty(), "{path}");
    }
    assert_eq!(log(&site, "north").await, before);
    assert_ne!(browser.get("/").await.location(), "/sign-in", "still signed in");
    assert!(site.services.link_info(token).await.is_ok(), "the link is still good");
}

#[tokio::test]
async fn a_development_server_shows_the_style_page_and_reloads() {
    let origin = "http://127.0.0.1:8480".parse().unwrap();
    let config = WebConfig { origin, trusted_proxies: 0, development: true };
    let mut browser = Site::with(config).await.browser();
    let page = browser.get("/dev/style").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("/dev/started"), "it asks whether the server was restarted");
    assert_eq!(browser.get("/dev/started").await.status, 200);
}
