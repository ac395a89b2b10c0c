//! Governance → Automation → Incidents: what went wrong, in the words of the catalogue.

pub mod detail;
mod facts;
pub mod list;
pub mod panel;
mod table;
pub mod words;
