//! Automations at work, on both databases, with a clock that moves only when told.
#![expect(clippy::unwrap_used, reason = "tests")]

mod approving;
mod cancelling;
mod house;
mod incidents;
mod local;
mod lookups;
mod receiver;
mod remote;
mod reports;
mod retries;
