//! The example's quarter, played on both databases.

mod command;
mod house;
mod quarter;
