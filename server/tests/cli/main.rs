//! The command line as a person and as a program sees it: the real binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit;
mod documents;
mod export;
mod members;
mod policies;
mod reported;
mod running;
mod settings;
mod tables;
mod terminal;
mod there;
