//! How many tests passed and failed, read from what the runners say.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

/// Tests that passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Tally {
    /// Runs `cargo test …`, passes its output on and adds up its result lines.
    pub fn of_cargo(cargo: &mut Command) -> Result<Self> {
        let mut child = cargo.stdout(Stdio::piped()).spawn().context("start cargo test")?;
        let mut tally = Self::default();
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines() {
                let line = line?;
                println!("{line}");
                tally += Self::of_result_line(&line).unwrap_or_default();
            }
        }
        // A crate that does not compile or a test that takes its process down has no result line.
        if !child.wait()?.success() && tally.failed == 0 {
            tally.failed = 1;
        }
        Ok(tally)
    }

    /// `test result: ok. 3 passed; 1 failed; 0 ignored; …`
    fn of_result_line(line: &str) -> Option<Self> {
        let counts = line.strip_prefix("test result: ")?;
        let count = |word: &str| {
            let before = counts.split(word).next()?.trim_end();
            before.rsplit(' ').next()?.parse().ok()
        };
        Some(Self { passed: count(" passed;")?, failed: count(" failed;")? })
    }

    /// The sums in the first `<testsuite …>` of a report in JUnit's form. An error is a failure.
    pub fn of_junit(report: &str) -> Option<Self> {
        let suite = report.split("<testsuite ").nth(1)?.split('>').next()?;
        let count = |name: &str| -> Option<u64> {
            let value = suite.split(&format!("{name}=\"")).nth(1)?;
            value.split('"').next()?.parse().ok()
        };
        let failed = count("errors")? + count("failures")?;
        let passed = count("tests")?.checked_sub(failed + count("skipped")?)?;
        Some(Self { passed, failed })
    }

    /// The `stats` of Playwright's JSON report. A flaky test did fail, so it counts as failed.
    pub fn of_playwright(report: &Value) -> Option<Self> {
        let count = |name: &str| report["stats"][name].as_u64();
        Some(Self { passed: count("expected")?, failed: count("unexpected")? + count("flaky")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_line_of_a_test_binary_is_understood() {
        let line =
            "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 2 filtered out";
        assert_eq!(Tally::of_result_line(line), Some(Tally { passed: 12, failed: 3 }));
        assert_eq!(Tally::of_result_line("test name_of_a_test ... ok"), None);
    }

    #[test]
    fn what_is_skipped_has_neither_passed_nor_failed() {
        let report = r#"<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1.5">"#;
        assert_eq!(Tally::of_junit(report), Some(Tally { passed: 4, failed: 3 }));
        assert_eq!(Tally::of_junit("<testsuites/>"), None);
    }

    #[test]
    fn a_flaky_browser_test_counts_as_failed() {
        let report = serde_json::json!({"stats": {"expected": 5, "unexpected": 1, "flaky": 1, "skipped": 2}});
        assert_eq!(Tally::of_playwright(&report), Some(Tally { passed: 5, failed: 2 }));
    }
}
