//! Settings → Tokens.

use domain::member::Role;

use crate::{
    browser::Answer,
    runs::house::{House, lacks, shows},
};

const TOKENS: &str = "/w/main/settings/tokens";

/// The secret that a page shows.
fn secret(answer: &Answer) -> String {
    let start = answer.body.find("asz_").unwrap();
    let rest = answer.body[start..].chars();
    rest.take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}

#[tokio::test]
async fn a_token_is_made_shown_once_and_revoked_without_a_script() {
    let house = House::new().await;
    let mut operator = house.browser(Role::Operator).await;
    let page = operator.get(TOKENS).await;
    shows(&page, &["There are no tokens", "name=\"scope\" value=\"retry-items\"", "/api/v1/docs"]);
    lacks(&page, &["value=\"manage-members\""]);
    let fields = [
        ("name", "The <b>pipeline"),
        ("days", "30"),
        ("scope", "view-runs"),
        ("scope", "retry-items"),
    ];
    let made = operator.post(TOKENS, &fields).await;
    assert_eq!(made.status, 200);
    shows(&made, &["shown this once", "The &lt;b&gt;pipeline"]);
    assert_eq!(secret(&made).len(), 47);
    assert_eq!(made.header("cache-control"), "no-store");
    let list = operator.get(TOKENS).await;
    shows(&list, &["The &lt;b&gt;pipeline", "active", "view-runs, retry-items", "never"]);
    lacks(&list, &["asz_"]);
    let tokens = house.services.tokens(house.host).await.unwrap();
    let revoke = format!("{TOKENS}/{}/revoke", tokens[0].id);
    shows(&operator.get(&revoke).await, &["Revoke The &lt;b&gt;pipeline?"]);
    let mut viewer = house.browser(Role::Viewer).await;
    assert_eq!(viewer.get(&revoke).await.status, 404);
    assert_eq!(viewer.post(&revoke, &[]).await.status, 404);
    let sent = operator.post(&revoke, &[]).await;
    assert_eq!((sent.status, sent.location()), (303, TOKENS));
    shows(&operator.get(TOKENS).await, &["revoked"]);
    shows(&house.browser(Role::Owner).await.get(TOKENS).await, &["The operator"]);
}

#[tokio::test]
async fn a_form_that_asks_for_too_much_or_too_little_comes_back() {
    let house = House::new().await;
    let mut viewer = house.browser(Role::Viewer).await;
    let fields = [("name", " "), ("days", "30"), ("scope", "manage-members")];
    let sent = viewer.post(TOKENS, &fields).await;
    assert_eq!(sent.status, 422);
    shows(&sent, &["id=\"name-error\"", "beyond what the member may do: manage-members"]);
    let sent = viewer.post(TOKENS, &[("name", "a"), ("days", "9999")]).await;
    assert_eq!(sent.status, 422);
    shows(&sent, &["choose one of the lengths"]);
    assert!(house.services.tokens(house.host).await.unwrap().is_empty());
}
