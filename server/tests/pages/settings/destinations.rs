//! Settings → Destinations.

use domain::member::Role;

use crate::runs::house::{House, lacks, shows};

const DESTINATIONS: &str = "/w/main/settings/destinations";

#[tokio::test]
async fn only_owners_see_and_change_where_requests_may_go() {
    let house = House::new().await;
    for role in [Role::Operator, Role::Approver, Role::Auditor, Role::Viewer] {
        let mut browser = house.browser(role).await;
        let remove = format!("{DESTINATIONS}/remove");
        for path in [DESTINATIONS, remove.as_str()] {
            assert_eq!(browser.get(path).await.status, 403, "{role} {path}");
            let fields = [("address", "https://hooks.example.org")];
            assert_eq!(browser.post(path, &fields).await.status, 403, "{role} {path}");
        }
        lacks(&browser.get("/w/main/registers").await, &[DESTINATIONS]);
    }
    shows(&house.browser(Role::Owner).await.get("/w/main/registers").await, &[DESTINATIONS]);
}

#[tokio::test]
async fn a_destination_is_allowed_listed_and_removed() {
    let house = House::new().await;
    let receiver = house.receiver.address.clone();
    house.services.remove_destination(house.host, &receiver).await.unwrap();
    let mut owner = house.browser(Role::Owner).await;
    shows(&owner.get(DESTINATIONS).await, &["No destination is allowed"]);
    let sent = owner.post(DESTINATIONS, &[("address", " https://Hooks.example.org ")]).await;
    assert_eq!((sent.status, sent.location()), (303, DESTINATIONS));
    shows(&owner.get(DESTINATIONS).await, &["https://hooks.example.org:443", "Public addresses"]);
    let private = [("address", "https://hooks.example.org"), ("allow_private", "yes")];
    assert_eq!(owner.post(DESTINATIONS, &private).await.status, 303);
    shows(&owner.get(DESTINATIONS).await, &["Private addresses too"]);

    let remove = format!("{DESTINATIONS}/remove");
    let page = owner.get(&format!("{remove}?address=https%3A%2F%2Fhooks.example.org%3A443")).await;
    shows(&page, &["Remove this destination?", "fail from now on"]);
    assert_eq!(
        owner.get(&format!("{remove}?address=https%3A%2F%2Felse.example")).await.status,
        404
    );
    let gone = [("address", "https://hooks.example.org:443")];
    assert_eq!(owner.post(&remove, &gone).await.status, 303);
    assert_eq!(owner.post(&remove, &gone).await.status, 404);
    shows(&owner.get(DESTINATIONS).await, &["No destination is allowed"]);
    let log = owner.get("/w/main/audit-log?verb=destination.removed").await;
    let entry = log.body.split("href=\"/w/main/audit-log/").nth(1).unwrap();
    let seq = entry.split('"').next().unwrap();
    let entry = owner.get(&format!("/w/main/audit-log/{seq}")).await;
    shows(&entry, &["hooks.example.org", "Before"]);
}

#[tokio::test]
async fn what_is_no_destination_is_refused_and_comes_back() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    for address in
        ["", "hooks", "ftp://x.example", "https://u:p@x.example", "https://x.example/<b>"]
    {
        let sent =
            owner.post(DESTINATIONS, &[("address", address), ("allow_private", "yes")]).await;
        assert_eq!(sent.status, 422, "{address}");
        shows(&sent, &["id=\"address-error\"", "checked"]);
        lacks(&sent, &["example/<b>"]);
    }
}
