//! `assize runs items`.

use domain::id::RunId;
use serde_json::Value;

use super::{CliError, Global};
use crate::cli::{
    asked::{Paging, Query},
    door::Door,
    output::{more, rows, show, table, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id
    run: RunId,
    /// Only items with this outcome, or `open`
    #[arg(long)]
    outcome: Option<String>,
    #[command(flatten)]
    page: Paging,
}

pub async fn run(
    global: &Global,
    door: &Door,
    Arguments { run, outcome, page }: Arguments,
) -> Result<(), CliError> {
    let query = Query::default().with("outcome", outcome).page(page);
    show(global.format, &door.get(&format!("/runs/{run}/items{query}")).await?, text)
}

/// The first items of a run.
pub async fn first(door: &Door, run: RunId) -> Result<Value, CliError> {
    let query = Query::default().page(Paging::default());
    door.get(&format!("/runs/{run}/items{query}")).await
}

pub fn text(list: &Value) -> String {
    table(["#", "item", "subject", "state", "cause"], rows(list).map(cells)) + &more(list)
}

fn cells(item: &Value) -> [String; 5] {
    let failure = &item["failure"];
    let cause = match (failure.is_null(), item["skip_reason"].as_str()) {
        (false, _) => format!("{}: {}", word(&failure["code"]), word(&failure["message"])),
        (true, reason) => reason.unwrap_or_default().to_owned(),
    };
    [
        word(&item["position"]),
        word(&item["id"]),
        format!("{}/{}", word(&item["subject_kind"]), word(&item["subject_key"])),
        word(&item["state"]),
        cause,
    ]
}
