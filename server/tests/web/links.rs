//! Sign-in links.

use domain::member::Role;

use crate::site::{PASSWORD, Site};

#[tokio::test]
async fn opening_a_link_does_not_use_it_up_and_sending_its_form_does() {
    let site = Site::new().await;
    let north = site.workspace("north").await;
    let link = site.add(&north, "ada@north.example", Role::Viewer).await.link.unwrap();
    let path = format!("/accept-link?token={}", link.token.expose());
    let mut browser = site.browser();
    for _ in 0..2 {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("ada@north.example"));
    }
    let fields =
        [("token", link.token.expose()), ("password", PASSWORD), ("repeated_password", PASSWORD)];
    assert_eq!(browser.post("/accept-link", &fields).await.status, 303);
    assert_eq!(browser.get(&path).await.status, 409);
    assert_eq!(site.browser().post("/accept-link", &fields).await.status, 409);
}

#[tokio::test]
async fn two_different_passwords_are_not_taken() {
    let site = Site::new().await;
    let north = site.workspace("north").await;
    let link = site.add(&north, "ada@north.example", Role::Viewer).await.link.unwrap();
    let fields = [
        ("token", link.token.expose()),
        ("password", PASSWORD),
        ("repeated_password", "seven wet badgers"),
    ];
    let answer = site.browser().post("/accept-link", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("id=\"repeated_password-error\""), "{}", answer.body);
    assert!(!answer.body.contains("otters") && !answer.body.contains("badgers"));
}
