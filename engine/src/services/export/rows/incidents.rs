//! Incidents, in their five layers.

use std::{borrow::Cow, collections::HashMap};

use domain::{automation::Automation, id::AutomationId, incident::Incident};
use serde_json::json;

use crate::export::Cell;

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
];

pub(super) fn cells<'a>(
    incident: &'a Incident,
    known: &'a HashMap<AutomationId, Automation>,
) -> [Cell<'a>; COLUMNS.len()] {
    let definition = incident.automation.and_then(|id| known.get(&id));
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
    ]
}
