//! The examples, played on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bundle;
mod command;
mod drill;
mod house;
mod quarter;
