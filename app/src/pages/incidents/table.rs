//! Incidents, one a row.

use std::collections::HashMap;

use domain::{
    automation::Automation,
    id::{AutomationId, IncidentId},
    incident::{Incident, Settlement, Severity},
};
use leptos::prelude::*;

use super::words;
use crate::{
    components::{
        data_table::{Cell, Column, DataTable, HeadCell, Row},
        status_badge::StatusBadge,
        tag::Tag,
        timestamp::Timestamp,
        tone::Tone,
    },
    context::Page,
    format,
    pages::mentions,
};

/// The automations of incidents, where the list has several.
pub(super) type Named<'a> = Option<&'a HashMap<AutomationId, Automation>>;

/// What was said about incidents, of those that were settled.
pub(super) type Settled = HashMap<IncidentId, Settlement>;

/// The table.
pub(super) fn show(
    page: &Page,
    caption: &str,
    incidents: &[Incident],
    settled: &Settled,
    named: Named<'_>,
) -> AnyView {
    let mut columns = vec![Column::new("Incident"), Column::new("Severity"), Column::new("Type")];
    if named.is_some() {
        columns.push(Column::new("Definition"));
        columns.push(Column::new("Run"));
    }
    columns.extend([Column::new("Recovery"), Column::new("Occurred")]);
    let rows = incidents.iter().map(|incident| {
        let settled = settled.contains_key(&incident.id);
        row(page, incident, settled, named)
    });
    let rows = rows.collect_view();
    let caption = caption.to_owned();
    view! {
        <div class="incidents-table">
            <DataTable caption columns>
                {rows}
            </DataTable>
        </div>
    }
    .into_any()
}

fn row(page: &Page, incident: &Incident, settled: bool, named: Named<'_>) -> AnyView {
    let (at, now) = (incident.occurred_at, page.now);
    let href = page.place.incident(incident.id);
    let title = incident.presentation.title.clone();
    let message = view! { <span class="incidents-message quiet">{message(incident)}</span> };
    let severity = words::severity(incident.severity);
    let grave = incident.severity >= Severity::High && !settled;
    let tone = grave.then_some(Tone::Danger.as_str());
    let policy = words::policy(incident.policy);
    let kind = words::kind(incident.kind);
    let settled = settled.then(|| view! { " " <Tag>"Settled"</Tag> });
    let about = named.map(|named| about(page, incident, named));
    view! {
        <Row>
            <HeadCell href>
                <span class="incidents-title" data-tone=tone>{title}</span>
                {settled}
                {message}
            </HeadCell>
            <Cell label="Severity" fit=true>
                <StatusBadge status=severity />
            </Cell>
            <Cell label="Type" fit=true>
                <Tag>{kind}</Tag>
            </Cell>
            {about}
            <Cell label="Recovery" fit=true>
                <StatusBadge status=policy />
            </Cell>
            <Cell label="Occurred" fit=true>
                <Timestamp at now />
            </Cell>
        </Row>
    }
    .into_any()
}

fn about(page: &Page, incident: &Incident, named: &HashMap<AutomationId, Automation>) -> AnyView {
    let automation = incident.automation.and_then(|id| named.get(&id));
    let name = automation.map(|automation| automation.name.clone());
    let run = incident.run.map(|run| mentions::run(&page.place, run));
    let none = || view! { <span class="quiet">"None"</span> }.into_any();
    view! {
        <Cell label="Definition">
            {name.map_or_else(none, IntoAny::into_any)}
        </Cell>
        <Cell label="Run" fit=true>
            {run.unwrap_or_else(none)}
        </Cell>
    }
    .into_any()
}

/// What the title leaves open: the one sentence, and which step it was.
fn message(incident: &Incident) -> String {
    let said = Some(&incident.facts.message);
    let said = said.filter(|message| **message != incident.presentation.happened).cloned();
    let step = incident.facts.step.map(|step| format!("Step {}", format::count(step)));
    [step, said].into_iter().flatten().collect::<Vec<_>>().join(": ")
}
