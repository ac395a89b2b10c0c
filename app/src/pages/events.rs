//! Governance → Automation → Events: what was heard, and what came of it.

pub mod detail;
pub mod facts;
mod filter;
pub mod list;
mod outcome;
