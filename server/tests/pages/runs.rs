//! Governance → Automation → Runs, over HTTP.

mod cancel;
mod close;
pub mod house;
mod item;
mod list;
pub mod receiver;
mod reported;
mod retry;
mod roles;
mod run;
