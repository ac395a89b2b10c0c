//! `cargo xtask test`: everything, on both databases and in a browser, on a machine that has
//! nothing but Rust. The last line printed is `N passed, N failed`.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::postgres::{self, Postgres};
use crate::stages::Stages;
use crate::tally::Tally;
use crate::{check, end2end, host, site};

/// Tells tests that they may take longer: more cases, more kills, more rounds.
const LONG: &str = "ASSIZE_TEST_LONG";

/// The task; with a filter only the tests whose names contain one of its words.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let (options, filter): (Vec<&String>, Vec<&String>) =
        args.iter().partition(|arg| arg.starts_with("--"));
    let long = !options.is_empty();
    if let Some(unknown) = options.iter().find(|option| **option != "--long") {
        bail!("`test` has no option {unknown}");
    }

    let mut stages = Stages::default();
    let site = stages.step("assets", site::ensure);
    if filter.is_empty() {
        check::format(&mut stages);
        check::lints(&mut stages);
        check::browser_lints(&mut stages);
        check::dependencies(&mut stages);
        stages.tests("tests of the build tasks", || {
            Tally::of_cargo(&mut host::cargo(["test", "--no-fail-fast", "-p", "xtask"]))
        });
    }
    let database = stages.step("a throw-away Postgres", Postgres::start);
    stages.tests("tests on both databases", || crates(&filter, long, database.as_ref()));
    // Pages without assets would only fail for a reason already told. The tests of the server have
    // built the binary; building it for itself would build half of its dependencies a second time.
    if site.is_some() {
        stages.tests("tests in the browser", || end2end::run(&filter, database.as_ref()));
    }
    drop(database);
    stages.finish()
}

/// All crates in one invocation, so that dependencies are built once and the same for all.
fn crates(filter: &[&String], long: bool, database: Option<&Postgres>) -> Result<Tally> {
    let mut cargo = host::cargo(["test", "--no-fail-fast"]);
    for name in ["domain", "ledger", "assize-verify", "engine", "app", "server"] {
        cargo.args(["-p", name]);
    }
    if let Some(database) = database {
        cargo.env(postgres::URL_VARIABLE, database.url());
    }
    if long {
        cargo.env(LONG, "1");
    }
    if !filter.is_empty() {
        cargo.arg("--").args(filter);
    }
    Tally::of_cargo(&mut cargo)
}
