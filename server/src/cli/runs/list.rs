//! `assize runs list`.

use domain::filter::RunFilter;
use serde_json::Value;

use super::{CliError, FilterArguments, Global};
use crate::cli::{
    asked::{Paging, Query},
    door::Door,
    output::{is_narrow, more, rows, show, table, time, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    filter: FilterArguments,
    #[command(flatten)]
    page: Paging,
}

pub async fn run(
    global: &Global,
    door: &Door,
    Arguments { filter, page }: Arguments,
) -> Result<(), CliError> {
    let query = Query::default().and(&RunFilter::from(filter).query()).page(page);
    show(global.format, &door.get(&format!("/runs{query}")).await?, text)
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
