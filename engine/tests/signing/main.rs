//! Signing the audit logs: when, by whom, and what is refused; and the proofs against what was signed.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the right answer")]

mod accepting;
mod authority;
mod growing;
mod house;
mod keys;
mod proofs;
mod refusing;
mod stamping;
mod terms;
