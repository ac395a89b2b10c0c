//! Who may do what, whose things are whose, and what becomes of input that nobody should send: every
//! service that acts in a workspace, on both databases.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the right answer")]

mod acts;
mod codes;
mod holds;
mod house;
mod input;
mod neighbours;
mod papers;
mod roles;
mod seen_through;
mod windows;
