//! Closing a run that is held open for its failed items.

use domain::{id::RunId, member::Role};

use super::{
    house::{House, path, shows},
    receiver::Plan,
};

async fn held() -> (House, RunId) {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "on-item-failure: hold").await;
    house.accounts(&["A-1"]).await;
    house.receiver.plan([Plan::Refuse(422)]);
    let run = house.event("kyc", "1").await;
    house.settle().await;
    (house, run)
}

#[tokio::test]
async fn a_held_run_is_closed_with_a_reason() {
    let (house, run) = held().await;
    let mut browser = house.browser(Role::Operator).await;
    let address = format!("{}/close", path(run));
    shows(&browser.get(&path(run)).await, &["Held open for its failed items", &address]);
    shows(&browser.get(&address).await, &["Accept 1 failed item?"]);
    let empty = browser.post(&address, &[("reason", "")]).await;
    assert_eq!(empty.status, 422);
    let sent = browser.post(&address, &[("reason", "Known and accepted")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    shows(&browser.get(sent.location()).await, &["The run is closed", "Completed with failures"]);
    shows(&browser.get(&address).await, &["This run is not held open"]);
}
