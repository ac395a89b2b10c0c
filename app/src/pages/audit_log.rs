//! The audit log: who did what to what, and the exact line each act left in the tree.

mod change;
mod checkpoint;
mod entry;
pub mod filter;
pub mod list;
mod object;
mod removed;
mod saying;
pub mod single;
mod verify;
