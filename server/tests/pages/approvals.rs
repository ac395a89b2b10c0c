//! Governance → Automation → Approvals, over HTTP.

pub mod asking;
mod deciding;
pub mod list;
mod roles;
mod selecting;
