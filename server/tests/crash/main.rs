//! A real process is killed at each crash point, or asked to end, on both databases: nothing is lost,
//! nothing doubled.
//!
//! Effects are counted from outside: by the receiver's own append-only file, and by the rows of the
//! registers. Each case proves that its kill landed.
#![expect(clippy::unwrap_used, reason = "tests")]

mod drain;
mod local;
mod paused;
mod process;
mod receiver;
mod remote;
mod scene;
mod two_workers;
mod under_load;
