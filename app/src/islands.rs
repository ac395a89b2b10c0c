//! The parts of a page that run in the browser too. Each only adds comfort: without its script the
//! page says and does the same.

pub mod copy;
pub mod local_time;
