//! Governance → Automation → Incidents: what went wrong, in the words of the catalogue.

pub mod detail;
mod facts;
mod groups;
pub mod list;
pub mod panel;
mod settle;
mod table;
pub mod words;
