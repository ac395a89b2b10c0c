//! Signing in and out.

use chrono::TimeDelta;
use domain::member::Role;

use crate::site::{PASSWORD, Site};

const EMAIL: &str = "operator@north.example";

fn right() -> [(&'static str, &'static str); 2] {
    [("email", EMAIL), ("password", PASSWORD)]
}

#[tokio::test]
async fn the_right_password_opens_a_session_that_lasts_until_sign_out() {
    let site = Site::new().await;
    site.member("north", Role::Operator).await;
    let mut browser = site.browser();
    let answer = browser.post("/sign-in", &right()).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    let answer = browser.get("/").await;
    assert_eq!(answer.location(), "/w/north/governance/automation/runs");

    let stolen = browser.cookie.clone();
    let answer = browser.post("/sign-out", &[]).await;
    assert_eq!((answer.status, answer.location()), (303, "/sign-in"));
    assert_eq!(browser.cookie, None);
    browser.cookie = stolen;
    assert_eq!(browser.get("/").await.location(), "/sign-in");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_are_refused_alike() {
    let site = Site::new().await;
    site.member("north", Role::Operator).await;
    let mut browser = site.browser();
    let wrong = browser.post("/sign-in", &[("email", EMAIL), ("password", "not the one")]).await;
    let unknown = [("email", "nobody@north.example"), ("password", PASSWORD)];
    let unknown = browser.post("/sign-in", &unknown).await;
    for answer in [&wrong, &unknown] {
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("the e-mail address or the password is not right"));
        assert!(answer.header("set-cookie").is_empty());
    }
    assert!(wrong.body.contains(EMAIL), "what was typed comes back");
    assert!(!wrong.body.contains("not the one"), "a password never does");
}

#[tokio::test]
async fn many_failures_have_to_wait_and_are_told_how_long() {
    let site = Site::new().await;
    site.member("north", Role::Operator).await;
    let mut browser = site.browser();
    let mut answer = browser.post("/sign-in", &[("email", EMAIL), ("password", "x")]).await;
    for _ in 0..10 {
        if answer.status != 422 {
            break;
        }
        answer = browser.post("/sign-in", &[("email", EMAIL), ("password", "x")]).await;
    }
    assert_eq!(answer.status, 429);
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert_eq!(browser.post("/sign-in", &right()).await.status, 429, "even with the right one");
    site.advance(TimeDelta::seconds(wait));
    assert_eq!(browser.post("/sign-in", &right()).await.status, 303);
}

#[tokio::test]
async fn what_was_typed_comes_back_as_text_whatever_it_contains() {
    let site = Site::new().await;
    let hostile = "\"><script>alert('1')</script><img src=x onerror=alert(2)>@a.example";
    let fields = [("email", hostile), ("password", "x"), ("next", hostile)];
    let answer = site.browser().post("/sign-in", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(!answer.body.contains("<script>alert") && !answer.body.contains("<img"));
    assert!(answer.body.contains("&lt;script&gt;alert"), "{}", answer.body);
}

#[tokio::test]
async fn sign_in_leads_on_to_the_page_that_was_asked_for() {
    let site = Site::new().await;
    site.member("north", Role::Operator).await;
    let page = "/w/north/registers?kind=finding&q=a%26b";
    let mut browser = site.browser();
    let answer = browser.get(page).await;
    assert_eq!(answer.status, 303);
    let sign_in = answer.location().to_owned();
    assert!(sign_in.starts_with("/sign-in?next=%2Fw%2Fnorth"), "{sign_in}");
    let form = browser.get(&sign_in).await;
    assert!(form.body.contains("name=\"next\""), "{}", form.body);
    let fields = [("email", EMAIL), ("password", PASSWORD), ("next", page)];
    assert_eq!(browser.post("/sign-in", &fields).await.location(), page);
}

#[tokio::test]
async fn sign_in_never_leads_to_another_site() {
    let site = Site::new().await;
    site.member("north", Role::Operator).await;
    for next in ["//evil.example", "https://evil.example/", "/\\evil.example", "/\t/evil.example"] {
        let fields = [("email", EMAIL), ("password", PASSWORD), ("next", next)];
        assert_eq!(site.browser().post("/sign-in", &fields).await.location(), "/", "{next}");
    }
}

#[tokio::test]
async fn an_idle_session_ends_by_itself() {
    let site = Site::new().await;
    let mut browser = site.member("north", Role::Operator).await;
    assert_ne!(browser.get("/").await.location(), "/sign-in");
    site.advance(TimeDelta::minutes(31));
    assert_eq!(browser.get("/").await.location(), "/sign-in");
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_from_other_sites() {
    let local = Site::new().await;
    local.member("north", Role::Operator).await;
    let answer = local.browser().post("/sign-in", &right()).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("assize="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part} is not in {cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host_and_to_https() {
    let site = Site::at("https://assize.example", 0).await;
    site.member("north", Role::Operator).await;
    let answer = site.browser().post("/sign-in", &right()).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-assize="), "{cookie}");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part} is not in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn failures_count_against_the_client_behind_the_proxy() {
    let site = Site::at("https://assize.example", 1).await;
    let attempt = |client: &'static str, email: String| {
        let mut browser = site.browser();
        let request = browser
            .request(http::Method::POST, "/sign-in")
            .header("x-forwarded-for", format!("10.9.9.9, {client}"));
        let body = crate::browser::form(&[("email", email.as_str()), ("password", "x")]);
        async move { browser.send(request.body(body).unwrap()).await.status }
    };
    let mut seen = Vec::new();
    for number in 0..40 {
        seen.push(attempt("203.0.113.7", format!("a{number}@north.example")).await);
    }
    assert!(seen.contains(&429), "{seen:?}");
    assert_eq!(attempt("203.0.113.8", "b@north.example".to_owned()).await, 422);
}
