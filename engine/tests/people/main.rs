//! People: workspaces, members, sign-in, setup, destinations and the audit log, on both databases.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the right answer")]

mod audit;
mod destinations;
mod house;
mod idempotency;
mod links;
mod members;
mod roles;
mod sessions;
mod setup;
mod sign_in;
mod store;
mod throttling;
mod tokens;
mod windows;
mod workspaces;
