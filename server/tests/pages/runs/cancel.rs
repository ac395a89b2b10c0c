//! Cancelling: what would happen, the reason, the receipt.

use domain::{id::RunId, member::Role};

use super::house::{House, lacks, path, shows};

/// A run whose items are all queued.
async fn queued() -> (House, RunId) {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1", "A-2", "A-3"]).await;
    let run = house.event("kyc", "1").await;
    house.engine.take_in().await.unwrap();
    (house, run)
}

#[tokio::test]
async fn cancelling_shows_what_will_happen_and_then_what_did() {
    let (house, run) = queued().await;
    let mut browser = house.browser(Role::Operator).await;
    let address = format!("{}/cancel", path(run));
    let preview = browser.get(&address).await;
    shows(&preview, &["3 items that have not started will be skipped", "nothing is in flight"]);
    let sent = browser.post(&address, &[("reason", "Wrong <b>quarter</b>")]).await;
    assert_eq!((sent.status, sent.location()), (303, path(run).as_str()));
    let receipt = browser.get(sent.location()).await;
    shows(&receipt, &["Cancelled", "The operator", "Wrong &lt;b&gt;quarter&lt;/b&gt;"]);
    shows(&receipt, &["<b>3</b> skipped", "<b>0</b> finished", "<b>0</b> unknown"]);
    let again = browser.get(&address).await;
    shows(&again, &["There is nothing to cancel"]);
    let twice = browser.post(&address, &[("reason", "Again")]).await;
    assert_eq!(twice.status, 409);
    shows(&twice, &["cannot be cancelled"]);
}

#[tokio::test]
async fn a_reason_is_needed_and_a_long_one_is_not_lost() {
    let (house, run) = queued().await;
    let mut browser = house.browser(Role::Owner).await;
    let address = format!("{}/cancel", path(run));
    let empty = browser.post(&address, &[("reason", "   ")]).await;
    assert_eq!(empty.status, 422);
    shows(&empty, &["Nothing was changed", "say why", "aria-invalid=\"true\""]);
    let long = "x".repeat(1_001);
    let answer = browser.post(&address, &[("reason", &long)]).await;
    assert_eq!(answer.status, 422);
    shows(&answer, &[&long, "at most 1,000 characters"]);
    lacks(&browser.get(&path(run)).await, &["Cancelled"]);
}
