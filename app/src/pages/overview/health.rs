//! How each automation goes: its latest runs at a glance, and the last quarter of a year in numbers.

use chrono::Days;
use domain::{filter::RunFilter, run::RunStatus};
use engine::services::ServiceError;
use leptos::prelude::*;

use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        heat_strip::HeatStrip,
        panel::Panel,
        status_badge::StatusBadge,
    },
    context::Page,
    format,
    pages::definitions::list::switch,
};

/// Runs in a strip.
const STRIP: i64 = 20;

/// Days in the numbers.
const DAYS: u64 = 90;

/// An automation in numbers.
struct Line {
    name: String,
    href: String,
    enabled: bool,
    recent: Vec<RunStatus>,
    runs: i64,
    failed: i64,
}

pub(super) async fn show(page: &Page) -> Result<AnyView, ServiceError> {
    let lines = lines(page).await?;
    let content = match lines.is_empty() {
        true => view! { <p>"No definition has been applied yet."</p> }.into_any(),
        false => table(lines),
    };
    let note = format!("numbers of the last {DAYS} days");
    Ok(view! { <Panel title="Health by automation" note>{content}</Panel> }.into_any())
}

async fn lines(page: &Page) -> Result<Vec<Line>, ServiceError> {
    let (services, caller) = (&page.services, page.caller);
    let known = services.automations(caller).await?;
    let ids: Vec<_> = known.iter().map(|known| known.automation.id).collect();
    let mut strips = services.recent_statuses(caller, &ids, STRIP).await?;
    let from = page.now.date_naive().checked_sub_days(Days::new(DAYS));
    let recent = RunFilter { from, ..RunFilter::default() };
    let groups = services.run_groups(caller, &recent).await?;
    let line = |known: &engine::store::InEffect| {
        let automation = &known.automation;
        let group = groups.iter().find(|(its, _)| its.id == automation.id);
        let statuses = group.map(|(_, group)| &group.total.statuses);
        let of = |status| statuses.and_then(|all| all.get(&status)).copied().unwrap_or(0);
        Line {
            name: automation.name.clone(),
            href: page.place.health_of(&automation.key),
            enabled: automation.enabled,
            recent: strips.remove(&automation.id).unwrap_or_default(),
            runs: group.map_or(0, |(_, group)| group.total.runs),
            failed: of(RunStatus::Failed) + of(RunStatus::CompletedWithFailures),
        }
    };
    let mut lines: Vec<Line> = known.iter().map(line).collect();
    // Those that fail come first.
    lines.sort_by(|a, b| b.failed.cmp(&a.failed).then_with(|| a.name.cmp(&b.name)));
    Ok(lines)
}

fn table(lines: Vec<Line>) -> AnyView {
    let columns = vec![
        Column::new("Automation"),
        Column::new("Recent runs"),
        Column::number("Runs"),
        Column::number("With failures"),
        Column::new("State"),
    ];
    let rows = lines.into_iter().map(row).collect_view();
    view! {
        <DataTable caption="Health by automation" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(line: Line) -> AnyView {
    let Line { name, href, enabled, recent, runs, failed } = line;
    view! {
        <Row>
            <HeadCell href>{name}</HeadCell>
            <Cell label="Recent runs" fit=true>
                <HeatStrip runs=recent />
            </Cell>
            <Cell label="Runs" align=Align::End fit=true>
                {format::count(runs)}
            </Cell>
            <Cell label="With failures" align=Align::End fit=true>
                {format::count(failed)}
            </Cell>
            <Cell label="State" fit=true>
                <StatusBadge status=switch(enabled) />
            </Cell>
        </Row>
    }
    .into_any()
}
