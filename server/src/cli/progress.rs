//! How far long work has come: one line on the error stream that changes, on a terminal and nowhere else.

use std::{
    io::{IsTerminal as _, Write as _, stderr},
    time::{Duration, Instant},
};

/// Characters of a bar.
const WIDTH: u64 = 24;

/// The line is not written more often.
const PACE: Duration = Duration::from_millis(100);

/// A line that goes away with this value.
#[derive(Debug)]
pub struct Progress {
    /// What is done, such as `sending`.
    what: &'static str,
    /// How many bytes there are, where that is known.
    of: Option<u64>,
    done: u64,
    terminal: bool,
    written: Option<Instant>,
}

impl Progress {
    pub fn new(what: &'static str, of: Option<u64>) -> Self {
        Self { what, of, done: 0, terminal: stderr().is_terminal(), written: None }
    }

    /// So many bytes more.
    pub fn add(&mut self, bytes: usize) {
        self.done += bytes as u64;
        if self.of == Some(self.done) || self.written.is_none_or(|at| at.elapsed() >= PACE) {
            self.say(&line(self.what, self.done, self.of));
        }
    }

    /// Something else in its place.
    pub fn say(&mut self, words: &str) {
        if self.terminal {
            // Nobody is hurt if this cannot be shown.
            let _ = write!(stderr(), "\r\x1b[K{words}");
            self.written = Some(Instant::now());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.written.is_some() {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

/// `sending  [######------------------]  10.4 of 41.9 MB`
fn line(what: &str, done: u64, of: Option<u64>) -> String {
    let megabytes = |bytes: u64| format!("{:.1}", bytes as f64 / 1_000_000.0);
    let Some(of) = of else { return format!("{what}  {} MB", megabytes(done)) };
    let filled = (WIDTH * done.min(of)).checked_div(of).unwrap_or(WIDTH);
    let [filled, rest] = [filled, WIDTH - filled].map(|part| usize::try_from(part).unwrap_or(0));
    let (bar, rest) = ("#".repeat(filled), "-".repeat(rest));
    format!("{what}  [{bar}{rest}]  {} of {} MB", megabytes(done), megabytes(of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_the_work_has_come() {
        let quarter = line("sending", 10_400_000, Some(41_600_000));
        assert_eq!(quarter, "sending  [######------------------]  10.4 of 41.6 MB");
        assert!(line("sending", 5, Some(5)).contains(&format!("[{}]", "#".repeat(24))));
        assert!(line("sending", 0, Some(0)).contains(&format!("[{}]", "#".repeat(24))));
        assert_eq!(line("writing", 2_500_000, None), "writing  2.5 MB");
    }
}
