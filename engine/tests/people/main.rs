//! People: workspaces, members, sign-in, setup, destinations and the audit log, on both databases.

mod audit;
mod destinations;
mod house;
mod links;
mod members;
mod roles;
mod sessions;
mod setup;
mod sign_in;
mod store;
mod throttling;
mod workspaces;
