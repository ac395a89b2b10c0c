//! Approvals for the tests to decide: a run whose every item asks before it acts.

use domain::{
    approval::{Approval, ApprovalStatus},
    id::{ApprovalId, RunId},
    item::ItemState,
    page::Seek,
};

use crate::runs::house::House;

/// Where the approvals are.
pub const APPROVALS: &str = "/w/main/governance/automation/approvals";

pub const ONE_APPROVER: &str = "{ role: approver, expires-after: P2D }";

/// One run over these accounts, all of whose items wait for an approval by this rule.
pub async fn asking(rule: &str, accounts: &[&str]) -> (House, RunId) {
    let house = House::new().await;
    house
        .delivering("intake", "Rule intake", &format!("approval: {{ before-action: {rule} }}"))
        .await;
    house.accounts(accounts).await;
    let run = house.event("intake", "1").await;
    house.settle().await;
    (house, run)
}

/// The approvals of this status, longest waiting first.
pub async fn approvals(house: &House, status: ApprovalStatus) -> Vec<Approval> {
    house.services.approvals(house.host, status, Seek::First, 100).await.unwrap().rows
}

pub async fn open(house: &House) -> Vec<Approval> {
    approvals(house, ApprovalStatus::Open).await
}

pub async fn status(house: &House, id: ApprovalId) -> ApprovalStatus {
    house.services.approval(house.host, id).await.unwrap().0.status
}

/// The page of an approval.
pub fn path(approval: &Approval) -> String {
    format!("{APPROVALS}/{}", approval.id)
}

/// What a box of the list sends.
pub fn ticket(approval: &Approval) -> String {
    format!("{}~{}", approval.id, approval.action_digest)
}

/// The states of a run's items, by position.
pub async fn states(house: &House, run: RunId) -> Vec<ItemState> {
    house.items(run).await.iter().map(|item| item.state).collect()
}
