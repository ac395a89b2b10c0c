//! The store's contract, held by both databases: schema, fences, transactions, and every query about
//! runs, items, attempts, approvals and the log. People and intake are in binaries of their own.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the right answer")]

mod approvals;
mod attempts;
mod audit;
mod bare;
mod claims;
mod exports;
mod fences;
mod functions;
mod guards;
mod happened;
mod health;
mod health_slots;
mod house;
mod items;
mod migrations;
mod pages;
mod policies;
mod runs;
mod transactions;
mod windows;
