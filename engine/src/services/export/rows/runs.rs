//! Runs.

use domain::{automation::Automation, run::Run};

use super::{between, cause};
use crate::export::Cell;

pub(super) const COLUMNS: &[&str] = &[
    "id",
    "definition",
    "definition_name",
    "version",
    "status",
    "trigger",
    "trigger_event",
    "round",
    "created_at",
    "started_at",
    "completed_at",
    "duration_seconds",
    "subjects_matched",
    "actions_invoked",
    "open",
    "succeeded",
    "failed",
    "skipped",
    "awaiting_approval",
    "idempotent_replay",
    "failure_kind",
    "failure_code",
    "failure_message",
    "cancel_requested_at",
    "cancel_requested_by",
    "cancel_reason",
    "kind",
    "reported_steps",
    "reported_failed_steps",
    "pruned_at",
    "pruned_under",
];

pub(super) fn cells<'a>(
    run: &'a Run,
    automation: Option<&'a Automation>,
) -> [Cell<'a>; COLUMNS.len()] {
    let Run { counts, failure, cancel, .. } = run;
    let [kind, code, message] = cause(failure.as_ref());
    [
        Cell::id(run.id),
        Cell::maybe(automation, |automation| Cell::text(&automation.key)),
        Cell::maybe(automation, |automation| Cell::text(&automation.name)),
        Cell::Number(run.version),
        Cell::text(run.status.as_str()),
        Cell::text(run.trigger_kind.as_str()),
        Cell::id(run.trigger_event),
        Cell::Number(run.round),
        Cell::Time(run.created_at),
        Cell::maybe(run.started_at, Cell::Time),
        Cell::maybe(run.completed_at, Cell::Time),
        between(run.started_at, run.completed_at),
        Cell::Number(counts.subjects_matched),
        Cell::Number(counts.actions_invoked),
        Cell::Number(counts.open),
        Cell::Number(counts.succeeded),
        Cell::Number(counts.failed),
        Cell::Number(counts.skipped),
        Cell::Number(counts.awaiting_approval),
        Cell::Number(counts.idempotent_replay),
        kind,
        code,
        message,
        Cell::maybe(cancel.as_ref(), |cancel| Cell::Time(cancel.at)),
        Cell::maybe(cancel.as_ref().and_then(|cancel| cancel.by), Cell::id),
        Cell::maybe(cancel.as_ref(), |cancel| Cell::text(&cancel.reason)),
        Cell::text(run.kind().as_str()),
        Cell::maybe(run.told, |told| Cell::Number(told.steps)),
        Cell::maybe(run.told, |told| Cell::Number(told.failed_steps)),
        Cell::maybe(run.pruned.as_ref(), |pruned| Cell::Time(pruned.at)),
        Cell::maybe(run.pruned.as_ref(), |pruned| Cell::text(&pruned.under)),
    ]
}
