//! The tests in the browser: installs what they need, runs them and counts.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::host::{assize, command, root, run as run_command, say};
use crate::postgres::{self, Postgres};
use crate::tally::Tally;
use crate::{browser, digest};

/// The folder of the tests.
pub fn folder() -> PathBuf {
    root().join("end2end")
}

/// Runs the tests; with a filter only those whose titles contain one of its words.
pub fn run(filter: &[&String], database: Option<&Postgres>) -> Result<Tally> {
    let chromium = prepare()?;
    run_command(&mut tool("tsc", &["--noEmit"])).context("types of the browser tests")?;

    let report = folder().join("test-results/report.json");
    let _ = fs::remove_file(&report);
    let mut playwright = tool("playwright", &["test"]);
    playwright.env("ASSIZE_CHROMIUM", chromium).env("ASSIZE_BIN", assize());
    if let Some(database) = database {
        playwright.env(postgres::URL_VARIABLE, database.url());
    }
    if !filter.is_empty() {
        playwright.args(["--pass-with-no-tests", "--grep", &pattern(filter)]);
    }
    let status = playwright.status().context("start Playwright")?;

    let report = fs::read(&report).context("Playwright left no report")?;
    let report: Value = serde_json::from_slice(&report)?;
    let mut tally = Tally::of_playwright(&report).context("Playwright's report has no counts")?;
    // A broken fixture or file shows in the exit code alone.
    if !status.success() && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(tally)
}

/// Installs browser, node and packages as far as they are missing. Gives the browser.
pub fn prepare() -> Result<PathBuf> {
    let chromium = browser::chromium()?;
    browser::node()?;
    packages()?;
    Ok(chromium)
}

fn packages() -> Result<()> {
    let wanted = digest::of_files(&[folder().join("package-lock.json")])?;
    let stamp = folder().join("node_modules/.assize");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say("installing the packages of the browser tests");
    let mut npm = command("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder());
    run_command(npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
    ensure!(folder().join("node_modules").is_dir(), "npm installed nothing");
    Ok(fs::write(stamp, wanted)?)
}

fn tool(name: &str, args: &[&str]) -> Command {
    let mut tool = command(folder().join("node_modules/.bin").join(name));
    tool.args(args).current_dir(folder());
    tool
}

/// A regular expression for titles with one of the words, each taken literally.
fn pattern(words: &[&String]) -> String {
    let literal = |word: &&String| -> String {
        word.chars()
            .flat_map(|c| (!c.is_alphanumeric()).then_some('\\').into_iter().chain([c]))
            .collect()
    };
    words.iter().map(literal).collect::<Vec<_>>().join("|")
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn words_of_a_filter_are_taken_literally() {
        let words = ["runs (18)".to_owned(), "retry".to_owned()];
        assert_eq!(pattern(&words.iter().collect::<Vec<_>>()), r"runs\ \(18\)|retry");
    }
}
