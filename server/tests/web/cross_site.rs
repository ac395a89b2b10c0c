//! Forms of other sites are refused, whatever a browser sends along.

use axum::body::Body;
use domain::member::Role;
use http::Method;

use crate::{browser::form, site::Site};

#[tokio::test]
async fn a_form_of_another_site_is_refused_and_changes_nothing() {
    let site = Site::new().await;
    let mut browser = site.member("north", Role::Owner).await;
    let foreign: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example"), ("host", "127.0.0.1:8480")],
        &[("origin", "null"), ("host", "127.0.0.1:8480")],
    ];
    for headers in foreign {
        let mut request = browser.request(Method::POST, "/sign-out");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = browser.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 403, "{headers:?}");
        assert!(answer.body.contains("came from another site"), "{headers:?}");
    }
    assert_ne!(browser.get("/").await.location(), "/sign-in", "still signed in");
}

#[tokio::test]
async fn forms_of_the_site_itself_are_taken_from_old_and_new_browsers() {
    let site = Site::new().await;
    let own: [&[(&str, &str)]; 3] = [
        &[("sec-fetch-site", "same-origin")],
        &[("origin", "http://127.0.0.1:8480"), ("host", "internal")],
        &[],
    ];
    for headers in own {
        let mut browser = site.browser();
        let mut request = browser.request(Method::POST, "/sign-in");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = form(&[("email", "nobody@north.example"), ("password", "x")]);
        assert_eq!(browser.send(request.body(body).unwrap()).await.status, 422, "{headers:?}");
    }
}
