//! `assize runs show`: a run, and to people its first items.

use domain::id::RunId;
use serde_json::Value;

use super::{CliError, Global, items};
use crate::cli::{
    Format,
    door::Door,
    output::{show, time, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id
    run: RunId,
}

pub async fn run(
    global: &Global,
    door: &Door,
    Arguments { run }: Arguments,
) -> Result<(), CliError> {
    let document = door.get(&format!("/runs/{run}")).await?;
    if global.format != Format::Table {
        return show(global.format, &document, text);
    }
    let items = items::first(door, run).await?;
    show(global.format, &document, |document| {
        let more = match items["next"].is_null() {
            true => String::new(),
            false => format!("\nThere are more: assize runs items {run}\n"),
        };
        let items = Value::from_iter([("data".to_owned(), items["data"].clone())]);
        text(document) + "\n" + &items::text(&items) + &more
    })
}

fn text(document: &Value) -> String {
    let (run, counts) = (&document["run"], &document["run"]["counts"]);
    let mut text = format!(
        "{}  {} v{}  {}\nstarted {}, completed {}, round {}\ntrigger {} from {}\n",
        word(&run["id"]),
        word(&run["automation_key"]),
        run["version"],
        word(&run["status"]),
        time(&run["started_at"]),
        time(&run["completed_at"]),
        run["round"],
        word(&run["trigger_kind"]),
        word(&document["event"]["source"]),
    );
    let failure = &run["failure"];
    if !failure.is_null() {
        text += &format!("failed: {}: {}\n", word(&failure["code"]), word(&failure["message"]));
    }
    text += &format!(
        "{} subjects matched, {} actions invoked",
        counts["subjects_matched"], counts["actions_invoked"]
    );
    for (name, outcome) in OUTCOMES {
        if counts[name] != 0 {
            text += &format!(", {} {outcome}", counts[name]);
        }
    }
    text + "\n"
}

/// Counts that are shown where they are not 0, and how people call them.
pub const OUTCOMES: [(&str, &str); 6] = [
    ("open", "open"),
    ("succeeded", "succeeded"),
    ("failed", "failed"),
    ("skipped", "skipped"),
    ("awaiting_approval", "awaiting approval"),
    ("idempotent_replay", "replayed"),
];
