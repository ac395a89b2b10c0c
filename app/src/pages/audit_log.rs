//! The audit log: who did what to what, and the exact line each act left in the tree.

mod entry;
mod filter;
pub mod list;
mod object;
