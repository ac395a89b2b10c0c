//! The items of a run by position, all of them or those of one outcome.

use std::collections::HashMap;

use domain::{
    id::RecordId,
    item::{Item, ItemState},
    record::Record,
    run::Run,
};
use engine::services::{ExportedList, ItemFilter, ServiceError};
use leptos::prelude::*;

use super::address::{Outcome, RunQuery};
use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, EmptyRow, HeadCell, Row},
        export_menu::ExportMenu,
        pager::Pager,
        panel::Panel,
        status_badge::StatusBadge,
        tabs::{Tab, Tabs},
        timestamp::{Precision, Timestamp},
    },
    context::Page,
    format,
};

/// Items a page.
const ROWS: i64 = 50;

/// Tabs, table and steps.
pub async fn show(page: &Page, asked: &RunQuery, run: &Run) -> Result<AnyView, ServiceError> {
    let states = asked.outcome.map(Outcome::states).unwrap_or_default();
    let (items, next) =
        page.services.items(page.caller, run.id, &states, asked.after, ROWS).await?;
    let results: Vec<_> = items.iter().filter_map(|item| item.result).collect();
    let results = page.services.records_by_ids(page.caller, &results).await?;
    let path = page.place.run(run.id);
    let tabs = tabs(&path, asked, run);
    let table = table(page, asked, run, &items, &results);
    let pager = pager(&path, asked, items.len(), next);
    let outcome = asked.outcome.map(|outcome| outcome.as_str().to_owned());
    let export = ExportedList::Items(ItemFilter { run: run.id, outcome });
    let actions = view! { <ExportMenu href=page.place.export(&export) /> }.into_any();
    Ok(view! {
        <Panel title="Items" id="items" actions>
            <Tabs label="Items by outcome" tabs />
            <div class="run-items">{table}</div>
            {pager}
        </Panel>
    }
    .into_any())
}

fn tabs(path: &str, asked: &RunQuery, run: &Run) -> Vec<Tab> {
    let all = Tab {
        label: "All".to_owned(),
        href: RunQuery::items(None).href(path),
        count: Some(run.counts.subjects_matched),
        current: asked.outcome.is_none(),
    };
    let tab = |outcome: Outcome| Tab {
        label: format::label(outcome.as_str()),
        href: RunQuery::items(Some(outcome)).href(path),
        count: Some(count(run, outcome)),
        current: asked.outcome == Some(outcome),
    };
    // A tab that leads to nothing is left out, unless it is the one that was asked for.
    let worth = |tab: &Tab| tab.current || tab.count != Some(0);
    std::iter::once(all).chain(Outcome::ALL.map(tab).into_iter().filter(worth)).collect()
}

fn count(run: &Run, outcome: Outcome) -> i64 {
    let Outcome::Is(state) = outcome else { return run.counts.open };
    let counts = run.counts.outcomes();
    counts.into_iter().find(|(word, _)| *word == state.as_str()).map_or(0, |(_, count)| count)
}

fn table(
    page: &Page,
    asked: &RunQuery,
    run: &Run,
    items: &[Item],
    results: &HashMap<RecordId, Record>,
) -> AnyView {
    let columns = vec![
        Column::new("Subject"),
        Column::new("Outcome"),
        Column::new("Why"),
        Column::new("Result"),
        Column::number("Attempt"),
        Column::new("Ended"),
    ];
    let rows = match items.is_empty() {
        true => {
            let none = none(asked, run);
            view! { <EmptyRow columns=columns.len()>{none}</EmptyRow> }.into_any()
        }
        false => {
            let rows = items.iter().map(|item| row(page, item, results));
            rows.collect_view().into_any()
        }
    };
    view! {
        <DataTable caption="Items of this run" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn none(asked: &RunQuery, run: &Run) -> &'static str {
    match (asked.after, asked.outcome) {
        (Some(_), _) => "No items after this place.",
        (None, Some(_)) => "No item has this outcome now.",
        (None, None) if run.matched => "No subject matched, so there was nothing to do.",
        (None, None) => "Its subjects are still being looked at.",
    }
}

fn row(page: &Page, item: &Item, results: &HashMap<RecordId, Record>) -> AnyView {
    let result = item.result.and_then(|id| results.get(&id)).map(|record| {
        let href = page.place.record(&record.kind, &record.key);
        view! { <a href=href>{record.key.clone()}</a> }
    });
    let now = page.now;
    let ended = item.ended_at.filter(|_| item.state.is_final());
    let href = page.place.item(item.run, item.id);
    let (key, state, why) = (item.subject_key.clone(), item.state, why(item));
    // An item is also taken by a worker to look at it, which is no attempt yet.
    let attempt = if item.invoked { format::count(item.attempt) } else { "–".to_owned() };
    view! {
        <Row>
            <HeadCell href>
                {key}
            </HeadCell>
            <Cell label="Outcome" fit=true>
                <StatusBadge status=state />
            </Cell>
            <Cell label="Why">{why}</Cell>
            <Cell label="Result">{result}</Cell>
            <Cell label="Attempt" align=Align::End fit=true>
                {attempt}
            </Cell>
            <Cell label="Ended" fit=true>
                {ended.map(|at| view! { <Timestamp at now precision=Precision::Second /> })}
            </Cell>
        </Row>
    }
    .into_any()
}

/// The cause of a failure or the reason of a skip, in one line.
fn why(item: &Item) -> AnyView {
    match (item.state, &item.failure, item.skip_reason) {
        (ItemState::Skipped, _, Some(reason)) => {
            view! { <span class="muted">{format::label(reason.as_str())}</span> }.into_any()
        }
        (ItemState::IdempotentReplay, _, _) => item
            .replay_evidence
            .map(|evidence| {
                view! { <span class="muted">{format::label(evidence.as_str())}</span> }
            })
            .into_any(),
        (ItemState::Succeeded, _, _) => ().into_any(),
        (_, Some(failure), _) => {
            let (code, message) = (failure.code.clone(), failure.message.clone());
            view! {
                <span class="run-why">
                    <code>{code}</code>
                    " "
                    {message}
                </span>
            }
            .into_any()
        }
        _ => ().into_any(),
    }
}

/// Items are passed through forwards; there is a way back to the first.
fn pager(path: &str, asked: &RunQuery, shown: usize, next: Option<i64>) -> Option<AnyView> {
    let place = |after: Option<i64>| RunQuery { after, ..RunQuery::items(asked.outcome) };
    let first = asked.after.map(|_| place(None).href(path));
    let next = next.map(|after| place(Some(after)).href(path));
    if first.is_none() && next.is_none() {
        return None;
    }
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    let summary = format!("{} by position", format::plural(shown, "item", "items"));
    Some(
        view! { <Pager summary newer=first older=next words=("First items", "Next items") /> }
            .into_any(),
    )
}
