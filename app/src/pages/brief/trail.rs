//! What people decided and changed, and the log that says so.

use std::collections::BTreeMap;

use domain::{
    approval::{ApprovalKind, ApprovalStatus},
    canonical::hex,
};
use engine::services::{AuditRoot, Brief};
use leptos::prelude::*;

use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        key_value::{Entry, KeyValue},
        panel::Panel,
        timestamp::Timestamp,
    },
    context::Page,
    format,
    pages::mentions::{self, Names},
};

/// Approvals that ended in the period, those still open, and the reasons that were given.
pub fn approvals(brief: &Brief) -> AnyView {
    if brief.approvals.is_empty() {
        return view! {
            <Panel title="Approvals">
                <p>"No approval was asked for or decided in this period."</p>
            </Panel>
        }
        .into_any();
    }
    let mut kinds: BTreeMap<ApprovalKind, BTreeMap<ApprovalStatus, i64>> = BTreeMap::new();
    for count in &brief.approvals {
        *kinds.entry(count.kind).or_default().entry(count.status).or_default() += count.approvals;
    }
    let mut columns = vec![Column::new("Asked")];
    columns.extend(STATUSES.map(|(_, label)| Column::number(label)));
    let row = |(kind, counts): (&ApprovalKind, &BTreeMap<ApprovalStatus, i64>)| {
        let cells = STATUSES.map(|(status, label)| {
            let n = counts.get(&status).copied().unwrap_or(0);
            view! {
                <Cell label align=Align::End>
                    {format::count(n)}
                </Cell>
            }
        });
        let kind = asked(*kind);
        view! {
            <Row>
                <HeadCell>{kind}</HeadCell>
                {cells.collect_view()}
            </Row>
        }
    };
    let rows = kinds.iter().map(row).collect_view();
    let reasons = reasons(brief);
    view! {
        <Panel title="Approvals">
            <div class="stack">
                <DataTable caption="Approvals by what they were about" columns>
                    {rows}
                </DataTable>
                {reasons}
            </div>
        </Panel>
    }
    .into_any()
}

const STATUSES: [(ApprovalStatus, &str); 5] = [
    (ApprovalStatus::Approved, "Approved"),
    (ApprovalStatus::Dismissed, "Dismissed"),
    (ApprovalStatus::Expired, "Expired"),
    (ApprovalStatus::Withdrawn, "Withdrawn"),
    (ApprovalStatus::Open, "Still open"),
];

const fn asked(kind: ApprovalKind) -> &'static str {
    match kind {
        ApprovalKind::BeforeAction => "Before an action",
        ApprovalKind::Question => "By an actioner, after looking",
        ApprovalKind::Retry => "Before a retry",
        ApprovalKind::Policy => "By a policy",
    }
}

fn reasons(brief: &Brief) -> Option<AnyView> {
    if brief.reasons.is_empty() {
        return None;
    }
    let columns = vec![Column::new("Reason"), Column::new("Decision"), Column::number("Decisions")];
    let rows = brief.reasons.iter().map(|count| {
        let reason = match count.reason.is_empty() {
            true => view! { <span class="quiet">"none given"</span> }.into_any(),
            false => view! { <span class="brief-reason">{count.reason.clone()}</span> }.into_any(),
        };
        let decisions = format::count(count.decisions);
        let verdict = format::label(count.verdict.as_str());
        view! {
            <Row>
                <HeadCell>{reason}</HeadCell>
                <Cell label="Decision">{verdict}</Cell>
                <Cell label="Decisions" align=Align::End>
                    {decisions}
                </Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    Some(
        view! {
            <DataTable caption="Reasons of the decisions" columns>
                {rows}
            </DataTable>
        }
        .into_any(),
    )
}

/// Versions that came into effect.
pub fn changes(page: &Page, brief: &Brief, names: &Names) -> AnyView {
    if brief.changes.is_empty() {
        return view! {
            <Panel title="Changes to definitions">
                <p>"No definition was changed in this period."</p>
            </Panel>
        }
        .into_any();
    }
    let columns = vec![
        Column::new("Definition"),
        Column::number("Version"),
        Column::new("In effect since"),
        Column::new("By"),
        Column::new("Digest"),
    ];
    let now = page.now;
    let rows = brief.changes.iter().map(|(change, name)| {
        let (name, at) = (name.clone(), change.at);
        let (number, by) = (change.number.to_string(), mentions::member(names, change.by));
        let digest = format::short_digest(&change.digest);
        view! {
            <Row>
                <HeadCell>
                    <span class="runs-name">{name}</span>
                </HeadCell>
                <Cell label="Version" align=Align::End>
                    {number}
                </Cell>
                <Cell label="In effect since">
                    <Timestamp at now />
                </Cell>
                <Cell label="By">{by}</Cell>
                <Cell label="Digest">
                    <code>{digest}</code>
                </Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    let note = format::plural(brief.changes.len() as i64, "version", "versions");
    view! {
        <Panel title="Changes to definitions" note>
            <DataTable caption="Versions that came into effect" columns>
                {rows}
            </DataTable>
        </Panel>
    }
    .into_any()
}

/// What the log amounts to now, and how anybody can count it again.
pub fn log(page: &Page, root: Option<AuditRoot>) -> AnyView {
    let Some(AuditRoot { size, root }) = root else {
        return view! {
            <Panel title="Audit log">
                <p>"Its size and root are printed for members who may read the log."</p>
            </Panel>
        }
        .into_any();
    };
    let entries = format::count(i64::try_from(size).unwrap_or(i64::MAX));
    let (root, at) = (hex(&root), format::absolute(page.now));
    view! {
        <Panel title="Audit log" boxed=true>
            <KeyValue>
                <Entry term="As of">{at}</Entry>
                <Entry term="Entries">{entries}</Entry>
                <Entry term="Root of the tree">
                    <code class="brief-root">{root}</code>
                </Entry>
            </KeyValue>
            <p class="small brief-note">
                "Every act above is an entry of the log. The root stands for exactly these entries in \
                 this order: to verify, " <code>"assize doctor"</code>
                " counts the whole log again and compares; a log with a changed, missing or added \
                 entry has another root."
            </p>
        </Panel>
    }
    .into_any()
}
