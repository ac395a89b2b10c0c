//! What every answer tells the browser not to do.

use axum::body::Body;
use domain::member::Role;
use http::Method;

use crate::{browser::Answer, site::Site};

/// Every answer has these.
pub fn check(path: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
    assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
    assert_eq!(answer.header("x-request-id").len(), 32, "{path}");
    assert!(!answer.header("cache-control").is_empty(), "{path}");
}

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_it() {
    let site = Site::new().await;
    let mut browser = site.member("north", Role::Owner).await;
    for path in [
        "/",
        "/sign-in",
        "/setup",
        "/accept-link?token=x",
        "/sign-out",
        "/nowhere",
        "/w/north",
        "/w/north/governance/automation/runs",
        "/w/north/nowhere",
        "/w/south/registers",
        "/healthz",
        "/readyz",
        "/pkg/nothing.css",
        "/favicon.svg",
        "/robots.txt",
    ] {
        check(path, &browser.get(path).await);
    }
    let refused = browser.request(Method::POST, "/sign-in").header("sec-fetch-site", "cross-site");
    check("a refused form", &browser.send(refused.body(Body::empty()).unwrap()).await);
}

#[tokio::test]
async fn scripts_of_a_page_carry_the_nonce_of_its_policy_and_it_is_never_the_same() {
    let site = Site::new().await;
    let mut browser = site.member("north", Role::Owner).await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let page = browser.get("/w/north/nowhere").await;
        let policy = page.header("content-security-policy");
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
        let nonce = nonce.unwrap().to_owned();
        let mut scripts = page.body.split("<script").skip(1).peekable();
        assert!(scripts.peek().is_some());
        let attribute = format!("nonce=\"{nonce}\"");
        let allowed = |script: &str| script.split('>').next().unwrap().contains(&attribute);
        assert!(scripts.all(allowed), "{}", page.body);
        assert!(!page.body.contains(" onclick=") && !page.body.contains(" style="));
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn pages_are_stored_nowhere_and_https_stays_https() {
    let plain = Site::new().await.browser().get("/sign-in").await;
    assert_eq!(plain.header("cache-control"), "no-store");
    assert!(plain.header("strict-transport-security").is_empty());
    let secure = Site::at("https://assize.example", 0).await.browser().get("/sign-in").await;
    assert!(secure.header("strict-transport-security").starts_with("max-age=31536000"));
}
