//! The items of one run.

use std::borrow::Cow;

use domain::item::Item;

use super::{between, cause};
use crate::export::Cell;

pub(super) const COLUMNS: &[&str] = &[
    "id",
    "run",
    "position",
    "subject",
    "subject_kind",
    "subject_key",
    "actioner",
    "state",
    "invoked",
    "round",
    "attempt",
    "skip_reason",
    "failure_kind",
    "failure_code",
    "failure_message",
    "result",
    "replay_evidence",
    "replay_of",
    "parameters",
    "input_digest",
    "effect_key",
    "created_at",
    "started_at",
    "ended_at",
    "duration_seconds",
];

pub(super) fn cells(item: &Item) -> [Cell<'_>; COLUMNS.len()] {
    let [kind, code, message] = cause(item.failure.as_ref());
    let text = |text: &'_ Option<String>| Cell::maybe(text.clone(), Cell::id);
    [
        Cell::id(item.id),
        Cell::id(item.run),
        Cell::Number(item.position),
        Cell::id(item.subject),
        Cell::text(&item.subject_kind),
        Cell::text(&item.subject_key),
        Cell::text(&item.actioner),
        Cell::text(item.state.as_str()),
        Cell::Flag(item.invoked),
        Cell::Number(item.round),
        Cell::Number(item.attempt),
        Cell::maybe(item.skip_reason, |reason| Cell::text(reason.as_str())),
        kind,
        code,
        message,
        Cell::maybe(item.result, Cell::id),
        Cell::maybe(item.replay_evidence, |evidence| Cell::text(evidence.as_str())),
        Cell::maybe(item.replay_of, Cell::id),
        Cell::maybe(item.parameters.as_ref(), |value| Cell::Json(Cow::Borrowed(value))),
        text(&item.input_digest),
        text(&item.effect_key),
        Cell::Time(item.created_at),
        Cell::maybe(item.started_at, Cell::Time),
        Cell::maybe(item.ended_at, Cell::Time),
        between(item.started_at, item.ended_at),
    ]
}
