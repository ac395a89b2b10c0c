//! Registers: the records of every kind, and what automation did about each.

pub mod attributes;
pub mod index;
pub mod record;
pub mod register;
