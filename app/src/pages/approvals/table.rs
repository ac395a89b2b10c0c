//! The tables of approvals: those to decide, and those that are over.

use domain::{
    approval::{Approval, ApprovalStatus},
    permission::Permission,
};
use leptos::prelude::*;

use super::{facts::Facts, obstacle, refusal, ticket::Ticket, words};
use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        timestamp::Timestamp,
    },
    context::Page,
};

/// Open approvals with a box each; `all` ticks every one the member may decide.
pub fn selectable(page: &Page, approvals: &[Approval], facts: &Facts, all: bool) -> AnyView {
    let mut columns = vec![Column::new("Select")];
    columns.extend(open_columns());
    let rows = approvals
        .iter()
        .map(|approval| {
            let checkbox = checkbox(page, approval, facts, all);
            let (head, cells) = (head(page, approval), open_cells(page, approval, facts));
            view! {
                <Row>
                    <Cell label="Select" fit=true>
                        {checkbox}
                    </Cell>
                    {head}
                    {cells}
                </Row>
            }
        })
        .collect_view();
    view! {
        <div class="approvals-table">
            <DataTable caption="Open approvals" columns>
                {rows}
            </DataTable>
        </div>
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
    let rows = approvals
        .iter()
        .map(|approval| {
            let cells = match open {
                true => open_cells(page, approval, facts),
                false => closed_cells(page, approval, facts),
            };
            let head = head(page, approval);
            view! { <Row>{head} {cells}</Row> }
        })
        .collect_view();
    view! {
        <div class="approvals-table">
            <DataTable caption=format!("Approvals that are {status}") columns>
                {rows}
            </DataTable>
        </div>
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
    let label = match &obstacle {
        Some(why) => format!("{label}: not possible. {why}"),
        None => label,
    };
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

pub(super) fn head(page: &Page, approval: &Approval) -> AnyView {
    let (href, question) = (page.place.approval(approval.id), approval.question.clone());
    view! {
        <HeadCell href>
            <span class="approvals-question">{question}</span>
        </HeadCell>
    }
    .into_any()
}

/// The exact action: the actioner and the record it would act on.
pub(super) fn action(page: &Page, approval: &Approval, facts: &Facts) -> AnyView {
    let (actioner, subject) = (approval.actioner.clone(), facts.subject(&page.place, approval));
    view! {
        <Cell label="Action" fit=true>
            <div>
                <code>{actioner}</code>
                <div>{subject}</div>
            </div>
        </Cell>
    }
    .into_any()
}

/// Who asked, and when: the same for all.
fn asked(page: &Page, approval: &Approval, facts: &Facts) -> AnyView {
    let (now, at) = (page.now, approval.requested_at);
    let automation = facts.automation(&page.place, approval);
    let asker = facts.member(approval).map(|name| format!("{name}, "));
    let kind = words::kind(approval.kind);
    view! {
        <Cell label="Asked by" fit=true>
            <div>
                {automation} <div class="approvals-note">{asker}{kind}</div>
            </div>
        </Cell>
        <Cell label="Asked" fit=true>
            <Timestamp at now />
        </Cell>
    }
    .into_any()
}

fn open_cells(page: &Page, approval: &Approval, facts: &Facts) -> AnyView {
    let (now, at) = (page.now, approval.expires_at);
    let by_default = words::by_default(approval.rule.on_expiry);
    let progress = facts.progress(approval);
    let refusal = refusal(page, approval, facts.decisions(approval));
    let stuck = refusal
        .filter(|_| page.may(Permission::DecideApprovals))
        .map(|refusal| view! { <div class="approvals-note">{words::briefly(refusal)}</div> });
    let twice = facts.may_act_twice(page, approval).then(|| {
        view! { <div class="approvals-note" title=words::MAY_ACT_TWICE>"could happen twice"</div> }
    });
    view! {
        {action(page, approval, facts)}
        {asked(page, approval, facts)}
        <Cell label="Expires" fit=true>
            <div>
                <Timestamp at now />
                <div class="approvals-note">{by_default}</div>
            </div>
        </Cell>
        <Cell label="Approved" align=Align::End fit=true>
            <div>{progress} {stuck} {twice}</div>
        </Cell>
    }
    .into_any()
}

fn closed_cells(page: &Page, approval: &Approval, facts: &Facts) -> AnyView {
    let (now, ended) = (page.now, approval.decided_at);
    let progress = facts.progress(approval);
    view! {
        {action(page, approval, facts)}
        {asked(page, approval, facts)}
        <Cell label="Ended" fit=true>
            {ended.map(|at| view! { <Timestamp at now /> })}
        </Cell>
        <Cell label="Approved" align=Align::End fit=true>
            {progress}
        </Cell>
    }
    .into_any()
}
