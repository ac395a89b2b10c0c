//! The plan of a retry, and the retry that must match it.

use chrono::TimeDelta;
use domain::{id::RunId, item::ItemState, member::Role};

use super::{
    house::{House, lacks, path, shows, times},
    receiver::Plan,
};

async fn failed(plans: &[Plan]) -> (House, RunId) {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    let keys: Vec<String> = (1..=plans.len()).map(|n| format!("A-{n}")).collect();
    house.accounts(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    house.receiver.plan(plans.iter().copied());
    let run = house.event("kyc", "1").await;
    house.settle().await;
    (house, run)
}

#[tokio::test]
async fn safe_items_are_retried_and_the_run_says_so() {
    let (house, run) = failed(&[Plan::Refuse(503), Plan::Refuse(503)]).await;
    let mut browser = house.browser(Role::Operator).await;
    let address = format!("{}/retry", path(run));
    let plan = browser.get(&address).await;
    shows(&plan, &["Safe: 2 items", "Retry 2 items", "It would open round 1"]);
    let digest = house.plan(run).await;
    shows(&plan, &[&format!("value=\"{digest}\"")]);
    let sent = browser.post(&address, &[("plan", &digest), ("reason", "Outage over")]).await;
    assert_eq!((sent.status, sent.location()), (303, format!("{}?retried=1", path(run)).as_str()));
    let receipt = browser.get(sent.location()).await;
    shows(&receipt, &["Round 1 of this run has begun", "2 items are under way"]);
    house.settle().await;
    let after = browser.get(&path(run)).await;
    shows(&after, &["Completed", "round 1"]);
    lacks(&after, &["has begun", "2 items failed"]);
}

#[tokio::test]
async fn what_is_not_safe_is_retried_only_when_ticked() {
    let (house, run) = failed(&[Plan::Refuse(503), Plan::Refuse(422), Plan::LoseReply]).await;
    house.clock.advance(TimeDelta::days(2));
    let mut browser = house.browser(Role::Owner).await;
    let address = format!("{}/retry", path(run));
    let plan = browser.get(&address).await;
    shows(&plan, &["To confirm: 2 items", "Pointless: 1 item", "Retry the ticked items"]);
    assert_eq!(times(&plan, "type=\"checkbox\""), 3);
    let digest = house.plan(run).await;
    let none = browser.post(&address, &[("plan", &digest), ("reason", "Just in case")]).await;
    assert_eq!(none.status, 409);
    shows(&none, &["none is safe to retry and none was acknowledged", "Just in case"]);
    let items = house.items(run).await;
    let ticked = items[1].id.to_string();
    let sent = browser.post(&address, &[("plan", &digest), ("pointless", &ticked)]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let states: Vec<_> = house.items(run).await.iter().map(|item| item.state).collect();
    assert_eq!(states, [ItemState::Failed, ItemState::Queued, ItemState::Failed]);
}

#[tokio::test]
async fn a_plan_that_changed_comes_back_new_and_nothing_typed_is_lost() {
    let (house, run) = failed(&[Plan::Refuse(503), Plan::Refuse(422)]).await;
    let address = format!("{}/retry", path(run));
    let stale = house.plan(run).await;
    let items = house.items(run).await;
    let (ticked, safe) = (items[1].id.to_string(), items[0].id.to_string());
    // The key window ends: what was safe is no longer.
    house.clock.advance(TimeDelta::days(2));
    let mut browser = house.browser(Role::Operator).await;
    let hostile = "Outage </textarea><script>alert(1)</script> over";
    let fields =
        [("plan", stale.as_str()), ("reason", hostile), ("pointless", &ticked), ("confirm", &safe)];
    let answer = browser.post(&address, &fields).await;
    assert_eq!(answer.status, 409);
    let fresh = house.plan(run).await;
    assert_ne!(fresh, stale);
    shows(
        &answer,
        &[
            "Something changed since the plan was shown",
            "This is the new plan",
            "To confirm: 1 item",
            &format!("value=\"{fresh}\""),
            "Outage &lt;/textarea&gt;&lt;script&gt;",
        ],
    );
    lacks(&answer, &["<script>alert", &stale]);
    // Ticks stay where the verdict is the one that was ticked.
    assert_eq!(times(&answer, " checked"), 2);
    assert!(house.items(run).await.iter().all(|item| item.state == ItemState::Failed));
    let garbled = browser.post(&address, &[("plan", &fresh), ("confirm", "nonsense")]).await;
    assert_eq!(garbled.status, 422);
    shows(&garbled, &["is no run item id"]);
}

#[tokio::test]
async fn a_retry_that_somebody_else_made_first_leaves_nothing_to_retry() {
    let (house, run) = failed(&[Plan::Refuse(503)]).await;
    let address = format!("{}/retry", path(run));
    let digest = house.plan(run).await;
    let mut first = house.browser(Role::Owner).await;
    let mut second = house.browser(Role::Operator).await;
    assert_eq!(first.post(&address, &[("plan", &digest)]).await.status, 303);
    let fields = [("plan", digest.as_str()), ("reason", "Mine was longer")];
    let late = second.post(&address, &fields).await;
    assert_eq!(late.status, 409);
    shows(&late, &["There is nothing to retry", "Mine was longer"]);
}

#[tokio::test]
async fn a_retry_that_needs_approval_says_so_and_waits() {
    let house = House::new().await;
    let more = "approval: { retries: { role: approver } }";
    house.delivering("kyc", "Weekly KYC review", more).await;
    house.accounts(&["A-1"]).await;
    house.receiver.plan([Plan::Refuse(503)]);
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let mut browser = house.browser(Role::Operator).await;
    let address = format!("{}/retry", path(run));
    shows(&browser.get(&address).await, &["needs approval first", "somebody other than you"]);
    let digest = house.plan(run).await;
    let sent = browser.post(&address, &[("plan", &digest)]).await;
    let receipt = browser.get(sent.location()).await;
    shows(&receipt, &["1 item is waiting for approval before anything is sent", "Open approvals"]);
    let item = house.items(run).await.remove(0);
    let item = browser.get(&super::house::item_path(run, item.id)).await;
    shows(&item, &["Open this approval", "Before, it failed"]);
}
