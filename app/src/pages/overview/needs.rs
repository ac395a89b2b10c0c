//! What waits for somebody: incidents nobody has settled by severity, approvals, runs with failures; of
//! each how many, and since when the oldest waits.

use domain::{
    Timestamp,
    approval::ApprovalStatus,
    filter::{Order, RunFilter, TimeBasis},
    incident::{IncidentFilter, IncidentGroup, Severity, Standing},
    page::Seek,
    run::RunStatus,
};
use engine::services::ServiceError;
use leptos::prelude::*;

use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        icon::Glyph,
        panel::Panel,
        status_badge::{Status, StatusBadge},
        timestamp,
        tone::Tone,
    },
    context::Page,
    format,
    pages::{incidents::words, paging::with_query},
};

/// Something that waits.
struct Need {
    status: Status,
    what: &'static str,
    href: String,
    count: i64,
    oldest: Option<Timestamp>,
}

const APPROVALS: Status = Status::new("to decide", Glyph::Approvals, Tone::Warning);
const FAILURES: Status = Status::new("failed", Glyph::Cross, Tone::Danger);

pub(super) async fn show(page: &Page) -> Result<AnyView, ServiceError> {
    let mut needs = incidents(page).await?;
    needs.push(approvals(page).await?);
    needs.push(failures(page).await?);
    needs.retain(|need| need.count > 0);
    let content = match needs.is_empty() {
        true => view! {
            <p>"Nothing: no incident is open, no approval waits, and no run has failures."</p>
        }
        .into_any(),
        false => table(page, needs),
    };
    Ok(view! { <Panel title="What needs you now">{content}</Panel> }.into_any())
}

/// Open incidents, the gravest first.
async fn incidents(page: &Page) -> Result<Vec<Need>, ServiceError> {
    let open = IncidentFilter { standing: Some(Standing::Open), ..IncidentFilter::default() };
    let groups = page.services.incident_groups(page.caller, &open).await?;
    let need = |&severity: &Severity| {
        let its: Vec<&IncidentGroup> = groups.iter().filter(|g| g.severity == severity).collect();
        let shown = IncidentFilter { severities: vec![severity], ..open.clone() };
        Need {
            status: words::severity(severity),
            what: "Incidents nobody has settled",
            href: with_query(&page.place.incidents(), &shown.pairs()),
            count: its.iter().map(|group| group.open).sum(),
            oldest: its.iter().map(|group| group.first_at).min(),
        }
    };
    Ok(Severity::ALL.iter().rev().map(need).collect())
}

async fn approvals(page: &Page) -> Result<Need, ServiceError> {
    let count = page.services.open_approval_count(page.caller).await?;
    let open = ApprovalStatus::Open;
    let longest = page.services.approvals(page.caller, open, Seek::First, 1).await?.rows;
    Ok(Need {
        status: APPROVALS,
        what: "Approvals",
        href: page.place.approvals(),
        count,
        oldest: longest.first().map(|approval| approval.requested_at),
    })
}

/// Runs whose failures nobody has retried to the end.
async fn failures(page: &Page) -> Result<Need, ServiceError> {
    let filter = RunFilter {
        statuses: vec![RunStatus::Failed, RunStatus::CompletedWithFailures],
        ..RunFilter::default()
    };
    let groups = page.services.run_groups(page.caller, &filter).await?;
    let oldest = RunFilter { by: TimeBasis::Completed, order: Order::Oldest, ..filter.clone() };
    let oldest = page.services.runs(page.caller, &oldest, Seek::First, 1).await?.page.rows;
    Ok(Need {
        status: FAILURES,
        what: "Runs with failures",
        href: format!("{}?{}", page.place.runs(), filter.query()),
        count: groups.iter().map(|(_, group)| group.total.runs).sum(),
        oldest: oldest.first().and_then(|run| run.completed_at),
    })
}

fn table(page: &Page, needs: Vec<Need>) -> AnyView {
    let columns = vec![
        Column::new("What"),
        Column::new("State"),
        Column::number("How many"),
        Column::new("Oldest"),
    ];
    let rows = needs.into_iter().map(|need| row(page, need)).collect_view();
    view! {
        <DataTable caption="What needs you now" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(page: &Page, need: Need) -> AnyView {
    let now = page.now;
    let Need { status, what, href, count, oldest } = need;
    let oldest = oldest.map(|at| view! { <timestamp::Timestamp at now /> });
    view! {
        <Row>
            <HeadCell href>{what}</HeadCell>
            <Cell label="State" fit=true>
                <StatusBadge status />
            </Cell>
            <Cell label="How many" align=Align::End fit=true>
                {format::count(count)}
            </Cell>
            <Cell label="Oldest" fit=true>{oldest}</Cell>
        </Row>
    }
    .into_any()
}
