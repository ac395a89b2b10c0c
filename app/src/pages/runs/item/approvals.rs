//! What people were asked about an item.

use domain::approval::Approval;
use leptos::prelude::*;

use super::super::words::approval_status;
use crate::{
    components::{
        data_table::{Cell, Column, DataTable, HeadCell, Row},
        panel::Panel,
        status_badge::StatusBadge,
        timestamp::Timestamp,
    },
    context::Page,
    format,
};

/// The panel; nothing where nobody was asked.
pub fn show(page: &Page, approvals: &[Approval]) -> Option<AnyView> {
    if approvals.is_empty() {
        return None;
    }
    let columns = ["Question", "Status", "Asked by", "Asked", "Decided"].map(Column::new);
    let rows = approvals.iter().map(|approval| row(page, approval)).collect_view();
    Some(
        view! {
            <Panel title="Approvals">
                <DataTable caption="Approvals about this item" columns=columns.into()>
                    {rows}
                </DataTable>
            </Panel>
        }
        .into_any(),
    )
}

fn row(page: &Page, approval: &Approval) -> AnyView {
    let now = page.now;
    let (asked, decided) = (approval.requested_at, approval.decided_at);
    let href = page.place.approval(approval.id);
    let (question, status) = (approval.question.clone(), approval_status(approval.status));
    let by = format::label(approval.kind.as_str());
    view! {
        <Row>
            <HeadCell href>{question}</HeadCell>
            <Cell label="Status" fit=true>
                <StatusBadge status />
            </Cell>
            <Cell label="Asked by" fit=true>
                {by}
            </Cell>
            <Cell label="Asked" fit=true>
                <Timestamp at=asked now />
            </Cell>
            <Cell label="Decided" fit=true>
                {decided.map(|at| view! { <Timestamp at now /> })}
            </Cell>
        </Row>
    }
    .into_any()
}
