//! `assize runs incidents`.

use domain::{
    id::RunId,
    incident::{Incident, IncidentFilter},
    page::{DEFAULT_SIZE, MAX_SIZE, Seek},
};
use engine::services::{Caller, ServiceError, Services};
use serde::Serialize;

use super::{CliError, Global};
use crate::cli::output::{Report, print, printable};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id
    run: RunId,
    /// How many incidents at most
    #[arg(long, default_value_t = DEFAULT_SIZE, value_parser = clap::value_parser!(i64).range(1..=MAX_SIZE))]
    limit: i64,
    /// The page that follows the one which ended with this marker
    #[arg(long)]
    after: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    run: RunId,
    /// The latest first.
    incidents: Vec<Incident>,
    /// Give it to `--after` for the next page.
    next: Option<String>,
}

impl Report for Shown {
    fn text(&self) -> String {
        let mut text = format!("Incidents for {}\n", self.run);
        if self.incidents.is_empty() {
            text += "none\n";
        }
        let kinds = self.incidents.iter().map(|incident| incident.kind.as_str().len());
        let widest = kinds.max().unwrap_or(0);
        for incident in &self.incidents {
            let severity = format!("[{}]", incident.severity);
            let message = printable(&incident.facts.message);
            text += &format!("{severity:<10} {:<widest$}  {message}\n", incident.kind);
        }
        if let Some(next) = &self.next {
            text += &format!("\nThere are more: --after {next}\n");
        }
        text
    }
}

pub async fn run(
    global: &Global,
    services: &Services,
    caller: Caller,
    Arguments { run, limit, after }: Arguments,
) -> Result<(), CliError> {
    // Says that there is no such run, which an empty list would not.
    services.run(caller, run).await?;
    let filter = IncidentFilter::of_run(run);
    let scope = format!("{} {}", caller.workspace, filter.query());
    let seek = after.map_or(Ok(Seek::First), |marker| Seek::decode(&marker, &scope));
    let seek = seek.map_err(|error| ServiceError::invalid("after", error))?;
    let page = services.incidents(caller, &filter, seek, limit).await?.page;
    let next = page.next.and_then(|seek| seek.encode(&scope));
    print(global.format, &Shown { run, incidents: page.rows, next })
}
