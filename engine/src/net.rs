//! Outbound HTTP, and where it may go. The only place that builds an HTTP client.
//!
//! A request passes [`Guard::check`], which knows the workspace's allow-list and the address
//! literals; host names are resolved by a resolver of our own that hands out vetted addresses only,
//! so the address that was checked is the address that is connected to. No redirects, no proxy, no
//! cookies, no retries, no connection kept for a later request of somebody else.

mod address;
mod client;
mod error;
mod guard;
mod resolver;
mod tls;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use reqwest::{Body, Method};

pub use self::{
    client::{HttpClient, Limits, Reply, Request, Response},
    error::NetError,
    guard::{Guard, Permit},
};
