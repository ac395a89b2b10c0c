//! The runs of a page, one a row.

use std::collections::HashMap;

use domain::{
    automation::Automation,
    filter::{Order, TimeBasis},
    id::AutomationId,
    rollup::started_order,
    run::{Run, Told},
};
use engine::services::RunList;
use leptos::prelude::*;

use super::{super::words::concern, query::ListQuery};
use crate::{
    components::{
        button::Size,
        counts_bar::CountsBar,
        data_table::{Align, Cell, Column, DataTable, Direction, HeadCell, Row},
        duration::Duration,
        status_badge::{Status, StatusBadge},
        tag::Tag,
        timestamp::Timestamp,
        tone::Tone,
        visually_hidden::VisuallyHidden,
    },
    context::Page,
    format,
};

/// The table.
pub fn show(page: &Page, path: &str, list: &ListQuery, found: &RunList) -> AnyView {
    let completed = list.filter.by == TimeBasis::Completed;
    let rows = found.page.rows.iter().map(|run| row(page, run, &found.automations, completed));
    let rows = rows.collect_view();
    view! {
        <div class="runs-table">
            <DataTable caption="Runs" columns=columns(path, list)>
                {rows}
            </DataTable>
        </div>
    }
    .into_any()
}

fn columns(path: &str, list: &ListQuery) -> Vec<Column> {
    let mut columns = vec![
        Column::new("Definition"),
        Column::new("Status"),
        Column::new("Trigger"),
        time_column("Started", TimeBasis::Started, path, list),
    ];
    if list.filter.by == TimeBasis::Completed {
        columns.push(time_column("Completed", TimeBasis::Completed, path, list));
    }
    columns.extend([
        Column::number("Duration"),
        Column::new("Outcomes"),
        Column::number("Items"),
        Column::number("Invoked"),
    ]);
    columns
}

/// A head that sorts by its time, or turns the order round if that is how the list is sorted.
fn time_column(label: &str, by: TimeBasis, path: &str, list: &ListQuery) -> Column {
    let now = (list.filter.by == by).then_some(list.filter.order);
    let (order, direction) = match now {
        Some(Order::Newest) => (Order::Oldest, Some(Direction::Descending)),
        Some(Order::Oldest) => (Order::Newest, Some(Direction::Ascending)),
        None => (Order::Newest, None),
    };
    let sorted = list.filtered(|filter| {
        filter.by = by;
        filter.order = order;
    });
    Column::new(label).sorted(sorted.href(path), direction)
}

fn row(
    page: &Page,
    run: &Run,
    automations: &HashMap<AutomationId, Automation>,
    completed: bool,
) -> AnyView {
    let name = automations.get(&run.automation).map(|a| a.name.clone()).unwrap_or_default();
    let (now, counts) = (page.now, run.counts);
    let length = run.completed_at.map(|ended| ended - started_order(run));
    let href = page.place.run(run.id);
    let (version, started, told) = (run.version, run.started_at, run.told);
    let (status, concern, tone) = (run.status, concern(run), tone(run).map(Tone::as_str));
    let kind = format::label(run.trigger_kind.as_str());
    let minute = format::minute(started_order(run));
    let completed = completed.then(|| {
        let at = run.completed_at;
        view! {
            <Cell label="Completed" fit=true>
                {at
                    .map_or_else(
                        || view! { <span class="quiet">"Not yet"</span> }.into_any(),
                        |at| view! { <Timestamp at now /> }.into_any(),
                    )}
            </Cell>
        }
    });
    view! {
        <Row>
            <HeadCell href>
                <span class="runs-name">{name}</span>
                " "
                {told.is_none().then(|| view! { <Tag>"v" {version}</Tag> })}
                {told.map(|_| view! { <Tag>"Reported"</Tag> })}
                <VisuallyHidden>", started " {minute}</VisuallyHidden>
            </HeadCell>
            <Cell label="Status" fit=true>
                <span class="runs-status" data-tone=tone>
                    <StatusBadge status />
                    {concern.map(|status| view! { <StatusBadge status /> })}
                </span>
            </Cell>
            <Cell label="Trigger" fit=true>
                <span class="muted">{kind}</span>
            </Cell>
            <Cell label="Started" fit=true>
                {started
                    .map_or_else(
                        || view! { <span class="quiet">"Not yet"</span> }.into_any(),
                        |at| view! { <Timestamp at now /> }.into_any(),
                    )}
            </Cell>
            {completed}
            <Cell label="Duration" align=Align::End fit=true>
                <Duration length />
            </Cell>
            <Cell label="Outcomes">
                {told
                    .map_or_else(
                        || view! { <CountsBar counts size=Size::Small /> }.into_any(),
                        |told| view! { <span class="muted">{steps(told)}</span> }.into_any(),
                    )}
            </Cell>
            <Cell label="Items" align=Align::End fit=true>
                {told.map_or_else(|| format::count(counts.subjects_matched), |_| "–".to_owned())}
            </Cell>
            <Cell label="Invoked" align=Align::End fit=true>
                {told.map_or_else(|| format::count(counts.actions_invoked), |_| "–".to_owned())}
            </Cell>
        </Row>
    }
    .into_any()
}

/// What a reported run says of its steps: nothing of them was executed here.
fn steps(told: Told) -> String {
    let steps = if told.steps == 1 { "step" } else { "steps" };
    let failed = match told.failed_steps {
        0 => String::new(),
        failed => format!(", {} failed", format::count(failed)),
    };
    format!("{} {steps} told{failed}", format::count(told.steps))
}

/// The tone of a row that asks for attention.
fn tone(run: &Run) -> Option<Tone> {
    let tones = [Some(Status::from(run.status)), concern(run)];
    let mut tones = tones.into_iter().flatten().map(|status| status.tone);
    tones.find(|tone| matches!(tone, Tone::Danger | Tone::Warning))
}
