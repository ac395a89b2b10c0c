//! Automations at work, on both databases, with a clock that moves only when told.

mod house;
mod local;
