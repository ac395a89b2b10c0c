//! `cargo xtask bench`: measures a release build against bare loops on both databases.

use std::process::ExitCode;

use anyhow::Result;

use crate::host::{cargo, command, run as run_command, say, target};
use crate::postgres::{self, Postgres};
use crate::site;

/// The task; the arguments go to the program that measures.
pub fn run(args: &[String]) -> Result<ExitCode> {
    site::ensure()?;
    say(
        "building the release and the measurements, together so that each dependency is built once",
    );
    run_command(&mut cargo(["build", "--release", "--locked", "-p", "server", "-p", "bench"]))?;
    let database = Postgres::start_durable()?;
    let mut bench = command(target().join("release/assize-bench"));
    bench.args(args).env(postgres::URL_VARIABLE, database.url());
    let status = bench.status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
