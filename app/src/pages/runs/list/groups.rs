//! The runs a filter finds, counted by definition from the stored counts.

use std::collections::BTreeMap;

use domain::{automation::Automation, counts::Counts, filter::Order, run::RunStatus};
use engine::{services::ServiceError, store::Group};
use leptos::prelude::*;

use super::{by_name, empty, frame, query::ListQuery};
use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        heat_strip::HeatStrip,
        tone::Tone,
    },
    context::Page,
    format,
};

/// Runs in a strip.
const STRIP: i64 = 20;

/// More strips than this are not read for one page.
const MOST_STRIPS: usize = 100;

/// One definition with what is shown of it.
struct Line {
    automation: Automation,
    group: Group,
    /// Its latest runs whatever the filter, oldest first.
    recent: Vec<RunStatus>,
}

/// The whole list, grouped.
pub async fn show(page: &Page, path: &str, list: &ListQuery) -> Result<AnyView, ServiceError> {
    let groups = page.services.run_groups(page.caller, &list.filter).await?;
    let known = page.services.automations(page.caller).await?;
    let known = by_name(known.iter().map(|known| &known.automation));
    let rows = match groups.is_empty() {
        true => empty::show(page, path, list, &known).await?,
        false => table(path, list, lines(page, groups).await?),
    };
    Ok(frame(page, path, list, &known, rows))
}

async fn lines(page: &Page, groups: Vec<(Automation, Group)>) -> Result<Vec<Line>, ServiceError> {
    let mut lines = Vec::with_capacity(groups.len());
    for (at, (automation, group)) in groups.into_iter().enumerate() {
        let recent = match at < MOST_STRIPS {
            true => page.services.latest_runs(page.caller, automation.id, STRIP).await?,
            false => Vec::new(),
        };
        let recent = recent.iter().rev().map(|run| run.status).collect();
        lines.push(Line { automation, group, recent });
    }
    Ok(lines)
}

fn table(path: &str, list: &ListQuery, lines: Vec<Line>) -> AnyView {
    let columns = vec![
        Column::new("Definition"),
        Column::new("Recent runs"),
        Column::number("Runs"),
        Column::number("Items"),
        Column::number("Invoked"),
        Column::number("Succeeded"),
        Column::number("Failed"),
        Column::number("Awaiting approval"),
        Column::number("Skipped"),
        Column::number("Replayed"),
        Column::number("Open"),
    ];
    let summary = format!(
        "{}, from counts stored with every change",
        format::plural(lines.len().try_into().unwrap_or(i64::MAX), "definition", "definitions")
    );
    let total = total(&lines);
    let rows = lines.into_iter().map(|line| row(path, list, line)).collect_view();
    view! {
        <div class="runs-groups">
            <DataTable caption="Runs by definition" columns total>
                {rows}
            </DataTable>
            <p class="runs-hint">{summary}</p>
        </div>
    }
    .into_any()
}

fn row(path: &str, list: &ListQuery, line: Line) -> AnyView {
    let Line { automation, group, recent } = line;
    let statuses = statuses(&group.statuses);
    let numbers = numbers(group.total.runs, &group.total.counts);
    let its_runs = list.grouped(false).filtered(|filter| {
        filter.definitions = vec![automation.key];
        filter.order = Order::Newest;
    });
    let href = its_runs.href(path);
    view! {
        <Row>
            <HeadCell href>
                <span class="runs-name">{automation.name}</span>
                <span class="runs-statuses">{statuses}</span>
            </HeadCell>
            <Cell label="Recent runs" fit=true>
                <HeatStrip runs=recent />
            </Cell>
            {numbers}
        </Row>
    }
    .into_any()
}

fn total(lines: &[Line]) -> AnyView {
    let runs = lines.iter().map(|line| line.group.total.runs).sum();
    let add = |sum: Counts, line: &Line| sum + line.group.total.counts;
    let counts = lines.iter().fold(Counts::default(), add);
    let numbers = numbers(runs, &counts);
    view! {
        <Row>
            <HeadCell>"All of these"</HeadCell>
            <Cell label="">""</Cell>
            {numbers}
        </Row>
    }
    .into_any()
}

fn numbers(runs: i64, counts: &Counts) -> AnyView {
    let cells = [
        ("Runs", runs, Tone::Neutral),
        ("Items", counts.subjects_matched, Tone::Neutral),
        ("Invoked", counts.actions_invoked, Tone::Neutral),
        ("Succeeded", counts.succeeded, Tone::Neutral),
        ("Failed", counts.failed, Tone::Danger),
        ("Awaiting approval", counts.awaiting_approval, Tone::Warning),
        ("Skipped", counts.skipped, Tone::Neutral),
        ("Replayed", counts.idempotent_replay, Tone::Neutral),
        ("Open", counts.open, Tone::Neutral),
    ];
    let cell = |(label, n, tone): (&'static str, i64, Tone)| {
        let tone = if n == 0 { None } else { Some(tone.as_str()) };
        view! {
            <Cell label align=Align::End>
                <span class="runs-number" data-tone=tone>
                    {format::count(n)}
                </span>
            </Cell>
        }
    };
    cells.map(cell).collect_view().into_any()
}

/// `12 completed, 1 failed`, worst last as the statuses are listed.
fn statuses(statuses: &BTreeMap<RunStatus, i64>) -> String {
    let part = |(status, n): (&RunStatus, &i64)| {
        format!("{} {}", format::count(*n), status.as_str().replace('-', " "))
    };
    statuses.iter().map(part).collect::<Vec<_>>().join(", ")
}
