//! The rules of the domain, as sentences: tables where a rule has cases, properties where it has none.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on fails its test")]

mod approvals;
mod audit_leaf;
mod backoff;
mod build;
mod cursors;
mod decisions;
mod definitions;
mod extremes;
mod filters;
mod health;
mod holds;
mod incidents;
mod item_moves;
mod leases;
mod permissions;
mod policies;
mod receipts;
mod registers;
mod reported;
mod reports;
mod retention;
mod retry_plan;
mod run_moves;
mod simulation;
mod texts;
mod words;
