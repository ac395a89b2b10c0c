//! The pages, a folder a section; server build only. A page loads what it shows through the
//! services and renders it with the components; it decides nothing.

pub mod account;
pub mod approvals;
pub mod audit_log;
pub mod brief;
pub mod definitions;
pub mod development;
pub mod events;
pub mod exports;
pub mod fault;
pub mod health;
mod in_workspace;
pub mod incidents;
pub mod mentions;
pub mod not_found;
pub mod overview;
pub mod paging;
pub mod policies;
pub mod reference;
pub mod registers;
pub mod runs;
pub mod settings;
pub mod style_page;
pub mod webhooks;
pub mod windows;

pub use in_workspace::in_workspace;
