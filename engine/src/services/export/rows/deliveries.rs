//! What was sent to webhooks.

use domain::webhook::Delivery;

use super::cause;
use crate::export::Cell;

pub(super) const COLUMNS: &[&str] = &[
    "id",
    "webhook",
    "event",
    "state",
    "attempts",
    "status",
    "failure_kind",
    "failure_code",
    "failure_message",
    "created_at",
    "due_at",
    "ended_at",
    "body",
];

pub(super) fn cells(delivery: &Delivery) -> [Cell<'_>; COLUMNS.len()] {
    let [kind, code, message] = cause(delivery.failure.as_ref());
    [
        Cell::id(delivery.id),
        Cell::id(delivery.webhook),
        Cell::text(delivery.event.as_str()),
        Cell::text(delivery.state.as_str()),
        Cell::Number(delivery.attempt),
        Cell::maybe(delivery.status, Cell::Number),
        kind,
        code,
        message,
        Cell::Time(delivery.created_at),
        Cell::maybe(delivery.due_at, Cell::Time),
        Cell::maybe(delivery.ended_at, Cell::Time),
        Cell::text(&delivery.body),
    ]
}
