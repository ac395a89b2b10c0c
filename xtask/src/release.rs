//! `cargo xtask build`: one binary with everything inside.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::host::{cargo, run as run_command, say, target};
use crate::site;

/// The task.
pub fn run() -> Result<ExitCode> {
    site::ensure()?;
    say("building the release");
    run_command(&mut cargo(["build", "--release", "--locked", "-p", "server", "--bin", "assize"]))?;
    let binary = target().join("release/assize");
    let size = std::fs::metadata(&binary).with_context(|| binary.display().to_string())?.len();
    say(format!("{}: {:.1} MB", binary.display(), size as f64 / 1e6));
    Ok(ExitCode::SUCCESS)
}
