//! `assize runs list`.

use domain::{
    filter::RunFilter,
    id::AutomationId,
    page::{DEFAULT_SIZE, MAX_SIZE, Seek},
    run::Run,
};
use engine::services::{Caller, RunList, ServiceError, Services};
use serde::Serialize;

use super::{CliError, FilterArguments, Global, time};
use crate::cli::output::{Report, print, table};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    filter: FilterArguments,
    /// How many runs at most
    #[arg(long, default_value_t = DEFAULT_SIZE, value_parser = clap::value_parser!(i64).range(1..=MAX_SIZE))]
    limit: i64,
    /// The page that follows the one which ended with this marker
    #[arg(long)]
    after: Option<String>,
}

#[derive(Serialize)]
struct Row {
    definition: String,
    #[serde(flatten)]
    run: Run,
}

#[derive(Serialize)]
struct Rows {
    runs: Vec<Row>,
    /// Give it to `--after` for the next page.
    next: Option<String>,
}

impl Report for Rows {
    fn text(&self) -> String {
        let headings = ["run", "definition", "status", "started", "completed", "items", "failed"];
        let mut text = table(headings, self.runs.iter().map(cells));
        if let Some(next) = &self.next {
            text += &format!("\nThere are more: --after {next}\n");
        }
        text
    }
}

fn cells(Row { definition, run }: &Row) -> [String; 7] {
    [
        run.id.to_string(),
        format!("{definition} v{}", run.version),
        run.status.to_string(),
        time(run.started_at),
        time(run.completed_at),
        run.counts.subjects_matched.to_string(),
        run.counts.failed.to_string(),
    ]
}

pub async fn run(
    global: &Global,
    services: &Services,
    caller: Caller,
    arguments: Arguments,
) -> Result<(), CliError> {
    let Arguments { filter, limit, after } = arguments;
    let filter = RunFilter::from(filter);
    let scope = format!("{} {}", caller.workspace, filter.query());
    let seek = after.map_or(Ok(Seek::First), |marker| Seek::decode(&marker, &scope));
    let seek = seek.map_err(|error| ServiceError::invalid("after", error))?;
    let RunList { page, automations } = services.runs(caller, &filter, seek, limit).await?;
    let key = |id: AutomationId| automations.get(&id).map(|found| found.key.clone());
    let next = page.next.and_then(|seek| seek.encode(&scope));
    let row = |run: Run| Row { definition: key(run.automation).unwrap_or_default(), run };
    print(global.format, &Rows { runs: page.rows.into_iter().map(row).collect(), next })
}
