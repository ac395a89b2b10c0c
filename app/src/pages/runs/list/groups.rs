//! The runs a filter finds, counted by definition from the stored counts.

use domain::{automation::Automation, filter::Order, run::RunStatus};
use engine::{
    services::ServiceError,
    store::{Group, Total},
};
use leptos::prelude::*;

use super::{by_name, empty, frame, query::ListQuery};
use crate::{
    components::{
        data_table::{Cell, Column, DataTable, HeadCell, Row},
        heat_strip::HeatStrip,
        run_totals,
    },
    context::Page,
    format,
};

/// Runs in a strip.
const STRIP: i64 = 20;

/// One definition with what is shown of it.
struct Line {
    automation: Automation,
    group: Group,
    /// Its latest runs whatever the filter, oldest first.
    recent: Vec<RunStatus>,
}

/// The whole list, grouped.
pub async fn show(page: &Page, path: &str, list: &ListQuery) -> Result<AnyView, ServiceError> {
    let groups = page.services.run_groups(page.caller, &list.filter).await?;
    let known = page.services.automations(page.caller).await?;
    let known = by_name(known.iter().map(|known| &known.automation));
    let rows = match groups.is_empty() {
        true => empty::show(page, path, list, &known).await?,
        false => table(path, list, lines(page, groups).await?),
    };
    Ok(frame(page, path, list, &known, rows))
}

async fn lines(page: &Page, groups: Vec<(Automation, Group)>) -> Result<Vec<Line>, ServiceError> {
    let ids: Vec<_> = groups.iter().map(|(automation, _)| automation.id).collect();
    let mut strips = page.services.recent_statuses(page.caller, &ids, STRIP).await?;
    let line = |(automation, group): (Automation, Group)| {
        let recent = strips.remove(&automation.id).unwrap_or_default();
        Line { automation, group, recent }
    };
    Ok(groups.into_iter().map(line).collect())
}

fn table(path: &str, list: &ListQuery, lines: Vec<Line>) -> AnyView {
    let mut columns = vec![Column::new("Definition"), Column::new("Recent runs")];
    columns.extend(run_totals::columns());
    let summary = format!(
        "{}, from counts stored with every change",
        format::plural(lines.len().try_into().unwrap_or(i64::MAX), "definition", "definitions")
    );
    let total = total(&lines);
    let rows = lines.into_iter().map(|line| row(path, list, line)).collect_view();
    view! {
        <div class="runs-groups">
            <DataTable caption="Runs by definition" columns total>
                {rows}
            </DataTable>
            <p class="runs-hint">{summary}</p>
        </div>
    }
    .into_any()
}

fn row(path: &str, list: &ListQuery, line: Line) -> AnyView {
    let Line { automation, group, recent } = line;
    let statuses = run_totals::by_status(&group.total);
    let its_runs = list.grouped(false).filtered(|filter| {
        filter.definitions = vec![automation.key];
        filter.order = Order::Newest;
    });
    let href = its_runs.href(path);
    view! {
        <Row>
            <HeadCell href>
                <span class="runs-name">{automation.name}</span>
                <span class="runs-statuses">{statuses}</span>
            </HeadCell>
            <Cell label="Recent runs" fit=true>
                <HeatStrip runs=recent />
            </Cell>
            {run_totals::cells(&group.total)}
        </Row>
    }
    .into_any()
}

fn total(lines: &[Line]) -> AnyView {
    let total: Total = lines.iter().map(|line| &line.group.total).sum();
    view! {
        <Row>
            <HeadCell>"All of these"</HeadCell>
            <Cell label="">""</Cell>
            {run_totals::cells(&total)}
        </Row>
    }
    .into_any()
}
