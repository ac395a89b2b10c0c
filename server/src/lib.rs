//! The `assize` binary: its router, its pages' surroundings, its command line.

pub mod api;
pub mod cli;
pub mod config;
pub mod demo;
pub mod router;
pub mod shutdown;
pub mod telemetry;
pub mod watch;
pub mod web;
