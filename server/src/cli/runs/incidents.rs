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
        let lines: Vec<_> = self.incidents.iter().map(line).collect();
        let severities = lines.iter().map(|[severity, ..]| severity.len()).max().unwrap_or(0);
        let kinds = lines.iter().map(|[_, kind, _]| kind.len()).max().unwrap_or(0);
        for [severity, kind, message] in &lines {
            text += &format!("{severity:<severities$}  {kind:<kinds$}  {message}\n");
        }
        if let Some(next) = &self.next {
            text += &format!("\nThere are more: --after {next}\n");
        }
        text
    }
}

/// Severity, type and the one sentence.
fn line(incident: &Incident) -> [String; 3] {
    let severity = format!("[{}]", incident.severity);
    [severity, incident.kind.to_string(), printable(&incident.facts.message)]
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

#[cfg(test)]
mod tests {
    use domain::incident::{Cause, Raised};
    use engine::ids::Ids;

    use super::*;

    fn incident(cause: Cause, message: &str) -> Incident {
        let (ids, at) = (Ids::seeded(1), "2026-07-06T06:00:00Z".parse().unwrap());
        let facts = domain::incident::Facts { message: message.into(), ..Default::default() };
        let occurrence = message.to_owned();
        let raised = Raised { run: None, automation: None, item: None, occurrence, cause, facts };
        raised.enter(
            ids.uuid(at).to_string().parse().unwrap(),
            ids.uuid(at).to_string().parse().unwrap(),
            at,
        )
    }

    #[test]
    fn incidents_stand_in_columns_as_wide_as_they_must_be() {
        let run: RunId = "01983a5e-0000-7000-8000-000000000001".parse().unwrap();
        let over = "Cumulative cost $12.80 exceeded ceiling $10.00";
        let hung = "Tool search_web timed out after 30s on step 4";
        let incidents =
            vec![incident(Cause::RunBudgetExhausted, over), incident(Cause::ReplyTimeout, hung)];
        let text = Shown { run, incidents, next: None }.text();
        let sheet = format!(
            "Incidents for {run}\n[high]    budget_overrun  {over}\n[medium]  tool_timeout    {hung}\n"
        );
        assert_eq!(text, sheet);
        let none = Shown { run, incidents: Vec::new(), next: None }.text();
        assert_eq!(none, format!("Incidents for {run}\nnone\n"));
    }
}
