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

/// One sheet a revision; which one it is where there are several.
fn text(run: RunId, reports: &Value) -> String {
    let many = rows(reports).count() > 1;
    let which = |report: &Value| match many {
        true => format!(", revision {}", word(&report["revision"])),
        false => String::new(),
    };
    let sheet = |report| format!("Run Report {run}{}\n{RULE}\n{}", which(report), facts(report));
    match rows(reports).next() {
        None => format!("Run Report {run}\n{RULE}\nnone\n"),
        Some(_) => rows(reports).map(sheet).collect::<Vec<_>>().join("\n"),
    }
}

/// What one revision says, a line a fact.
fn facts(report: &Value) -> String {
    let number = |name: &str| count(report[name].as_i64().unwrap_or_default());
    let cost = report["total_cost_estimate"].as_str();
    let millis = (report["duration_seconds"].as_f64().unwrap_or_default() * 1_000.0).round();
    let summary = &report["summary"];
    let facts = [
        ("outcome", word(&report["outcome"])),
        ("steps", number("total_steps")),
        ("tool invocations", number("total_tool_invocations")),
        ("memory writes", number("total_memory_writes")),
        ("cost estimate", cost.map_or_else(none, |cost| format!("${cost}"))),
        ("duration", format!("{} ms", count(millis as i64))),
        ("summary", if summary.is_null() { none() } else { word(summary) }),
    ];
    facts.map(|(name, value)| format!("{name:<18}{value}\n")).concat()
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
        let id: RunId = run.parse().unwrap();
        let report = |revision: i64, cost: Option<&str>| {
            serde_json::json!({
                "run": run, "revision": revision, "outcome": "success", "total_steps": 12,
                "total_tool_invocations": 3, "total_memory_writes": 2, "total_cost_estimate": cost,
                "duration_seconds": 4.231, "summary": null,
            })
        };
        let of = |reports: &[Value]| text(id, &serde_json::json!({"data": reports}));
        let first = report(1, Some("0.04"));
        let sheet = format!(
            "Run Report {run}\n\
             ──────────────────────────────────\n\
             outcome           success\n\
             steps             12\n\
             tool invocations  3\n\
             memory writes     2\n\
             cost estimate     $0.04\n\
             duration          4\u{2009}231 ms\n\
             summary           none\n",
        );
        assert_eq!(of(std::slice::from_ref(&first)), sheet);
        let both = of(&[first, report(2, None)]);
        assert!(both.starts_with(&format!("Run Report {run}, revision 1\n")), "{both}");
        assert!(both.contains(&format!("\n\nRun Report {run}, revision 2\n")), "{both}");
        assert!(both.contains("cost estimate     none\n"), "{both}");
        assert!(of(&[]).ends_with("none\n"), "{}", of(&[]));
    }

    #[test]
    fn thousands_are_told_apart_by_a_thin_space() {
        assert_eq!(count(4_231), "4\u{2009}231");
        assert_eq!((count(0), count(999)), ("0".to_owned(), "999".to_owned()));
        assert_eq!(count(1_234_567), "1\u{2009}234\u{2009}567");
    }
}
