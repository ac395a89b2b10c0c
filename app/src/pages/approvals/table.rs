//! The tables of approvals: those to decide, and those that are over.

use domain::approval::{Approval, ApprovalStatus};
use leptos::prelude::*;

use super::{facts::Facts, obstacle, ticket::Ticket, words};
use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        tag::Tag,
        timestamp::Timestamp,
    },
    context::Page,
};

/// Open approvals with a box each; `all` ticks every one the member may decide.
pub fn selectable(page: &Page, approvals: &[Approval], facts: &Facts, all: bool) -> AnyView {
    let mut columns = vec![Column::new("Select")];
    columns.extend(open_columns());
    let rows = approvals.iter().map(|approval| {
        view! {
            <Row>
                <Cell label="Select" fit=true>
                    {checkbox(page, approval, facts, all)}
                </Cell>
                {head(page, approval)} {open_cells(page, approval, facts)}
            </Row>
        }
    });
    view! {
        <DataTable caption="Open approvals" columns>
            {rows.collect_view()}
        </DataTable>
    }
    .into_any()
}

/// Approvals to read.
pub fn plain(
    page: &Page,
    status: ApprovalStatus,
    approvals: &[Approval],
    facts: &Facts,
) -> AnyView {
    let open = status == ApprovalStatus::Open;
    let columns = if open { open_columns() } else { closed_columns() };
    let rows = approvals.iter().map(|approval| {
        let cells = match open {
            true => open_cells(page, approval, facts),
            false => closed_cells(page, approval, facts),
        };
        view! { <Row>{head(page, approval)} {cells}</Row> }
    });
    view! {
        <DataTable caption=format!("Approvals that are {status}") columns>
            {rows.collect_view()}
        </DataTable>
    }
    .into_any()
}

/// A box that sends the approval with the action that was shown, or why there is none.
fn checkbox(page: &Page, approval: &Approval, facts: &Facts, all: bool) -> AnyView {
    let ticket = Ticket::of(approval).to_string();
    let obstacle = obstacle(page, approval, facts.decisions(approval));
    let sent = page.form.values_of("approval").any(|sent| sent == ticket);
    let checked = obstacle.is_none() && (sent || all);
    let label = format!("Select {} on {}", approval.actioner, facts.subject_text(approval));
    view! {
        <label class="approvals-select" title=obstacle.clone()>
            <input
                type="checkbox"
                name="approval"
                value=ticket
                aria-label=label
                checked=checked
                disabled=obstacle.is_some()
            />
        </label>
    }
    .into_any()
}

fn open_columns() -> Vec<Column> {
    vec![
        Column::new("Question"),
        Column::new("Action"),
        Column::new("Asked by"),
        Column::new("Waiting since"),
        Column::new("Expires"),
        Column::number("Approved"),
    ]
}

fn closed_columns() -> Vec<Column> {
    vec![
        Column::new("Question"),
        Column::new("Action"),
        Column::new("Asked by"),
        Column::new("Asked"),
        Column::new("Ended"),
        Column::number("Approved"),
    ]
}

fn head(page: &Page, approval: &Approval) -> AnyView {
    view! {
        <HeadCell href=page.place.approval(approval.id)>
            <span class="approvals-question">{approval.question.clone()}</span>
        </HeadCell>
    }
    .into_any()
}

/// The exact action, who asked and when: the same for all.
fn asked_cells(page: &Page, approval: &Approval, facts: &Facts) -> AnyView {
    view! {
        <Cell label="Action">
            <code>{approval.actioner.clone()}</code>
            <span class="approvals-subject">{facts.subject(&page.place, approval)}</span>
        </Cell>
        <Cell label="Asked by">
            {facts.asker(&page.place, approval)} " " <Tag>{words::kind(approval.kind)}</Tag>
        </Cell>
        <Cell label="Asked" fit=true>
            <Timestamp at=approval.requested_at now=page.now />
        </Cell>
    }
    .into_any()
}

fn open_cells(page: &Page, approval: &Approval, facts: &Facts) -> AnyView {
    view! {
        {asked_cells(page, approval, facts)}
        <Cell label="Expires" fit=true>
            <Timestamp at=approval.expires_at now=page.now />
            <span class="approvals-default">{words::by_default(approval.rule.on_expiry)}</span>
        </Cell>
        <Cell label="Approved" align=Align::End fit=true>
            {facts.progress(approval)}
        </Cell>
    }
    .into_any()
}

fn closed_cells(page: &Page, approval: &Approval, facts: &Facts) -> AnyView {
    view! {
        {asked_cells(page, approval, facts)}
        <Cell label="Ended" fit=true>
            {approval.decided_at.map(|at| view! { <Timestamp at now=page.now /> })}
        </Cell>
        <Cell label="Approved" align=Align::End fit=true>
            {facts.progress(approval)}
        </Cell>
    }
    .into_any()
}
