//! `assize runs report`.

use domain::id::RunId;
use serde_json::Value;

use super::{CliError, Global};
use crate::cli::{
    door::Door,
    output::{rows, show, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id
    run: RunId,
    /// Only this revision; otherwise every one, the first one first
    #[arg(long)]
    revision: Option<i64>,
}

const RULE: &str = "──────────────────────────────────";

/// One sheet a revision.
fn text(run: RunId, reports: &Value) -> String {
    let sheets: Vec<_> = rows(reports).map(sheet).collect();
    match sheets.is_empty() {
        true => format!("Run Report {run}\n{RULE}\nnone\n"),
        false => sheets.join("\n"),
    }
}

/// One revision, a line a fact.
fn sheet(report: &Value) -> String {
    let number = |name: &str| count(report[name].as_i64().unwrap_or_default());
    let cost = report["total_cost_estimate"].as_str();
    let millis = (report["duration_seconds"].as_f64().unwrap_or_default() * 1_000.0).round();
    let summary = &report["summary"];
    let facts = [
        ("revision", word(&report["revision"])),
        ("outcome", word(&report["outcome"])),
        ("steps", number("total_steps")),
        ("tool invocations", number("total_tool_invocations")),
        ("memory writes", number("total_memory_writes")),
        ("cost estimate", cost.map_or_else(none, |cost| format!("${cost}"))),
        ("duration", format!("{} ms", count(millis as i64))),
        ("summary", if summary.is_null() { none() } else { word(summary) }),
    ];
    let lines = facts.map(|(name, value)| format!("{name:<18}{value}\n"));
    format!("Run Report {}\n{RULE}\n{}", word(&report["run"]), lines.concat())
}

fn none() -> String {
    "none".to_owned()
}

/// A number with a thin space between thousands.
fn count(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

pub async fn run(
    global: &Global,
    door: &Door,
    Arguments { run, revision }: Arguments,
) -> Result<(), CliError> {
    let mut reports = door.get(&format!("/runs/{run}/reports")).await?;
    if let (Some(wanted), Some(data)) = (revision, reports["data"].as_array_mut()) {
        data.retain(|report| report["revision"] == wanted);
    }
    show(global.format, &reports, |reports| text(run, reports))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_sheet_with_none_where_there_is_nothing() {
        let run = "run_01k6xw3v5te8ds8yb3p96fx2kq";
        let report = serde_json::json!({
            "run": run, "revision": 1, "outcome": "success", "total_steps": 12,
            "total_tool_invocations": 3, "total_memory_writes": 2, "total_cost_estimate": "0.04",
            "duration_seconds": 4.231, "summary": null,
        });
        let id: RunId = run.parse().unwrap();
        let of = |reports: &[&Value]| text(id, &serde_json::json!({"data": reports}));
        let told = of(&[&report]);
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines[0], format!("Run Report {run}"));
        assert_eq!(lines[3], "outcome           success");
        assert_eq!(lines[7], "cost estimate     $0.04");
        assert_eq!(lines[8], "duration          4\u{2009}231 ms");
        assert_eq!(lines[9], "summary           none");
        assert!(of(&[]).ends_with("none\n"), "{}", of(&[]));
    }

    #[test]
    fn thousands_are_told_apart_by_a_thin_space() {
        assert_eq!(count(4_231), "4\u{2009}231");
        assert_eq!((count(0), count(999)), ("0".to_owned(), "999".to_owned()));
        assert_eq!(count(1_234_567), "1\u{2009}234\u{2009}567");
    }
}
