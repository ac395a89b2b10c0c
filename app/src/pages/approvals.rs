//! Governance → Automation → Approvals: what waits for a person, and what persons decided.

pub mod decided;
pub mod detail;
mod facts;
mod forms;
pub mod list;
mod table;
mod ticket;
mod words;

use domain::{
    approval::{Approval, Decision, NotAllowed},
    permission::Permission,
};

pub use ticket::Ticket;
pub(super) use words::deciders;

use crate::context::Page;

/// Why the member who looks cannot decide an approval, in a sentence; `None` when they can.
fn obstacle(page: &Page, approval: &Approval, earlier: &[Decision]) -> Option<String> {
    if !page.may(Permission::DecideApprovals) {
        let role = page.place.member.role;
        return Some(format!("The role {role} does not decide approvals."));
    }
    refusal(page, approval, earlier).map(|refusal| words::refused(refusal, approval))
}

/// What the rule says about the member who looks.
fn refusal(page: &Page, approval: &Approval, earlier: &[Decision]) -> Option<NotAllowed> {
    approval.check(&page.place.member, earlier, &approval.action_digest, page.now).err()
}
