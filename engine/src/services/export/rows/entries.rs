//! The entries of the audit log.

use std::borrow::Cow;

use domain::audit::Entry;

use crate::{export::Cell, services::leaf_digest};

pub(super) const COLUMNS: &[&str] = &[
    "seq",
    "at",
    "actor_kind",
    "actor",
    "verb",
    "object_kind",
    "object",
    "run",
    "leaf_hash",
    "leaf",
    "payload",
];

pub(super) fn cells(entry: &Entry) -> [Cell<'_>; COLUMNS.len()] {
    [
        Cell::Number(entry.seq),
        Cell::Time(entry.at),
        Cell::text(&entry.actor_kind),
        Cell::maybe(entry.actor, Cell::id),
        Cell::text(entry.verb.as_str()),
        Cell::text(&entry.object.kind),
        Cell::text(&entry.object.id),
        Cell::maybe(entry.run, Cell::id),
        Cell::id(leaf_digest(entry)),
        Cell::text(&entry.leaf),
        Cell::maybe(entry.payload.as_ref(), |payload| Cell::Json(Cow::Borrowed(payload))),
    ]
}
