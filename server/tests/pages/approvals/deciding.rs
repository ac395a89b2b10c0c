//! Deciding one approval on its own page.

use chrono::TimeDelta;
use domain::{approval::ApprovalStatus, item::ItemState, member::Role};

use super::asking::{APPROVALS, ONE_APPROVER, asking, open, path, states, status};
use crate::runs::{
    house::{item_path, lacks, shows},
    receiver::Plan,
};

const TWO: &str = "{ role: approver, quorum: 2, expires-after: P2D, on-expiry: approve }";

#[tokio::test]
async fn an_approval_shows_the_exact_action_and_the_rule_and_lets_the_item_go_on() {
    let (house, run) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let mut browser = house.browser(Role::Approver).await;
    let page = browser.get(&path(approval)).await;
    assert_eq!(page.status, 200);
    shows(&page, &["evidence.request-claim on account/A-1", &approval.action_digest]);
    shows(&page, &["Identity of A-1", "Any approver or owner", "then dismissed", "Rule intake"]);
    shows(&page, &["0 of 1 approved", &item_path(run, approval.item)]);
    shows(&page, &["/w/main/registers/account/A-1", "1 approval needed"]);

    let fields = [
        ("verdict", "approve"),
        ("reason", "Looks <i>right</i>"),
        ("action_digest", approval.action_digest.as_str()),
    ];
    let sent = browser.post(&path(approval), &fields).await;
    assert_eq!((sent.status, sent.location()), (303, path(approval).as_str()));
    house.settle().await;
    assert_eq!(states(&house, run).await, [ItemState::Succeeded]);
    let page = browser.get(&path(approval)).await;
    shows(&page, &["The approver approved", "Looks &lt;i&gt;right&lt;/i&gt;", "1 of 1 approved"]);
    lacks(&page, &["name=\"action_digest\""]);
}

#[tokio::test]
async fn dismissing_needs_a_reason_and_skips_the_item() {
    let (house, run) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let mut browser = house.browser(Role::Owner).await;
    let digest = ("action_digest", approval.action_digest.as_str());
    let sent =
        browser.post(&path(approval), &[("verdict", "dismiss"), ("reason", "  "), digest]).await;
    assert_eq!(sent.status, 422);
    shows(
        &sent,
        &["Nothing was changed", "href=\"#dismiss-reason\"", "id=\"dismiss-reason-error\""],
    );
    lacks(&sent, &["id=\"approve-reason-error\""]);
    let long = "x".repeat(1_001);
    for verdict in ["approve", "dismiss"] {
        let fields = [("verdict", verdict), ("reason", long.as_str()), digest];
        let sent = browser.post(&path(approval), &fields).await;
        assert_eq!(sent.status, 422, "{verdict}");
        shows(&sent, &[&long, "at most 1,000 characters"]);
    }
    let fields = [("verdict", "dismiss"), ("reason", "Not ours"), digest];
    assert_eq!(browser.post(&path(approval), &fields).await.status, 303);
    assert_eq!(states(&house, run).await, [ItemState::Skipped]);
    shows(&browser.get(&path(approval)).await, &["The owner dismissed", "Not ours", "Dismissed"]);
}

#[tokio::test]
async fn a_form_that_makes_no_sense_decides_nothing() {
    let (house, _) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let mut browser = house.browser(Role::Approver).await;
    for verdict in ["", "maybe"] {
        let sent = browser.post(&path(approval), &[("verdict", verdict)]).await;
        assert_eq!(sent.status, 422, "{verdict}");
    }
    assert_eq!(status(&house, approval.id).await, ApprovalStatus::Open);
}

#[tokio::test]
async fn a_decision_about_another_action_than_the_one_shown_is_refused() {
    let (house, _) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let mut browser = house.browser(Role::Approver).await;
    for stale in ["0".repeat(64), String::new()] {
        let fields = [("verdict", "approve"), ("reason", ""), ("action_digest", stale.as_str())];
        let sent = browser.post(&path(approval), &fields).await;
        assert_eq!(sent.status, 409);
        shows(&sent, &["the action is not the one that was shown", &approval.action_digest]);
    }
    assert_eq!(status(&house, approval.id).await, ApprovalStatus::Open);
}

#[tokio::test]
async fn whoever_asked_cannot_decide_and_is_told_so_before_pressing() {
    let (house, run) = {
        let house = crate::runs::house::House::new().await;
        let rule = "approval: { retries: { role: approver } }";
        house.delivering("kyc", "Weekly KYC review", rule).await;
        house.accounts(&["A-1"]).await;
        house.receiver.plan([Plan::Refuse(503)]);
        let run = house.event("kyc", "1").await;
        house.settle().await;
        (house, run)
    };
    let mut owner = house.browser(Role::Owner).await;
    let plan = house.plan(run).await;
    let retry = format!("/w/main/governance/automation/runs/{run}/retry");
    let sent =
        owner.post(&retry, &[("plan", plan.as_str()), ("reason", "The portal is back")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let approval = &open(&house).await[0];
    let page = owner.get(&path(approval)).await;
    shows(&page, &["You cannot decide this", "You asked for this approval", "disabled"]);
    lacks(&page, &["id=\"approve-reason\""]);
    let digest = approval.action_digest.as_str();
    let fields = [("verdict", "approve"), ("reason", ""), ("action_digest", digest)];
    let sent = owner.post(&path(approval), &fields).await;
    assert_eq!(sent.status, 409);
    shows(&sent, &["whoever asked for an approval cannot decide it"]);
    let list = owner.get(APPROVALS).await;
    shows(&list, &["not possible. You asked for this approval", "your own request"]);
    shows(&list, &["before a retry", "The owner"]);

    let mut approver = house.browser(Role::Approver).await;
    assert_eq!(approver.post(&path(approval), &fields).await.status, 303);
    house.settle().await;
    assert_eq!(states(&house, run).await, [ItemState::Succeeded]);
}

#[tokio::test]
async fn a_quorum_waits_for_different_members() {
    let (house, run) = asking(TWO, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let digest = approval.action_digest.as_str();
    let fields = [("verdict", "approve"), ("reason", ""), ("action_digest", digest)];
    let mut approver = house.browser(Role::Approver).await;
    assert_eq!(approver.post(&path(approval), &fields).await.status, 303);
    let page = approver.get(&path(approval)).await;
    shows(&page, &["1 of 2 approved", "You have decided already", "No reason given"]);
    shows(&page, &["2 approvals needed", "then approved"]);
    let again = approver.post(&path(approval), &fields).await;
    assert_eq!(again.status, 409);
    shows(&again, &["this member has decided already"]);
    shows(&approver.get(APPROVALS).await, &["1 of 2", "you have decided"]);
    assert_eq!(states(&house, run).await, [ItemState::AwaitingApproval]);

    let mut owner = house.browser(Role::Owner).await;
    assert_eq!(owner.post(&path(approval), &fields).await.status, 303);
    assert_eq!(status(&house, approval.id).await, ApprovalStatus::Approved);
    let late = owner.post(&path(approval), &fields).await;
    assert_eq!(late.status, 409);
    shows(&late, &["this approval is no longer open"]);
}

#[tokio::test]
async fn only_named_members_decide_what_is_for_named_members() {
    let rule = "{ members: [owner@main.example], expires-after: P2D }";
    let (house, _) = asking(rule, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let mut approver = house.browser(Role::Approver).await;
    shows(
        &approver.get(&path(approval)).await,
        &["This approval is for named members: owner@main"],
    );
    let digest = approval.action_digest.as_str();
    let fields = [("verdict", "approve"), ("reason", ""), ("action_digest", digest)];
    let sent = approver.post(&path(approval), &fields).await;
    assert_eq!(sent.status, 409);
    shows(&sent, &["for named approvers only"]);
    let mut owner = house.browser(Role::Owner).await;
    assert_eq!(owner.post(&path(approval), &fields).await.status, 303);
}

#[tokio::test]
async fn an_approval_whose_time_is_over_cannot_be_decided() {
    let (house, _) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = &open(&house).await[0];
    // Less than a session lasts idle, before and after.
    let mut browser = {
        house.clock.advance(TimeDelta::days(2));
        house.browser(Role::Owner).await
    };
    shows(&browser.get(&path(approval)).await, &["The time to decide is over"]);
    let digest = approval.action_digest.as_str();
    let fields = [("verdict", "approve"), ("reason", ""), ("action_digest", digest)];
    let sent = browser.post(&path(approval), &fields).await;
    assert_eq!(sent.status, 409);
    shows(&sent, &["this approval has expired"]);
    house.settle().await;
    let page = browser.get(&path(approval)).await;
    shows(&page, &["Expired", "Nobody decided in time"]);
    shows(&browser.get(&format!("{APPROVALS}?status=expired")).await, &[&path(approval)]);
}
