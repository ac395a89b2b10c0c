//! `assize runs list`.

use domain::{
    filter::{RunFilter, encode},
    page::{DEFAULT_SIZE, MAX_SIZE},
};
use serde_json::Value;

use super::{CliError, FilterArguments, Global};
use crate::{
    api::{asked::Paging, runs},
    cli::{
        door::Door,
        output::{is_narrow, more, rows, show, table, time, word},
    },
};

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

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let Arguments { filter, limit, after } = arguments;
    let filter = RunFilter::from(filter);
    match Door::open(global).await? {
        Door::Here(services, caller) => {
            let scope = runs::scope(&filter);
            let paging = Paging::read(caller.workspace, scope, after.as_deref(), None, limit)?;
            let page = runs::listed(&services, caller, &filter, &paging).await?;
            show(global.format, &page, text)
        }
        Door::There(server) => {
            let after = after.map(|after| format!("&after={}", encode(&after))).unwrap_or_default();
            let path = format!("/runs?limit={limit}{after}&{}", filter.query());
            show(global.format, &server.get(path.trim_end_matches('&')).await?, text)
        }
    }
}

fn text(list: &Value) -> String {
    let table = if is_narrow() {
        let narrow = |[run, definition, status, started, _, _, failed]: [String; 7]| {
            [run, definition, status, started, failed]
        };
        let headings = ["run", "definition", "status", "started", "failed"];
        table(headings, rows(list).map(cells).map(narrow))
    } else {
        let headings = ["run", "definition", "status", "started", "completed", "items", "failed"];
        table(headings, rows(list).map(cells))
    };
    table + &more(list)
}

fn cells(run: &Value) -> [String; 7] {
    [
        word(&run["id"]),
        match run["kind"] == "reported" {
            true => format!("{} reported", word(&run["automation_key"])),
            false => format!("{} v{}", word(&run["automation_key"]), run["version"]),
        },
        word(&run["status"]),
        time(&run["started_at"]),
        time(&run["completed_at"]),
        word(of_either(run, "subjects_matched", "steps")),
        word(of_either(run, "failed", "failed_steps")),
    ]
}

/// A count of items, or what a reported run told of its steps.
fn of_either<'a>(run: &'a Value, items: &str, steps: &str) -> &'a Value {
    match &run["told"] {
        Value::Null => &run["counts"][items],
        told => &told[steps],
    }
}
