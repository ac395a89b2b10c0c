//! The loops that make automations run. Each does its duty in a callable `tick`, so that a test or a
//! demonstration can take the steps one by one with a clock of its own.

pub mod bundler;
mod dispatcher;
mod engine;
mod entering;
pub mod intake;
mod judge;
mod local;
mod outbox;
mod outcome;
mod prepare;
mod remote;
pub mod retention;
pub mod scheduler;
pub mod signer;
pub mod stamper;
mod stopped;
mod sweeper;
mod worker;

pub use engine::{Engine, Settled};
pub use outbox::Outbox;
pub(crate) use prepare::{new_approval, requested};
pub use signer::{Signer, SignerError};
pub use stamper::{Authority, Stamper};
pub use worker::Worker;
