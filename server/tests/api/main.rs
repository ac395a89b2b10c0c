//! `/api/v1` as a program sees it: the real router on a real database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;
mod acting;
mod client;
mod cloudevents;
mod document;
mod house;
mod idempotency;
mod import;
mod inbound;
mod leaving;
mod policies;
mod reading;
mod reported;
mod stream;
mod tokens;
mod webhooks;
