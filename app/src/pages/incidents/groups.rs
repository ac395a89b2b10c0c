//! The incidents a filter finds, by their cause.

use domain::incident::{IncidentFilter, IncidentGroup};
use leptos::prelude::*;

use super::words;
use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        status_badge::StatusBadge,
        tag::Tag,
        timestamp::Timestamp,
    },
    context::Page,
    format,
    pages::paging::with_query,
};

/// The table, the cause that was seen last first.
pub(super) fn show(
    page: &Page,
    path: &str,
    filter: &IncidentFilter,
    groups: &[IncidentGroup],
) -> AnyView {
    let columns = vec![
        Column::new("Cause"),
        Column::new("Severity"),
        Column::new("Type"),
        Column::number("Incidents"),
        Column::number("Open"),
        Column::new("First seen"),
        Column::new("Last seen"),
    ];
    let rows = groups.iter().map(|group| row(page, path, filter, group)).collect_view();
    view! {
        <div class="incidents-table">
            <DataTable caption="Incidents by cause" columns>
                {rows}
            </DataTable>
        </div>
    }
    .into_any()
}

fn row(page: &Page, path: &str, filter: &IncidentFilter, group: &IncidentGroup) -> AnyView {
    let now = page.now;
    let its = IncidentFilter {
        causes: vec![group.cause],
        types: vec![group.kind],
        severities: vec![group.severity],
        ..filter.clone()
    };
    let (href, entry) = (with_query(path, &its.pairs()), group.cause.entry());
    let severity = words::severity(group.severity);
    let (first, last) = (group.first_at, group.last_at);
    let kind = words::kind(group.kind);
    let (incidents, open) = (format::count(group.incidents), format::count(group.open));
    view! {
        <Row>
            <HeadCell href>
                {entry.title} <span class="incidents-message quiet">{entry.next}</span>
            </HeadCell>
            <Cell label="Severity" fit=true>
                <StatusBadge status=severity />
            </Cell>
            <Cell label="Type" fit=true>
                <Tag>{kind}</Tag>
            </Cell>
            <Cell label="Incidents" align=Align::End>
                {incidents}
            </Cell>
            <Cell label="Open" align=Align::End>
                {open}
            </Cell>
            <Cell label="First seen" fit=true>
                <Timestamp at=first now />
            </Cell>
            <Cell label="Last seen" fit=true>
                <Timestamp at=last now />
            </Cell>
        </Row>
    }
    .into_any()
}
