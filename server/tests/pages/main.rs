//! The pages over HTTP: the real router on a real database, with an engine under a clock that stands
//! still.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod approvals;
mod audit_log;
#[path = "../web/browser.rs"]
mod browser;
mod checkpoint;
mod definitions;
mod events;
mod exported_lists;
mod exports;
mod health;
mod incidents;
mod registers;
mod runs;
mod settings;
