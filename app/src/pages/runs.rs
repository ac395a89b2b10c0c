//! Governance → Automation → Runs: the list, a run, an item, and what members do about them.

mod acting;
pub mod cancel;
pub mod close;
mod crumbs;
pub mod erase;
pub mod item;
pub mod list;
pub mod retry;
pub mod run;
pub mod words;
