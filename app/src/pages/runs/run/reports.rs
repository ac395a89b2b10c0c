//! What a run amounted to, one revision for each round that ended.

use domain::{
    report::{ReportOutcome, RunReport},
    run::Run,
};
use engine::services::ServiceError;
use leptos::prelude::*;

use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        icon::Glyph,
        panel::Panel,
        status_badge::{Status, StatusBadge},
        timestamp::Timestamp,
        tone::Tone,
    },
    context::Page,
    format,
};

/// The panel; nothing before the first round has ended.
pub async fn show(page: &Page, run: &Run) -> Result<Option<AnyView>, ServiceError> {
    if run.tally.reports == 0 {
        return Ok(None);
    }
    let reports = page.services.run_reports(page.caller, run.id).await?;
    let columns = vec![
        Column::new("Revision"),
        Column::new("Outcome"),
        Column::number("Steps"),
        Column::number("Tool invocations"),
        Column::number("Memory writes"),
        Column::number("Cost estimate"),
        Column::new("Ended"),
        Column::number("Duration"),
    ];
    let rows = reports.iter().rev().map(|report| row(page, report)).collect_view();
    Ok(Some(
        view! {
            <Panel title="Report" id="report" note="a revision for each round that ended; none is ever changed">
                <DataTable caption="Revisions of the report" columns>
                    {rows}
                </DataTable>
            </Panel>
        }
        .into_any(),
    ))
}

fn row(page: &Page, report: &RunReport) -> AnyView {
    let now = page.now;
    let (revision, ended) = (report.revision, report.ended_at);
    let status = outcome(report.outcome);
    let summary = report.summary.clone();
    let cost = report.total_cost_estimate.map_or_else(|| "–".to_owned(), |cost| format!("${cost}"));
    let length = format::duration(chrono::TimeDelta::milliseconds(report.duration_ms));
    let numbers = [
        ("Steps", format::count(report.total_steps)),
        ("Tool invocations", format::count(report.total_tool_invocations)),
        ("Memory writes", format::count(report.total_memory_writes)),
        ("Cost estimate", cost),
    ];
    let numbers = numbers.map(|(label, text)| {
        view! {
            <Cell label align=Align::End fit=true>
                {text}
            </Cell>
        }
    });
    view! {
        <Row>
            <HeadCell>
                {revision}
                {summary.map(|text| view! { <span class="run-report-summary quiet">{text}</span> })}
            </HeadCell>
            <Cell label="Outcome" fit=true>
                <StatusBadge status />
            </Cell>
            {numbers.collect_view()}
            <Cell label="Ended" fit=true>
                <Timestamp at=ended now />
            </Cell>
            <Cell label="Duration" align=Align::End fit=true>
                {length}
            </Cell>
        </Row>
    }
    .into_any()
}

/// How the outcome of a report looks.
const fn outcome(outcome: ReportOutcome) -> Status {
    let (glyph, tone) = match outcome {
        ReportOutcome::Success => (Glyph::Done, Tone::Success),
        ReportOutcome::Partial => (Glyph::Partial, Tone::Danger),
        ReportOutcome::Failed => (Glyph::Cross, Tone::Danger),
        ReportOutcome::Cancelled => (Glyph::Barred, Tone::Neutral),
        ReportOutcome::Killed => (Glyph::Broken, Tone::Danger),
    };
    Status::new(outcome.as_str(), glyph, tone)
}
