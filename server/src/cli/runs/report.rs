//! `assize runs report`.

use domain::{id::RunId, report::RunReport};
use engine::services::{Caller, Services};
use serde::Serialize;

use super::{CliError, Global};
use crate::cli::output::{Report, print, printable};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id
    run: RunId,
    /// Only this revision; otherwise every one, the first one first
    #[arg(long)]
    revision: Option<i64>,
}

#[derive(Serialize)]
struct Shown {
    run: RunId,
    reports: Vec<RunReport>,
}

impl Report for Shown {
    fn text(&self) -> String {
        if self.reports.is_empty() {
            return format!("Run Report {}\n{RULE}\nnone\n", self.run);
        }
        let sheets: Vec<_> = self.reports.iter().map(|report| self.sheet(report)).collect();
        sheets.join("\n")
    }
}

const RULE: &str = "──────────────────────────────────";

impl Shown {
    /// One revision, a line a fact; which one it is where there are several.
    fn sheet(&self, report: &RunReport) -> String {
        let which = match self.reports.len() {
            1 => String::new(),
            _ => format!(", revision {}", report.revision),
        };
        format!("Run Report {}{which}\n{RULE}\n{}", report.run, facts(report))
    }
}

fn facts(report: &RunReport) -> String {
    let cost = report.total_cost_estimate.map_or_else(none, |cost| format!("${cost}"));
    let summary = report.summary.as_deref().map_or_else(none, printable);
    let facts = [
        ("outcome", report.outcome.to_string()),
        ("steps", count(report.total_steps)),
        ("tool invocations", count(report.total_tool_invocations)),
        ("memory writes", count(report.total_memory_writes)),
        ("cost estimate", cost),
        ("duration", format!("{} ms", count(report.duration_ms))),
        ("summary", summary),
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
    services: &Services,
    caller: Caller,
    Arguments { run, revision }: Arguments,
) -> Result<(), CliError> {
    let mut reports = services.run_reports(caller, run).await?;
    reports.retain(|report| revision.is_none_or(|wanted| report.revision == wanted));
    print(global.format, &Shown { run, reports })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_sheet_with_none_where_there_is_nothing() {
        let id = "01983a5e-0000-7000-8000-000000000001";
        let at = "2026-07-06T06:00:00Z".parse().unwrap();
        let report = RunReport {
            id: id.parse().unwrap(),
            workspace: id.parse().unwrap(),
            run: id.parse().unwrap(),
            revision: 1,
            round: 0,
            automation: id.parse().unwrap(),
            version: 1,
            outcome: domain::report::ReportOutcome::Success,
            total_steps: 12,
            total_tool_invocations: 3,
            total_memory_writes: 2,
            total_cost_estimate: Some("0.04".parse().unwrap()),
            started_at: at,
            ended_at: at,
            duration_ms: 4_231,
            summary: None,
            created_at: at,
        };
        let text = Shown { run: report.run, reports: vec![report.clone()] }.text();
        let sheet = format!(
            "Run Report {}\n\
             ──────────────────────────────────\n\
             outcome           success\n\
             steps             12\n\
             tool invocations  3\n\
             memory writes     2\n\
             cost estimate     $0.04\n\
             duration          4\u{2009}231 ms\n\
             summary           none\n",
            report.run
        );
        assert_eq!(text, sheet);
        let second = RunReport { revision: 2, total_cost_estimate: None, ..report.clone() };
        let both = Shown { run: report.run, reports: vec![report.clone(), second] }.text();
        assert!(both.starts_with(&format!("Run Report {}, revision 1\n", report.run)), "{both}");
        assert!(both.contains(&format!("\n\nRun Report {}, revision 2\n", report.run)), "{both}");
        assert!(both.contains("cost estimate     none\n"), "{both}");
        let nothing = Shown { run: report.run, reports: Vec::new() }.text();
        assert!(nothing.ends_with("none\n"), "{nothing}");
    }

    #[test]
    fn thousands_are_told_apart_by_a_thin_space() {
        assert_eq!(count(4_231), "4\u{2009}231");
        assert_eq!((count(0), count(999)), ("0".to_owned(), "999".to_owned()));
        assert_eq!(count(1_234_567), "1\u{2009}234\u{2009}567");
    }
}
