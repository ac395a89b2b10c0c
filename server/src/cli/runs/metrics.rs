//! `assize runs metrics`: the metrics of a run, executed or reported.

use domain::id::RunId;
use serde_json::Value;

use super::{CliError, Global};
use crate::cli::{
    door::Door,
    output::{show, table, word},
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
    show(global.format, &door.get(&format!("/runs/{run}/metrics")).await?, text)
}

/// A value, or that nobody knows it.
fn known(value: &Value) -> String {
    if value.is_null() { "unknown".to_owned() } else { word(value) }
}

fn text(metrics: &Value) -> String {
    let counters = &metrics["counters"];
    let mut text = format!("{}  {}\n", word(&metrics["run"]), word(&metrics["kind"]));
    for name in ["items", "steps", "failed_steps", "invocations", "memory_writes"] {
        text += &format!("{:<18}{}\n", name.replace('_', " "), known(&counters[name]));
    }
    for (name, count) in counters["named"].as_object().into_iter().flatten() {
        text += &format!("{name:<18}{count}\n");
    }
    if !metrics["error_summary"].is_null() {
        text += &format!("{:<18}{}\n", "error", word(&metrics["error_summary"]));
    }
    let listed = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let phases = listed(&metrics["metrics"]["phase_timings"]);
    if !phases.is_empty() {
        let row = |phase: &Value| {
            [word(&phase["phase"]), word(&phase["started_at"]), known(&phase["duration_ms"])]
        };
        text += &format!("\n{}", table(["phase", "began", "ms"], phases.iter().map(row)));
    }
    let usage = &metrics["llm_usage"];
    if !usage.is_null() {
        let mut lines = listed(&usage["by_phase"]);
        lines.push(usage["total"].clone());
        let row = |line: &Value| {
            let phase = if line["phase"].is_null() { "total".into() } else { word(&line["phase"]) };
            [
                phase,
                known(&line["model"]),
                known(&line["input_tokens"]),
                known(&line["output_tokens"]),
                known(&line["estimated_cost_usd"]),
            ]
        };
        let head = ["phase", "model", "input", "output", "cost in USD"];
        text += &format!("\n{}", table(head, lines.iter().map(row)));
    }
    text
}
