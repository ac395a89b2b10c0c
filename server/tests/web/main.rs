//! The server as a browser sees it: the real router on a real database, without a socket where none
//! is needed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod browser;
mod cross_site;
mod headers;
mod limits;
mod links;
mod reading;
mod routes;
mod setup;
mod sign_in;
mod site;
mod watch;
mod workspaces;
