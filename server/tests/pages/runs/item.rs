//! One item: outcome, parameters, key, attempts, approvals.

use chrono::TimeDelta;
use domain::{item::ItemState, member::Role};

use super::{
    house::{House, item_path, lacks, shows},
    receiver::Plan,
};

#[tokio::test]
async fn an_item_that_succeeded_shows_what_it_sent_and_what_came_of_it() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1"]).await;
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let item = house.items(run).await.remove(0);
    let answer = house.browser(Role::Viewer).await.get(&item_path(run, item.id)).await;
    assert_eq!(answer.status, 200);
    shows(
        &answer,
        &[
            "Succeeded",
            "Identity of A-1",
            "/w/main/registers/account/A-1",
            "/w/main/registers/evidence-request/",
            item.effect_key.as_ref().unwrap(),
            item.input_digest.as_ref().unwrap(),
            "Honoured until",
            "Attempt 1 succeeded",
            "worker-1",
        ],
    );
}

#[tokio::test]
async fn an_item_that_failed_says_why_and_whether_a_retry_is_safe() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1"]).await;
    house.receiver.plan([Plan::LoseReply]);
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let item = house.items(run).await.remove(0);
    assert_eq!(item.state, ItemState::Failed);
    let mut browser = house.browser(Role::Operator).await;
    let answer = browser.get(&item_path(run, item.id)).await;
    shows(&answer, &["Nobody knows whether the action happened", "The receiver honours the key"]);
    house.clock.advance(TimeDelta::days(2));
    let mut browser = house.browser(Role::Viewer).await;
    let later = browser.get(&item_path(run, item.id)).await;
    shows(&later, &["The receiver no longer honours the key", "No longer honoured since"]);
}

#[tokio::test]
async fn a_replay_shows_its_evidence_and_leads_to_the_attempt_that_did_it() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1"]).await;
    house.receiver.plan([Plan::LoseReply]);
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let mut browser = house.browser(Role::Operator).await;
    let plan = house.plan(run).await;
    let sent =
        browser.post(&format!("{}/retry", super::house::path(run)), &[("plan", &plan)]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    house.settle().await;
    let item = house.items(run).await.remove(0);
    assert_eq!(item.state, ItemState::IdempotentReplay);
    let answer = browser.get(&item_path(run, item.id)).await;
    shows(
        &answer,
        &[
            "Idempotent replay",
            "The receiver marked its answer as a replay",
            "got the original answer back",
            "2, 1 in round 1",
        ],
    );
    shows(&answer, &["href=\"#attempt-1\"", "id=\"attempt-1\""]);
}

#[tokio::test]
async fn an_item_that_waits_leads_to_its_approval() {
    let house = House::new().await;
    house.delivering("ask", "Asks first", "approval: { before-action: { role: approver } }").await;
    house.accounts(&["A-1"]).await;
    let run = house.event("ask", "1").await;
    house.settle().await;
    let item = house.items(run).await.remove(0);
    let mut browser = house.browser(Role::Viewer).await;
    let answer = browser.get(&item_path(run, item.id)).await;
    shows(&answer, &["Awaiting approval", "Open this approval", "Before action"]);
    shows(&answer, &["/w/main/governance/automation/approvals/apr_", "Nothing was tried yet"]);
    lacks(&answer, &["Resulting record"]);
}
