//! The stages of a test run: each is tried, what broke is remembered, the last line sums up.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use crate::host::say;
use crate::tally::Tally;

/// The stages so far.
#[derive(Default)]
pub struct Stages {
    tally: Tally,
    broken: Vec<String>,
}

impl Stages {
    /// A stage that either works or counts as one failure. Gives what it made.
    pub fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        say(format!("== {name}"));
        let started = Instant::now();
        let done = work();
        let seconds = started.elapsed().as_secs();
        match done {
            Ok(made) => {
                say(format!("== {name}: done in {seconds} s"));
                Some(made)
            }
            Err(error) => {
                say(format!("== {name}: FAILED in {seconds} s: {error:#}"));
                self.tally.failed += 1;
                self.broken.push(name.to_owned());
                None
            }
        }
    }

    /// A stage that counts tests.
    pub fn tests(&mut self, name: &str, work: impl FnOnce() -> Result<Tally>) {
        if let Some(tally) = self.step(name, work) {
            say(format!("== {name}: {} passed, {} failed", tally.passed, tally.failed));
            self.tally += tally;
            if tally.failed > 0 {
                self.broken.push(name.to_owned());
            }
        }
    }

    /// Prints the sums as the last line and gives the exit code that agrees with them.
    pub fn finish(self) -> Result<ExitCode> {
        if !self.broken.is_empty() {
            say(format!("failed: {}", self.broken.join(", ")));
        }
        let mut out = std::io::stdout();
        writeln!(out, "{} passed, {} failed", self.tally.passed, self.tally.failed)?;
        out.flush()?;
        Ok(if self.tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
