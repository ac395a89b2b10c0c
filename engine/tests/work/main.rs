//! Automations at work, on both databases, with a clock that moves only when told.
#![expect(clippy::unwrap_used, reason = "tests")]

mod approving;
mod budgets;
mod cancelling;
mod faults;
mod full_disk;
mod house;
mod incidents;
mod killing;
mod live;
mod local;
mod lookups;
mod policies;
mod receiver;
mod remote;
mod reported;
mod reports;
mod retention;
mod retries;
mod settling;
mod stubs;
mod webhooks;
