//! `cargo xtask demo`: a development build of `assize` with its assets, and the demo in it.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::host::{assize, cargo, run as run_command, say};
use crate::site;

/// The task: from here on the process is `assize demo`, so its output and exit code are its own.
pub fn run(args: &[String]) -> Result<ExitCode> {
    site::ensure()?;
    build()?;
    let error = Command::new(assize()).arg("demo").args(args).exec();
    Err(error).with_context(|| format!("start {}", assize().display()))
}

/// Builds the development binary.
pub fn build() -> Result<()> {
    say("building assize");
    run_command(&mut cargo(["build", "-p", "server", "--bin", "assize"]))
}
