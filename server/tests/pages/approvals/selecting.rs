//! Deciding several approvals of the list at once.

use domain::{approval::ApprovalStatus, item::ItemState, member::Role};

use super::asking::{APPROVALS, ONE_APPROVER, approvals, asking, open, states, ticket};
use crate::runs::house::{lacks, shows, times};

#[tokio::test]
async fn what_is_ticked_is_approved_and_nothing_else() {
    let (house, run) = asking(ONE_APPROVER, &["A-1", "A-2", "A-3"]).await;
    let tickets: Vec<_> = open(&house).await.iter().map(ticket).collect();
    let mut browser = house.browser(Role::Approver).await;
    let fields = [
        ("verdict", "approve"),
        ("reason", "Checked all of them"),
        ("approval", tickets[0].as_str()),
        ("approval", tickets[2].as_str()),
    ];
    let sent = browser.post(APPROVALS, &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    house.settle().await;
    use ItemState::{AwaitingApproval, Succeeded};
    assert_eq!(states(&house, run).await, [Succeeded, AwaitingApproval, Succeeded]);
    let result = browser.get(sent.location()).await;
    assert_eq!(result.status, 200);
    shows(&result, &["What you decided", "/registers/account/A-1\"", "/registers/account/A-3\""]);
    lacks(&result, &["/registers/account/A-2\""]);
    assert_eq!(times(&result, "The item goes on."), 2);
}

#[tokio::test]
async fn one_that_is_refused_does_not_keep_the_others_from_being_decided() {
    let (house, run) = asking(ONE_APPROVER, &["A-1", "A-2", "A-3"]).await;
    let waiting = open(&house).await;
    let mut owner = house.browser(Role::Owner).await;
    // Meanwhile somebody else dismisses the first.
    let first = format!("{APPROVALS}/{}", waiting[0].id);
    let digest = waiting[0].action_digest.as_str();
    let dismissed = [("verdict", "dismiss"), ("reason", "No"), ("action_digest", digest)];
    assert_eq!(owner.post(&first, &dismissed).await.status, 303);

    let stale = format!("{}~{}", waiting[1].id, "0".repeat(64));
    let (gone, good) = (ticket(&waiting[0]), ticket(&waiting[2]));
    let fields = [
        ("verdict", "approve"),
        ("reason", ""),
        ("approval", gone.as_str()),
        ("approval", stale.as_str()),
        ("approval", good.as_str()),
    ];
    let mut approver = house.browser(Role::Approver).await;
    let sent = approver.post(APPROVALS, &fields).await;
    assert_eq!(sent.status, 303);
    let result = approver.get(sent.location()).await;
    shows(&result, &["This approval is no longer open: dismissed."]);
    shows(&result, &["The action is not the one that was shown", "The item goes on."]);
    assert_eq!(times(&result, "Not decided</span>"), 2, "{}", result.body);
    use ItemState::{AwaitingApproval, Queued, Skipped};
    assert_eq!(states(&house, run).await, [Skipped, AwaitingApproval, Queued]);
    // The result is read from where things stand: it can be opened again, also by others.
    shows(&approver.get(sent.location()).await, &["The item goes on."]);
    lacks(&house.browser(Role::Viewer).await.get(sent.location()).await, &["The item goes on."]);
}

#[tokio::test]
async fn dismissing_several_needs_a_reason_and_keeps_what_was_ticked() {
    let (house, run) = asking(ONE_APPROVER, &["A-1", "A-2"]).await;
    let tickets: Vec<_> = open(&house).await.iter().map(ticket).collect();
    let mut browser = house.browser(Role::Approver).await;
    let mut fields =
        vec![("verdict", "dismiss"), ("reason", " "), ("approval", tickets[1].as_str())];
    let sent = browser.post(APPROVALS, &fields).await;
    assert_eq!(sent.status, 422);
    shows(&sent, &["Nothing was changed", "id=\"reason-error\""]);
    assert_eq!(times(&sent, " checked"), 1);
    assert_eq!(states(&house, run).await, [ItemState::AwaitingApproval; 2]);
    fields[1].1 = "Out of scope";
    assert_eq!(browser.post(APPROVALS, &fields).await.status, 303);
    assert_eq!(approvals(&house, ApprovalStatus::Dismissed).await.len(), 1);
    let page = browser.get(&format!("{APPROVALS}?status=dismissed")).await;
    shows(&page, &["/registers/account/A-2\""]);
}

#[tokio::test]
async fn a_form_without_a_selection_says_so() {
    let (house, _) = asking(ONE_APPROVER, &["A-1"]).await;
    let mut browser = house.browser(Role::Approver).await;
    let sent = browser.post(APPROVALS, &[("verdict", "approve"), ("reason", "Because")]).await;
    assert_eq!(sent.status, 422);
    shows(&sent, &["Select at least one approval", "Because"]);
    for broken in ["x", "apr_1~2", &"a".repeat(2_000)] {
        let sent = browser.post(APPROVALS, &[("verdict", "approve"), ("approval", broken)]).await;
        assert_eq!(sent.status, 422, "{broken}");
    }
    for query in ["", "?approval=x", "?other=1"] {
        assert_eq!(
            browser.get(&format!("{APPROVALS}/decided{query}")).await.status,
            400,
            "{query}"
        );
    }
    assert_eq!(open(&house).await.len(), 1);
}

#[tokio::test]
async fn a_foreign_approval_among_the_selected_keeps_all_from_being_decided() {
    let (house, run) = asking(ONE_APPROVER, &["A-1"]).await;
    let own = ticket(&open(&house).await[0]);
    let foreign = format!("apr_00000000000000000000000000~{}", "0".repeat(64));
    let mut browser = house.browser(Role::Approver).await;
    let fields =
        [("verdict", "approve"), ("approval", own.as_str()), ("approval", foreign.as_str())];
    assert_eq!(browser.post(APPROVALS, &fields).await.status, 404);
    assert_eq!(states(&house, run).await, [ItemState::AwaitingApproval]);
}
