//! Incidents, in their five layers, and what somebody said became of them.

use std::borrow::Cow;

use domain::incident::Incident;
use serde_json::json;

use crate::{export::Cell, services::IncidentList};

pub(super) const COLUMNS: &[&str] = &[
    "id",
    "type",
    "severity",
    "cause",
    "phase",
    "policy",
    "title",
    "happened",
    "means",
    "next",
    "reviewer",
    "definition",
    "run",
    "item",
    "occurred_at",
    "created_at",
    "facts",
    "settled_at",
    "settled_by",
    "note",
];

pub(super) fn cells<'a>(
    incident: &'a Incident,
    list: &'a IncidentList,
) -> [Cell<'a>; COLUMNS.len()] {
    let definition = incident.automation.and_then(|id| list.automations.get(&id));
    let settled = list.settled.get(&incident.id);
    let words = &incident.presentation;
    [
        Cell::id(incident.id),
        Cell::text(incident.kind.as_str()),
        Cell::text(incident.severity.as_str()),
        Cell::text(incident.cause.as_str()),
        Cell::text(incident.phase.as_str()),
        Cell::text(incident.policy.as_str()),
        Cell::text(&words.title),
        Cell::text(&words.happened),
        Cell::text(&words.means),
        Cell::text(&words.next),
        Cell::text(&words.reviewer),
        Cell::maybe(definition, |automation| Cell::text(&automation.key)),
        Cell::maybe(incident.run, Cell::id),
        Cell::maybe(incident.item, Cell::id),
        Cell::Time(incident.occurred_at),
        Cell::Time(incident.created_at),
        Cell::Json(Cow::Owned(json!(incident.facts))),
        Cell::maybe(settled, |settled| Cell::Time(settled.settled_at)),
        Cell::maybe(settled.and_then(|settled| settled.settled_by), Cell::id),
        Cell::maybe(settled, |settled| Cell::text(&settled.note)),
    ]
}
