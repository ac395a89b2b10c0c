//! `cargo xtask check`: what a change should survive before anything slower is tried. The lints and
//! format checks here are also part of `cargo xtask test`.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::host::{cargo, run as run_command, say, which};
use crate::postgres;
use crate::stages::Stages;
use crate::tally::Tally;
use crate::toolchain::{self, BROWSER};

/// The task.
pub fn run() -> Result<ExitCode> {
    let mut stages = Stages::default();
    format(&mut stages);
    lints(&mut stages);
    stages.step("domain for the browser", || {
        toolchain::ensure_target()?;
        run_command(&mut cargo(["check", "-p", "domain", "--target", BROWSER]))
    });
    stages.tests("tests on SQLite", || {
        let crates = ["test", "--no-fail-fast", "-p", "domain", "-p", "ledger", "-p", "engine"];
        Tally::of_cargo(cargo(crates).env_remove(postgres::URL_VARIABLE))
    });
    stages.finish()
}

/// The format of every crate.
pub fn format(stages: &mut Stages) {
    stages.step("format", || {
        toolchain::ensure_components()?;
        run_command(&mut cargo(["fmt", "--all", "--check"]))
    });
}

/// Makes a build apply the lints to the crates of the workspace. Linting by itself would check every
/// dependency a second time, which takes minutes on a fresh machine.
pub fn lint_what_is_built(cargo: &mut Command) {
    cargo.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    cargo.env("CLIPPY_ARGS", "-Dwarnings__CLIPPY_HACKERY__");
}

/// The lints of everything that runs on the server.
fn lints(stages: &mut Stages) {
    stages.step("lints", || {
        let what = ["clippy", "--workspace", "--exclude", "app-wasm", "--all-targets"];
        run_command(cargo(what).args(["--", "-D", "warnings"]))
    });
}

/// The lints of everything that runs in the browser; `app` differs there.
pub fn browser_lints(stages: &mut Stages) {
    stages.step("lints for the browser", || {
        toolchain::ensure_target()?;
        let what = ["clippy", "-p", "domain", "-p", "app", "-p", "app-wasm"];
        run_command(cargo(what).args([
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ]))
    });
}

/// Licences, advisories and bans of dependencies, where the tool for it is installed.
pub fn dependencies(stages: &mut Stages) {
    if which(&["cargo-deny"]).is_none() {
        return say("cargo-deny is not installed: dependencies are not checked against deny.toml");
    }
    stages.step("dependencies", || run_command(&mut cargo(["deny", "check"])));
}
