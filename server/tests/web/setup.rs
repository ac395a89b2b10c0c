//! The first owner.

use crate::site::{PASSWORD, Site};

fn claim(token: &str) -> [(&str, &str); 6] {
    [
        ("token", token),
        ("workspace_name", "North Branch"),
        ("workspace_slug", "north"),
        ("name", "Ada Example"),
        ("email", "ada@north.example"),
        ("password", PASSWORD),
    ]
}

#[tokio::test]
async fn the_printed_link_makes_the_first_owner_once() {
    let site = Site::new().await;
    let token = site.services.prepare_setup().await.unwrap().unwrap().token;
    let mut browser = site.browser();
    let page = browser.get(&format!("/setup?token={}", token.expose())).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains(token.expose()));
    let answer = browser.post("/setup", &claim(token.expose())).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert_eq!(browser.get("/").await.location(), "/w/north/governance/automation/runs");

    let mut late = site.browser();
    assert_eq!(late.post("/setup", &claim(token.expose())).await.status, 404);
    assert_eq!(late.get("/setup").await.status, 404);
    assert!(site.services.prepare_setup().await.unwrap().is_none());
}

#[tokio::test]
async fn a_wrong_token_makes_nobody_an_owner() {
    let site = Site::new().await;
    let token = site.services.prepare_setup().await.unwrap().unwrap().token;
    let answer = site.browser().post("/setup", &claim("guessed")).await;
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("used already or has expired"), "{}", answer.body);
    assert_eq!(site.browser().post("/setup", &claim(token.expose())).await.status, 303);
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named_and_the_rest_comes_back() {
    let site = Site::new().await;
    let token = site.services.prepare_setup().await.unwrap().unwrap().token;
    let mut fields = claim(token.expose());
    fields[2].1 = "Not A Slug";
    fields[4].1 = "nobody";
    fields[5].1 = "short";
    let answer = site.browser().post("/setup", &fields).await;
    assert_eq!(answer.status, 422);
    for id in ["workspace_slug-error", "email-error", "password-error"] {
        assert!(answer.body.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert!(answer.body.contains("North Branch") && answer.body.contains("Not A Slug"));
    assert!(answer.body.contains(token.expose()), "so that it can be sent again");
    assert!(!answer.body.contains("value=\"short\""));
}
