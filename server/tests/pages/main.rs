//! The pages over HTTP: the real router on a real database, with an engine under a clock that stands
//! still.

mod approvals;
mod audit_log;
#[path = "../web/browser.rs"]
mod browser;
mod definitions;
mod registers;
mod runs;
mod settings;
