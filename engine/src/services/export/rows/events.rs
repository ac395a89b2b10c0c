//! Trigger events, and how many runs came of each.

use std::borrow::Cow;

use crate::{export::Cell, store::HeardEvent};

pub(super) const COLUMNS: &[&str] = &[
    "id",
    "kind",
    "source",
    "external_id",
    "type",
    "subject_kind",
    "subject_key",
    "occurred_at",
    "received_at",
    "trace",
    "runs",
    "payload",
];

pub(super) fn cells(heard: &HeardEvent) -> [Cell<'_>; COLUMNS.len()] {
    let event = &heard.event;
    let subject = event.subject.as_ref();
    [
        Cell::id(event.id),
        Cell::text(event.kind.as_str()),
        Cell::text(&event.source),
        Cell::text(&event.external_id),
        Cell::text(&event.event_type),
        Cell::maybe(subject, |subject| Cell::text(&subject.kind)),
        Cell::maybe(subject, |subject| Cell::text(&subject.key)),
        Cell::Time(event.occurred_at),
        Cell::Time(event.received_at),
        Cell::maybe(event.trace.as_ref(), Cell::id),
        Cell::Number(heard.runs),
        Cell::Json(Cow::Borrowed(&event.payload)),
    ]
}
