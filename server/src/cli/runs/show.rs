//! `assize runs show`: a run, and to people its first items.

use domain::id::RunId;
use serde_json::Value;

use super::{CliError, Global, items};
use crate::cli::{
    Format,
    door::Door,
    output::{printable, show, time, word},
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
        if document["run"]["kind"] == "reported" {
            return text(document);
        }
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
    if !run["pruned_at"].is_null() {
        let (at, under) = (time(&run["pruned_at"]), word(&run["pruned_under"]));
        text += &format!("pruned on {at} under {under}: payloads and step detail are gone\n");
    }
    let failure = &run["failure"];
    if !failure.is_null() {
        text += &format!("failed: {}: {}\n", word(&failure["code"]), word(&failure["message"]));
    }
    if run["kind"] == "reported" {
        return text + &told(document);
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

/// What a reported run told, and which step blew up.
fn told(document: &Value) -> String {
    let (told, reported) = (&document["run"]["told"], &document["reported"]);
    let mut text = format!(
        "reported as {}: {} steps, {} failed, {} tool invocations, {} memory writes\n",
        word(&reported["external_id"]),
        told["steps"],
        told["failed_steps"],
        told["tool_invocations"],
        told["memory_writes"],
    );
    if !told["silent_since"].is_null() {
        text += &format!("silent since {}\n", time(&told["silent_since"]));
    }
    let blown = &reported["failed_step"];
    if !blown.is_null() {
        let why = match blown["failure"]["message"].as_str() {
            Some(message) => format!(": {}", printable(message)),
            None => String::new(),
        };
        text += &format!("failed {}: {}{why}\n", word(&blown["what"]), word(&blown["name"]));
    }
    text
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
