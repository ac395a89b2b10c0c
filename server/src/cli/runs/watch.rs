//! `assize runs watch`: follows a run until it ends.

use std::{
    io::{IsTerminal as _, Write as _, stdout},
    time::Duration,
};

use domain::{
    concern::Concern,
    filter::RunFilter,
    id::RunId,
    page::Seek,
    run::{Run, RunStatus},
};
use engine::services::{Caller, RunDetail, ServiceError, Services};
use serde::Serialize;

use super::{CliError, Global};
use crate::cli::output::{Format, printable};

/// How often the run is looked at.
const PACE: Duration = Duration::from_millis(250);

/// Characters of the bar.
const WIDTH: i64 = 24;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id; the newest run that has not ended unless stated
    run: Option<RunId>,
}

/// A run as it is at a moment: in JSON one line a change.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Moment {
    definition: String,
    run: Run,
}

pub async fn run(
    global: &Global,
    services: &Services,
    caller: Caller,
    Arguments { run }: Arguments,
) -> Result<(), CliError> {
    let id = match run {
        Some(id) => id,
        None => newest(services, caller).await?,
    };
    let mut screen = Screen::new(global.format);
    loop {
        let RunDetail { run, automation, .. } = services.run(caller, id).await?;
        let moment = Moment { definition: automation.key, run };
        screen.show(&moment)?;
        if moment.run.status.is_terminal() {
            screen.leave()?;
            return verdict(&moment.run);
        }
        tokio::time::sleep(PACE).await;
    }
}

/// The newest run that is under way.
async fn newest(services: &Services, caller: Caller) -> Result<RunId, CliError> {
    let statuses = RunStatus::ALL.iter().copied().filter(|status| !status.is_terminal());
    let filter = RunFilter { statuses: statuses.collect(), ..RunFilter::default() };
    let found = services.runs(caller, &filter, Seek::First, 1).await?;
    let run = found.page.rows.first().ok_or(ServiceError::NotFound("run under way"))?;
    Ok(run.id)
}

/// The exit code says whether all of it succeeded.
fn verdict(run: &Run) -> Result<(), CliError> {
    match run.status {
        RunStatus::Completed => Ok(()),
        status => Err(CliError::Partly(format!("the run is {status}"))),
    }
}

/// Where moments are shown: each that differs from the last.
struct Screen {
    format: Format,
    terminal: bool,
    last: Option<Moment>,
}

impl Screen {
    fn new(format: Format) -> Self {
        Self { format, terminal: stdout().is_terminal(), last: None }
    }

    fn show(&mut self, moment: &Moment) -> Result<(), CliError> {
        if self.last.as_ref() == Some(moment) {
            return Ok(());
        }
        let mut out = stdout().lock();
        match self.format {
            Format::Json => {
                let line = serde_json::to_string(moment).map_err(anyhow::Error::from)?;
                writeln!(out, "{line}")?;
            }
            // Over the last line.
            Format::Table if self.terminal => write!(out, "\r\x1b[K{}", line(moment, true))?,
            Format::Table => writeln!(out, "{}", line(moment, false))?,
        }
        out.flush()?;
        self.last = Some(moment.clone());
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
fn line(Moment { definition, run }: &Moment, with_bar: bool) -> String {
    let counts = run.counts;
    let (all, done) = (counts.subjects_matched, counts.subjects_matched - counts.open);
    let mut line = format!("{}  {}", printable(definition), run.status);
    if let Some(concern) = Concern::of(run) {
        line += &format!(" ({concern})");
    }
    if with_bar {
        let filled = usize::try_from(WIDTH * done / all.max(1)).unwrap_or(0);
        let rest = usize::try_from(WIDTH).unwrap_or(0) - filled;
        line += &format!("  [{}{}]", "#".repeat(filled), "-".repeat(rest));
    }
    line += &format!("  {done} of {all}{}", if run.matched { "" } else { " so far" });
    for (outcome, count) in counts.outcomes() {
        if count > 0 {
            line += &format!(", {count} {outcome}");
        }
    }
    line
}
