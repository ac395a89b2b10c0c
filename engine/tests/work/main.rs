//! Automations at work, on both databases, with a clock that moves only when told.

mod approving;
mod cancelling;
mod house;
mod local;
mod receiver;
mod remote;
mod retries;
