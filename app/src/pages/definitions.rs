//! Governance → Automation → Definitions: what is declared, in which versions, and what came of it.

pub mod budget;
mod cron;
pub mod detail;
mod forms;
pub mod list;
mod spec;
pub mod version;
mod words;
