//! What browsers see: pages, forms, assets, and what every answer has in common.

pub mod assets;
pub mod body;
pub mod bundle;
pub mod checkpoint;
pub mod client;
pub mod errors;
pub mod export;
pub mod fields;
pub mod forms;
pub mod headers;
pub mod health;
pub mod home;
pub mod inbound;
pub mod pages;
pub mod request_id;
pub mod session;
pub mod state;
