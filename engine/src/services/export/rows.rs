//! The columns of every list, and what stands in them. Names are stable; new columns come last.

use std::{borrow::Cow, io};

use domain::{
    Timestamp,
    approval::{Approval, Decision},
    audit::Entry,
    automation::Automation,
    export::ListName,
    item::Item,
    problem::Failure,
    record::Record,
    run::Run,
};
use serde_json::json;

use crate::{export::Cell, services::leaf_digest};

const RUNS: &[&str] = &[
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
];

const ITEMS: &[&str] = &[
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

const APPROVALS: &[&str] = &[
    "id",
    "run",
    "item",
    "kind",
    "status",
    "question",
    "actioner",
    "parameters",
    "action_digest",
    "rule",
    "requested_by",
    "requested_at",
    "expires_at",
    "decided_at",
    "decisions",
];

const RECORDS: &[&str] =
    &["id", "kind", "key", "revision", "created_at", "updated_at", "created_by_item", "attributes"];

const AUDIT: &[&str] = &[
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

/// The names of a list's columns.
pub(super) const fn columns(list: ListName) -> &'static [&'static str] {
    match list {
        ListName::Runs => RUNS,
        ListName::Items => ITEMS,
        ListName::Approvals => APPROVALS,
        ListName::Records => RECORDS,
        ListName::Audit => AUDIT,
    }
}

/// An approval with the decisions on it.
pub(super) struct ApprovalRow {
    pub approval: Approval,
    pub decisions: Vec<Decision>,
}

/// Some rows of a list.
pub(super) enum Page {
    Runs(Vec<(Run, Option<Automation>)>),
    Items(Vec<Item>),
    Approvals(Vec<ApprovalRow>),
    Records(Vec<Record>),
    Entries(Vec<Entry>),
}

impl Page {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Runs(rows) => rows.len(),
            Self::Items(rows) => rows.len(),
            Self::Approvals(rows) => rows.len(),
            Self::Records(rows) => rows.len(),
            Self::Entries(rows) => rows.len(),
        }
    }

    /// Gives the cells of each row.
    pub(super) fn each(
        &self,
        mut give: impl FnMut(&[Cell<'_>]) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Self::Runs(rows) => rows.iter().try_for_each(|(r, a)| give(&run(r, a.as_ref()))),
            Self::Items(rows) => rows.iter().try_for_each(|row| give(&item(row))),
            Self::Approvals(rows) => rows.iter().try_for_each(|row| give(&approval(row))),
            Self::Records(rows) => rows.iter().try_for_each(|row| give(&record(row))),
            Self::Entries(rows) => rows.iter().try_for_each(|row| give(&entry(row))),
        }
    }
}

fn run<'a>(run: &'a Run, automation: Option<&'a Automation>) -> [Cell<'a>; RUNS.len()] {
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
    ]
}

fn item(item: &Item) -> [Cell<'_>; ITEMS.len()] {
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

fn approval(row: &ApprovalRow) -> [Cell<'_>; APPROVALS.len()] {
    let ApprovalRow { approval, decisions } = row;
    [
        Cell::id(approval.id),
        Cell::id(approval.run),
        Cell::id(approval.item),
        Cell::text(approval.kind.as_str()),
        Cell::text(approval.status.as_str()),
        Cell::text(&approval.question),
        Cell::text(&approval.actioner),
        Cell::Json(Cow::Borrowed(&approval.parameters)),
        Cell::text(&approval.action_digest),
        Cell::Json(Cow::Owned(json!(approval.rule))),
        Cell::maybe(approval.requested_by, Cell::id),
        Cell::Time(approval.requested_at),
        Cell::Time(approval.expires_at),
        Cell::maybe(approval.decided_at, Cell::Time),
        Cell::Json(Cow::Owned(decisions.iter().map(said).collect())),
    ]
}

fn said(decision: &Decision) -> serde_json::Value {
    json!({
        "id": decision.id,
        "member": decision.member,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "decided_at": domain::audit::instant(decision.decided_at),
    })
}

fn record(record: &Record) -> [Cell<'_>; RECORDS.len()] {
    [
        Cell::id(record.id),
        Cell::text(&record.kind),
        Cell::text(&record.key),
        Cell::Number(record.revision),
        Cell::Time(record.created_at),
        Cell::Time(record.updated_at),
        Cell::maybe(record.created_by_item, Cell::id),
        Cell::Json(Cow::Borrowed(&record.attributes)),
    ]
}

fn entry(entry: &Entry) -> [Cell<'_>; AUDIT.len()] {
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

fn cause(failure: Option<&Failure>) -> [Cell<'_>; 3] {
    match failure {
        None => [Cell::Empty, Cell::Empty, Cell::Empty],
        Some(failure) => [
            Cell::text(failure.kind.as_str()),
            Cell::text(&failure.code),
            Cell::text(&failure.message),
        ],
    }
}

fn between<'a>(from: Option<Timestamp>, to: Option<Timestamp>) -> Cell<'a> {
    Cell::maybe(from.zip(to), |(from, to)| Cell::Length(to - from))
}
