//! Who sees and decides approvals.

use domain::{
    approval::ApprovalStatus,
    member::Role,
    permission::{Permission, allows},
};

use super::asking::{APPROVALS, ONE_APPROVER, asking, open, path, status, ticket};
use crate::runs::house::{lacks, shows};

#[tokio::test]
async fn every_role_reads_and_only_those_who_may_decide_do() {
    let (house, _) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let digest = approval.action_digest.clone();
    for &role in Role::ALL {
        let mut browser = house.browser(role).await;
        let (list, page) = (browser.get(APPROVALS).await, browser.get(&path(approval)).await);
        assert_eq!((list.status, page.status), (200, 200), "{role}");
        if allows(role, Permission::DecideApprovals) {
            shows(&list, &["Approve selected"]);
            shows(&page, &["id=\"approve-reason\""]);
            continue;
        }
        lacks(&list, &["Approve selected", "type=\"checkbox\""]);
        shows(&page, &[&format!("The role {role} does not decide approvals"), "disabled"]);
        lacks(&page, &["id=\"approve-reason\""]);
        let fields = [("verdict", "approve"), ("reason", ""), ("action_digest", &digest)];
        assert_eq!(browser.post(&path(approval), &fields).await.status, 403, "{role}");
        let selected = ticket(approval);
        let fields = [("verdict", "approve"), ("approval", selected.as_str())];
        assert_eq!(browser.post(APPROVALS, &fields).await.status, 403, "{role}");
    }
    assert_eq!(status(&house, approval.id).await, ApprovalStatus::Open);
}

#[tokio::test]
async fn ids_that_are_unknown_foreign_or_malformed_lead_nowhere() {
    let (house, run) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let digest = approval.action_digest.clone();
    let fields = [("verdict", "approve"), ("reason", ""), ("action_digest", digest.as_str())];
    let mut owner = house.browser(Role::Owner).await;
    let unknown = format!("{APPROVALS}/apr_00000000000000000000000000");
    for (path, expected) in
        [(unknown, 404), (format!("{APPROVALS}/{run}"), 400), (format!("{APPROVALS}/x"), 400)]
    {
        assert_eq!(owner.get(&path).await.status, expected, "{path}");
        assert_eq!(owner.post(&path, &fields).await.status, expected, "{path}");
    }
    let mut stranger = house.stranger().await;
    assert_eq!(stranger.get(&path(approval)).await.status, 404);
    assert_eq!(stranger.post(&path(approval), &fields).await.status, 404);
    // The same id under their own workspace does not exist either.
    let own = path(approval).replace("/main/", "/other/");
    assert_eq!(stranger.get(&own).await.status, 404);
    assert_eq!(stranger.post(&own, &fields).await.status, 404);
    let list = APPROVALS.replace("/main/", "/other/");
    let foreign = ticket(approval);
    let selected = [("verdict", "approve"), ("approval", foreign.as_str())];
    assert_eq!(stranger.post(&list, &selected).await.status, 404);
    let decided = format!("{list}/decided?approval={foreign}");
    assert_eq!(stranger.get(&decided).await.status, 404);
    assert_eq!(status(&house, approval.id).await, ApprovalStatus::Open);
}
