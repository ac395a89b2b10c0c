//! Settings → Webhooks → Inbound.

use domain::member::Role;

use crate::runs::house::{House, lacks, shows};

const INBOUND: &str = "/w/main/settings/inbound";

const SCANNER: [(&str, &str); 6] = [
    ("name", "Scanner <b>"),
    ("check", "secret"),
    ("kind", "monitor-result"),
    ("source", "scanner"),
    ("type", "scan.finished"),
    ("id_from", "digest"),
];

#[tokio::test]
async fn an_endpoint_is_added_shown_its_secret_once_given_another_and_removed() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    shows(&owner.get(INBOUND).await, &["There is no endpoint", "Add an endpoint"]);
    let made = owner.post(INBOUND, &SCANNER).await;
    assert_eq!(made.status, 200);
    shows(&made, &["Scanner &lt;b&gt;", "shown this once", "/SECRET"]);
    let id = house.services.inbound_endpoints(house.host).await.unwrap()[0].id;
    let one = format!("{INBOUND}/{id}");
    let page = owner.get(&one).await;
    shows(&page, &["scan.finished from scanner", "A secret of", "Remove Scanner &lt;b&gt;?"]);
    lacks(&page, &["shown this once"]);
    let rotated = owner.post(&format!("{one}/rotate"), &[]).await;
    shows(&rotated, &["shown this once", "the secret before is good, too"]);
    shows(&owner.get(INBOUND).await, &["Scanner &lt;b&gt;", "The secret itself"]);
    let sent = owner.post(&format!("{one}/remove"), &[]).await;
    assert_eq!((sent.status, sent.location()), (303, INBOUND));
    assert_eq!(owner.get(&one).await.status, 404);
}

#[tokio::test]
async fn a_form_with_something_wrong_comes_back_with_what_was_typed() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    let wrong = SCANNER.map(|(name, value)| (name, if name == "id_from" { "body" } else { value }));
    let sent = owner.post(INBOUND, &wrong).await;
    assert_eq!(sent.status, 422);
    shows(&sent, &["value=\"Scanner &lt;b&gt;\"", "expected header:NAME"]);
}

#[tokio::test]
async fn an_operator_looks_and_a_viewer_does_not() {
    let house = House::new().await;
    let mut operator = house.browser(Role::Operator).await;
    let page = operator.get(INBOUND).await;
    assert_eq!(page.status, 200);
    lacks(&page, &["Add an endpoint"]);
    assert_eq!(operator.post(INBOUND, &SCANNER).await.status, 403);
    assert_eq!(house.browser(Role::Viewer).await.get(INBOUND).await.status, 403);
}
