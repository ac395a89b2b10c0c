//! The command line as a person and as a program sees it: the real binary.

mod members;
mod running;
mod terminal;
