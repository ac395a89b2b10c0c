//! `cargo xtask test`: everything, on both databases, with what others wrote of the same standards,
//! and in a browser, on a machine that has nothing but Rust. The last line printed is `N passed, N failed`.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::postgres::{self, Postgres};
use crate::stages::Stages;
use crate::tally::Tally;
use crate::{check, end2end, host, python, site};

/// Tells tests that they may take longer: more cases, more kills, more rounds.
pub const LONG: &str = "ASSIZE_TEST_LONG";

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
        check::browser_lints(&mut stages);
        check::dependencies(&mut stages);
    }
    let linted = stages.step("lints, and building the tests", || build(&TASKS).and(build(&CRATES)));
    let linted = linted.is_some();
    if filter.is_empty() {
        let mut tasks = cargo_test(&TASKS, linted);
        stages.tests("tests of the build tasks", || Tally::of_cargo(&mut tasks));
    }
    let database = stages.step("a throw-away Postgres", Postgres::start);
    stages.tests("tests on both databases", || {
        crates(cargo_test(&CRATES, linted), &filter, long, database.as_ref())
    });
    if long {
        stages.tests("tests of the traces", traces);
    }
    stages.tests("tests with what others wrote", || python::run(&filter, long));
    // Pages without assets would only fail for a reason already told. The tests of the server have
    // built the binary; building it for itself would build half of its dependencies a second time.
    if site.is_some() {
        stages.tests("tests in the browser", || end2end::run(&filter, database.as_ref()));
    }
    drop(database);
    stages.finish()
}

/// The crate of these tasks.
const TASKS: [&str; 1] = ["xtask"];

/// All others, in one invocation, so that dependencies are built once and the same for all.
const CRATES: [&str; 7] = ["domain", "ledger", "assize-verify", "engine", "app", "server", "bench"];

/// Builds tests and applies the lints on the way.
fn build(crates: &[&str]) -> Result<()> {
    host::run(cargo_test(crates, true).arg("--no-run"))
}

/// Runs tests; those that were linted when they were built are not built again without.
fn cargo_test(crates: &[&str], linted: bool) -> Command {
    let mut cargo = host::cargo(["test", "--no-fail-fast"]);
    for name in crates {
        cargo.args(["-p", name]);
    }
    if linted {
        check::lint_what_is_built(&mut cargo);
    }
    cargo
}

/// What only a build that sends traces has.
fn traces() -> Result<Tally> {
    let what = ["test", "--locked", "-p", "server", "--features", "otel", "--lib", "otel"];
    let mut cargo = host::cargo(what);
    check::lint_what_is_built(&mut cargo);
    Tally::of_cargo(&mut cargo)
}

fn crates(
    mut cargo: Command,
    filter: &[&String],
    long: bool,
    database: Option<&Postgres>,
) -> Result<Tally> {
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
