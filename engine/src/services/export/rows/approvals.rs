//! Approvals and what was said to them.

use std::borrow::Cow;

use domain::approval::{Approval, Decision};
use serde_json::json;

use crate::export::Cell;

pub(super) const COLUMNS: &[&str] = &[
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

/// An approval with the decisions on it.
pub(in crate::services::export) struct ApprovalRow {
    pub approval: Approval,
    pub decisions: Vec<Decision>,
}

pub(super) fn cells(row: &ApprovalRow) -> [Cell<'_>; COLUMNS.len()] {
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
