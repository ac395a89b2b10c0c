//! `assize runs watch`: follows a run until it ends.

use std::{
    io::{IsTerminal as _, Write as _, stdout},
    time::Duration,
};

use domain::{filter::RunFilter, id::RunId, run::RunStatus};
use engine::services::ServiceError;
use serde_json::Value;

use super::{CliError, Global};
use crate::cli::{
    asked::Query,
    door::Door,
    output::{Format, rows, word},
};

/// How often the run is looked at.
const PACE: Duration = Duration::from_millis(250);

/// Characters of the bar.
const WIDTH: i64 = 24;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id; the newest run that has not ended unless stated
    run: Option<RunId>,
}

pub async fn run(
    global: &Global,
    door: &Door,
    Arguments { run }: Arguments,
) -> Result<(), CliError> {
    let id = match run {
        Some(id) => id.to_string(),
        None => newest(door).await?,
    };
    let mut screen = Screen::new(global.format);
    loop {
        let moment = door.get(&format!("/runs/{id}")).await?;
        screen.show(&moment)?;
        let status = word(&moment["run"]["status"]);
        if status.parse().is_ok_and(RunStatus::is_terminal) {
            screen.leave()?;
            return verdict(&status);
        }
        tokio::time::sleep(PACE).await;
    }
}

/// The newest run that is under way.
async fn newest(door: &Door) -> Result<String, CliError> {
    let statuses = RunStatus::ALL.iter().copied().filter(|status| !status.is_terminal());
    let filter = RunFilter { statuses: statuses.collect(), ..RunFilter::default() };
    let query = Query::default().and(&filter.query()).with("limit", [1]);
    let found = door.get(&format!("/runs{query}")).await?;
    let run = rows(&found).next().ok_or(ServiceError::NotFound("run under way"))?;
    Ok(word(&run["id"]))
}

/// The exit code says whether all of it succeeded.
fn verdict(status: &str) -> Result<(), CliError> {
    match status == RunStatus::Completed.as_str() {
        true => Ok(()),
        false => Err(CliError::Partly(format!("the run is {status}"))),
    }
}

/// Where moments are shown: each that differs from the last. To programs it is the run's document, a
/// line each.
struct Screen {
    format: Format,
    terminal: bool,
    last: Value,
}

impl Screen {
    fn new(format: Format) -> Self {
        Self { format, terminal: stdout().is_terminal(), last: Value::Null }
    }

    fn show(&mut self, moment: &Value) -> Result<(), CliError> {
        if self.last == *moment {
            return Ok(());
        }
        let mut out = stdout().lock();
        match self.format {
            // Over the last line.
            Format::Table if self.terminal => write!(out, "\r\x1b[K{}", line(moment, true))?,
            Format::Table => writeln!(out, "{}", line(moment, false))?,
            _ => writeln!(out, "{moment}")?,
        }
        out.flush()?;
        self.last = moment.clone();
        Ok(())
    }

    /// Nothing is written over the last line any more.
    fn leave(&self) -> Result<(), CliError> {
        if self.terminal && self.format == Format::Table {
            writeln!(stdout())?;
        }
        Ok(())
    }
}

/// `kyc  running  [######------]  248 of 500, 240 succeeded, 8 failed`
fn line(moment: &Value, with_bar: bool) -> String {
    let (run, counts) = (&moment["run"], &moment["run"]["counts"]);
    let count = |name: &str| counts[name].as_i64().unwrap_or_default();
    let (all, done) = (count("subjects_matched"), count("subjects_matched") - count("open"));
    let mut line = format!("{}  {}", word(&run["automation_key"]), word(&run["status"]));
    if let Some(concern) = run["concern"].as_str() {
        line += &format!(" ({concern})");
    }
    if with_bar {
        let filled = usize::try_from(WIDTH * done / all.max(1)).unwrap_or(0);
        let rest = usize::try_from(WIDTH).unwrap_or(0) - filled;
        line += &format!("  [{}{}]", "#".repeat(filled), "-".repeat(rest));
    }
    line += &format!("  {done} of {all}{}", if run["matched"] == true { "" } else { " so far" });
    for (name, outcome) in super::show::OUTCOMES.into_iter().skip(1) {
        if count(name) > 0 {
            line += &format!(", {} {outcome}", count(name));
        }
    }
    line
}
