//! What went wrong in the period, by severity.

use domain::incident::Severity;
use engine::services::Brief;
use leptos::prelude::*;

use super::Asked;
use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        panel::Panel,
        status_badge::StatusBadge,
    },
    context::Page,
    format,
    pages::incidents::words,
};

/// Incidents that occurred in the period, the gravest first.
pub fn by_severity(page: &Page, asked: &Asked, brief: &Brief) -> AnyView {
    if brief.incidents.is_empty() {
        return view! {
            <Panel title="Incidents">
                <p>"No incident occurred in the period."</p>
            </Panel>
        }
        .into_any();
    }
    let all: i64 = brief.incidents.iter().map(|(_, incidents)| incidents).sum();
    let note = format!("{} in the period", format::plural(all, "incident", "incidents"));
    let columns =
        vec![Column::new("Severity"), Column::new("Meaning"), Column::number("Incidents")];
    let rows = brief.incidents.iter().rev().map(|count| row(page, asked, *count)).collect_view();
    view! {
        <Panel title="Incidents" note>
            <DataTable caption="Incidents by severity" columns>
                {rows}
            </DataTable>
        </Panel>
    }
    .into_any()
}

fn row(page: &Page, asked: &Asked, (severity, incidents): (Severity, i64)) -> AnyView {
    let period = asked.period;
    let href = format!(
        "{}?severity={severity}&from={}&to={}",
        page.place.incidents(),
        period.from,
        period.last_day()
    );
    let status = words::severity(severity);
    view! {
        <Row>
            <HeadCell href>
                <StatusBadge status />
            </HeadCell>
            <Cell label="Meaning">{words::severity_means(severity)}</Cell>
            <Cell label="Incidents" align=Align::End>
                {format::count(incidents)}
            </Cell>
        </Row>
    }
    .into_any()
}
