//! The tests with what others wrote: SDKs and checkers of the standards we speak, most of them in
//! Python, against the real binary. They live in `interop/`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::host::{assize, command, root, run as run_command, say, target, which};
use crate::tally::Tally;
use crate::{apt, digest};

/// What pytest ends with where no name matches.
const NO_TESTS: i32 = 5;

/// The folder of the tests.
fn folder() -> PathBuf {
    root().join("interop")
}

/// What is installed for them.
fn place() -> PathBuf {
    target().join("interop")
}

/// Runs the tests; with a filter only those whose names contain one of its words.
pub fn run(filter: &[&String], long: bool) -> Result<Tally> {
    let python = environment()?;
    let report = place().join("report.xml");
    let _ = fs::remove_file(&report);
    let mut pytest = command(python);
    pytest.args(["-m", "pytest", "--junitxml"]).arg(&report).current_dir(folder());
    pytest.env("ASSIZE_BIN", assize()).env("PYTHONDONTWRITEBYTECODE", "1");
    if long {
        pytest.env(crate::test::LONG, "1");
    }
    match promtool() {
        Ok(promtool) => drop(pytest.env("ASSIZE_PROMTOOL", promtool)),
        Err(error) => say(format!("no promtool, so its test is skipped: {error:#}")),
    }
    if !filter.is_empty() {
        let words: Vec<&str> = filter.iter().map(|word| word.as_str()).collect();
        pytest.args(["-k", &words.join(" or ")]);
    }
    let status = pytest.status().context("start pytest")?;
    if status.code() == Some(NO_TESTS) {
        return Ok(Tally::default());
    }
    let report = fs::read_to_string(&report).context("pytest left no report")?;
    let mut tally = Tally::of_junit(&report).context("pytest's report has no counts")?;
    // What breaks before the first test shows in the exit code alone.
    if !status.success() && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(tally)
}

/// A Python of our own with the packages of `requirements.txt`.
fn environment() -> Result<PathBuf> {
    let requirements = folder().join("requirements.txt");
    let wanted = digest::of_files(std::slice::from_ref(&requirements))?;
    let (venv, stamp) = (place().join("venv"), place().join("venv/.assize"));
    let python = venv.join("bin/python");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if !has_venv() {
        apt::install("Python with venv", &["python3", "python3-venv"])?;
    }
    say("installing the packages of the tests in Python");
    run_command(command("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let mut pip = command(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    run_command(pip.arg(&requirements))?;
    fs::write(stamp, wanted)?;
    Ok(python)
}

/// Debian's Python comes without the part that makes environments.
fn has_venv() -> bool {
    let mut probe = Command::new("python3");
    probe.args(["-c", "import ensurepip, venv"]).output().is_ok_and(|done| done.status.success())
}

/// Prometheus's checker; out of Debian's package if the machine has none. The package is unpacked and
/// not installed, since installing it would start a service.
fn promtool() -> Result<PathBuf> {
    if let Some(installed) = which(&["promtool"]) {
        return Ok(installed);
    }
    let place = place().join("prometheus");
    let promtool = place.join("usr/bin/promtool");
    if !promtool.is_file() {
        apt::unpack("promtool", "prometheus", &place)?;
    }
    Ok(promtool)
}
