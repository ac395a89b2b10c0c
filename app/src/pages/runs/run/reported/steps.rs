//! The log of steps: the first and the last of them, and how many stood between.

use chrono::TimeDelta;
use domain::{
    problem::Failure,
    reported::{Fact, KEPT_FIRST, KEPT_LAST, Statement, StepStatus},
    run::Run,
};
use engine::services::StepLog;
use leptos::prelude::*;

use super::super::address::RunQuery;
use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        icon::Glyph,
        json_view::JsonView,
        pager::Pager,
        panel::Panel,
        status_badge::{Status, StatusBadge},
        timestamp::{Precision, Timestamp},
        tone::Tone,
    },
    context::Page,
    format,
};

/// Rows of a page.
pub const SIZE: i64 = 100;

/// The panel.
pub fn show(page: &Page, run: &Run, log: &StepLog) -> AnyView {
    let columns = vec![
        Column::new("What"),
        Column::new("Status"),
        Column::new("Phase"),
        Column::new("At"),
        Column::number("Duration"),
    ];
    let rows = log.steps.iter().map(|said| row(page, said)).collect_view();
    let is_pruned = run.pruned.is_some();
    let dropped = (log.dropped > 0 && !is_pruned).then(|| {
        format!(
            "{} more dropped: the first {KEPT_FIRST} and the last {KEPT_LAST} are kept.",
            format::count(log.dropped)
        )
    });
    let own = page.place.run(run.id);
    let older =
        log.next.map(|after| RunQuery { after: Some(after), ..RunQuery::default() }.href(&own));
    // The list goes forward; its beginning is the page itself.
    let newer: Option<String> = None;
    let summary = format::plural(log.steps.len() as i64, "entry", "entries");
    let none = log.steps.is_empty().then(|| {
        let words = match &run.pruned {
            None => "No step was told of yet.".to_owned(),
            Some(pruned) => {
                format!("{} were {pruned}.", format::plural(log.dropped, "entry", "entries"))
            }
        };
        view! { <p class="quiet">{words}</p> }
    });
    view! {
        <Panel title="Log of steps" id="items">
            {dropped.map(|text| view! { <p class="quiet">{text}</p> })}
            {none}
            <DataTable caption="Log of steps" columns>
                {rows}
            </DataTable>
            <Pager summary newer older words=("Earlier", "Later") />
        </Panel>
    }
    .into_any()
}

fn row(page: &Page, said: &Statement) -> AnyView {
    let (name, status, duration, failure) = parts(&said.fact);
    let (at, now, word) = (said.at, page.now, said.fact.word());
    let phase = said.phase.clone().unwrap_or_else(|| "–".to_owned());
    let length = duration.map(|ms| format::duration(TimeDelta::milliseconds(ms)));
    let why = failure.map(|why| why.message.clone());
    let detail = said.detail.clone().map(|value| {
        view! {
            <details class="run-step-detail">
                <summary>"Detail"</summary>
                <JsonView label="Detail" value />
            </details>
        }
    });
    view! {
        <Row>
            <HeadCell>
                <span class="quiet">{format::label(word)} " "</span>
                <span class="run-step">{name}</span>
                {why.map(|text| view! { <span class="run-report-summary">{text}</span> })}
                {detail}
            </HeadCell>
            <Cell label="Status" fit=true>
                {status.map(|status| view! { <StatusBadge status=look(status) /> })}
            </Cell>
            <Cell label="Phase" fit=true>
                {phase}
            </Cell>
            <Cell label="At" fit=true>
                <Timestamp at now precision=Precision::Second />
            </Cell>
            <Cell label="Duration" align=Align::End fit=true>
                {length}
            </Cell>
        </Row>
    }
    .into_any()
}

type Parts<'a> = (String, Option<StepStatus>, Option<i64>, Option<&'a Failure>);

/// Name, status, duration and failure of what a statement tells.
fn parts(fact: &Fact) -> Parts<'_> {
    match fact {
        Fact::Step { name, status, duration_ms, failure, .. }
        | Fact::Invocation { name, status, duration_ms, failure, .. } => {
            (name.clone(), Some(*status), *duration_ms, failure.as_ref())
        }
        Fact::Write { name } | Fact::Phase { name } => (name.clone(), None, None, None),
        Fact::Note { text } => (text.clone(), None, None, None),
        Fact::Finish { outcome, failure, .. } => {
            (outcome.to_string(), None, None, failure.as_ref())
        }
        Fact::Start { .. } | Fact::Usage(_) | Fact::Count { .. } | Fact::Heartbeat => {
            (String::new(), None, None, None)
        }
    }
}

const fn look(status: StepStatus) -> Status {
    let (glyph, tone) = match status {
        StepStatus::Started => (Glyph::Half, Tone::Info),
        StepStatus::Succeeded => (Glyph::Done, Tone::Success),
        StepStatus::Failed => (Glyph::Cross, Tone::Danger),
        StepStatus::Skipped => (Glyph::Dash, Tone::Neutral),
    };
    Status::new(status.as_str(), glyph, tone)
}
