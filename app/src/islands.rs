//! The parts of a page that run in the browser too. Each only adds comfort: without its script the
//! page says and does the same.

pub mod approvals_badge;
pub mod copy;
pub mod live;
pub mod live_mark;
pub mod live_run;
pub mod local_time;
pub mod new_runs;
