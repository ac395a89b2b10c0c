//! The ledger from outside: against other implementations, against forgers, against noise.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in a test a panic is the right answer"
)]

mod bundles;
mod findings;
mod fuzz;
mod leaves;
mod notes;
mod stamps;
mod support;
mod tamper;
mod trees;
