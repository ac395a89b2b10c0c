//! Settings → Webhooks.

use domain::{member::Role, webhook::DeliveryState};

use crate::{
    browser::{Answer, Browser},
    runs::{
        house::{House, lacks, shows},
        receiver::Plan,
    },
};

const WEBHOOKS: &str = "/w/main/settings/webhooks";
const DELIVERIES: &str = "/w/main/settings/deliveries";

/// The secret that a page shows, if it shows one.
fn secret(answer: &Answer) -> Option<String> {
    let start = answer.body.find("whsec_")?;
    let rest = answer.body[start..].chars();
    Some(rest.take_while(|c| c.is_ascii_alphanumeric() || "_+/=".contains(*c)).collect())
}

/// The webhook `Team <b>`, made by the owner; gives its address and its secret.
async fn made(house: &House, owner: &mut Browser) -> (String, String) {
    let url = format!("{}/requests", house.receiver.address);
    let fields = [("name", "Team <b>"), ("url", &*url), ("event", "run.finished")];
    let made = owner.post(WEBHOOKS, &fields).await;
    assert_eq!(made.status, 200);
    let id = house.services.webhooks(house.host).await.unwrap().pop().unwrap().id;
    (format!("{WEBHOOKS}/{id}"), secret(&made).unwrap())
}

#[tokio::test]
async fn a_webhook_is_added_shown_its_secret_once_changed_and_removed() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    shows(&owner.get(WEBHOOKS).await, &["Nobody is told of anything", "Add a webhook"]);
    let (one, secret_once) = made(&house, &mut owner).await;
    assert_eq!(secret_once.len(), 50);
    let page = owner.get(&one).await;
    shows(&page, &["Team &lt;b&gt;", "Enabled", "Send a test", "/requests", "A secret of"]);
    assert_eq!(secret(&page), None);
    let url = format!("{}/requests?x", house.receiver.address);
    let fields = [("name", "Others"), ("url", &*url), ("event", "run.failed")];
    let sent = owner.post(&one, &fields).await;
    assert_eq!((sent.status, sent.location()), (303, one.as_str()));
    shows(&owner.get(WEBHOOKS).await, &["Others", "Run failed"]);
    let sent = owner.post(&format!("{one}/enabled"), &[("enabled", "no")]).await;
    assert_eq!((sent.status, sent.location()), (303, one.as_str()));
    shows(&owner.get(&one).await, &["This webhook is disabled"]);
    shows(&owner.get(&format!("{one}/rotate")).await, &["Give Others another secret?", "24"]);
    let rotated = owner.post(&format!("{one}/rotate"), &[]).await;
    shows(&rotated, &["shown this once", "signs, too"]);
    assert_ne!(secret(&rotated).unwrap(), secret_once);
    shows(&owner.get(&format!("{one}/remove")).await, &["Remove Others?"]);
    let sent = owner.post(&format!("{one}/remove"), &[]).await;
    assert_eq!((sent.status, sent.location()), (303, WEBHOOKS));
    assert_eq!(owner.get(&one).await.status, 404);
}

#[tokio::test]
async fn a_form_with_something_wrong_comes_back_with_what_was_typed() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    let fields = [("name", "Kept"), ("url", "https://nowhere.example/x")];
    let sent = owner.post(WEBHOOKS, &fields).await;
    assert_eq!(sent.status, 422);
    let said = ["value=\"Kept\"", "allow it under Destinations first", "choose at least one"];
    shows(&sent, &said);
    let (one, _) = made(&house, &mut owner).await;
    owner.post(&format!("{one}/enabled"), &[("enabled", "no")]).await;
    let refused = owner.post(&format!("{one}/test"), &[]).await;
    assert_eq!(refused.status, 409);
    shows(&refused, &["enable it first", "value=\"Team &lt;b&gt;\""]);
}

#[tokio::test]
async fn a_delivery_is_found_in_the_log_with_every_attempt_and_sent_again() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    let (one, _) = made(&house, &mut owner).await;
    shows(&owner.get(DELIVERIES).await, &["Nothing was sent yet"]);
    house.receiver.plan([Plan::Refuse(500)]);
    let sent = owner.post(&format!("{one}/test"), &[]).await;
    assert_eq!(sent.status, 303);
    let delivery = sent.location().to_owned();
    shows(&owner.get(&delivery).await, &["Queued", "It was not sent yet", "webhook.test"]);
    house.settle().await;
    let page = owner.get(&delivery).await;
    shows(&page, &["Attempt 1 was answered with 500", "http-500", "webhook-signature: v1,"]);
    shows(&page, &["Next attempt", "Send it now"]);
    let sent = owner.post(&format!("{delivery}/replay"), &[]).await;
    assert_eq!((sent.status, sent.location()), (303, delivery.as_str()));
    house.settle().await;
    shows(
        &owner.get(&delivery).await,
        &["Attempt 2 was answered with 200", "Delivered", "Send it again"],
    );
    let log = owner.get(&format!("{DELIVERIES}?state=delivered&event=webhook.test")).await;
    shows(&log, &["Team &lt;b&gt;", "All 1 delivery", "Remove filter State: Delivered"]);
    shows(&owner.get(&format!("{DELIVERIES}?state=failed")).await, &["No deliveries match"]);
    assert_eq!(owner.get(&format!("{DELIVERIES}?state=lost")).await.status, 400);
    let log = owner.get("/w/main/audit-log?verb=delivery.replayed").await;
    shows(&log, &[&format!("href=\"{delivery}\"")]);
}

#[tokio::test]
async fn links_in_a_delivery_lead_to_what_it_tells_of() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    made(&house, &mut owner).await;
    house.delivering("evidence", "Evidence", "").await;
    house.accounts(&["A-1"]).await;
    house.event("evidence", "1").await;
    house.settle().await;
    let all = domain::webhook::DeliveryFilter::default();
    let found = house.services.deliveries(house.host, &all, domain::page::Seek::First, 10).await;
    let delivery = found.unwrap().rows.remove(0);
    assert_eq!(delivery.state, DeliveryState::Delivered);
    let body: serde_json::Value = serde_json::from_str(&delivery.body).unwrap();
    let link = body["data"]["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:8480").unwrap();
    let page = owner.get(link).await;
    assert_eq!(page.status, 200);
    shows(&page, &["Evidence"]);
}

#[tokio::test]
async fn operators_read_the_log_and_others_see_nothing_of_it() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    let (one, _) = made(&house, &mut owner).await;
    let mut operator = house.browser(Role::Operator).await;
    let page = operator.get(&one).await;
    lacks(&page, &["Send a test", "Change it", "/requests"]);
    shows(&page, &["/…"]);
    assert_eq!(operator.get(DELIVERIES).await.status, 200);
    for path in [format!("{one}/remove"), format!("{one}/rotate")] {
        assert_eq!(operator.get(&path).await.status, 403, "{path}");
        assert_eq!(operator.post(&path, &[]).await.status, 403, "{path}");
    }
    assert_eq!(operator.post(&format!("{one}/test"), &[]).await.status, 403);
    for role in [Role::Approver, Role::Auditor, Role::Viewer] {
        let mut browser = house.browser(role).await;
        for path in [WEBHOOKS, one.as_str(), DELIVERIES] {
            assert_eq!(browser.get(path).await.status, 403, "{role} {path}");
        }
        lacks(&browser.get("/w/main/registers").await, &[WEBHOOKS]);
    }
    assert_eq!(house.stranger().await.get(&one.replace("/main/", "/other/")).await.status, 404);
}

#[tokio::test]
async fn requests_to_a_destination_are_signed_and_no_longer() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    let list = "/w/main/settings/destinations";
    let (sign, unsign) = (format!("{list}/sign"), format!("{list}/unsign"));
    shows(&owner.get(list).await, &["Not signed"]);
    let address = house.receiver.address.clone();
    let made = owner.post(&sign, &[("address", &*address)]).await;
    assert_eq!(made.status, 200);
    shows(&made, &["shown this once", "Stop signing"]);
    assert_eq!(secret(&made).unwrap().len(), 50);
    shows(&owner.get(list).await, &["Signed"]);
    assert_eq!(owner.post(&unsign, &[("address", &*address)]).await.status, 303);
    shows(&owner.get(list).await, &["Not signed"]);
    assert_eq!(owner.get(&format!("{sign}?address=https%3A%2F%2Felse.example")).await.status, 404);
}
