//! One record: its attributes, where it comes from, and what automation did about it.

use std::collections::HashMap;

use domain::{
    automation::Automation,
    id::{RecordId, RunId},
    item::Item,
    page::{DEFAULT_SIZE, Page as Rows},
    record::{Record, RecordRef, check_key, check_kind, register_title},
};
use leptos::prelude::*;

use super::attributes;
use crate::{
    components::{
        app_frame::Section,
        data_table::{Cell, Column, DataTable, EmptyRow, HeadCell, Row},
        digest::Digest,
        key_value::{Entry, KeyValue},
        page_header::{Crumb, PageHeader},
        pager::Pager,
        panel::Panel,
        status_badge::StatusBadge,
        timestamp::Timestamp,
    },
    context::Page,
    fault::Fault,
    format,
    pages::{
        in_workspace, mentions,
        paging::{CURSOR, Paging},
    },
};

/// One record.
#[component]
pub fn RecordPage() -> impl IntoView {
    in_workspace(Section::Registers, async |page| {
        page.check_query(&[CURSOR])?;
        let reference = reference(&page)?;
        let record = page.services.record_by_ref(page.caller, &reference).await?;
        let at = page.place.record(&record.kind, &record.key);
        let paging = Paging::read(&page, at, Vec::new())?;
        let items =
            page.services.items_about(page.caller, record.id, paging.seek, DEFAULT_SIZE).await?;
        let history = History::load(&page, &record, items).await?;
        let attributes = attributes::all(&page.place, &record.attributes);
        let (lead, origin) = (lead(&record), origin(&page, &record, &history));
        let crumbs = vec![
            Crumb::to("Registers", page.place.registers()),
            Crumb::to(register_title(&record.kind), page.place.register(&record.kind)),
        ];
        Ok(view! {
            <PageHeader title=record.key crumbs lead />
            <div class="record">
                <Panel title="Attributes" boxed=true>
                    {attributes}
                </Panel>
                <Panel title="The record" boxed=true>
                    {origin}
                </Panel>
            </div>
            {history.view(&page, &paging)}
        }
        .into_any())
    })
}

fn reference(page: &Page) -> Result<RecordRef, Fault> {
    let (kind, key): (String, String) = (page.param("kind")?, page.param("key")?);
    if check_kind(&kind).is_err() || check_key(&key).is_err() {
        return Err(Fault::not_found("record"));
    }
    Ok(RecordRef { kind, key })
}

/// What the record calls itself.
fn lead(record: &Record) -> AnyView {
    let named = ["title", "name", "claim"]
        .iter()
        .find_map(|name| record.attributes.get(*name)?.as_str())
        .unwrap_or_default();
    named.to_owned().into_any()
}

fn origin(page: &Page, record: &Record, history: &History) -> AnyView {
    let now = page.now;
    let created = match (record.created_by_item, &history.creator) {
        (Some(_), Some(item)) => {
            let href = page.place.item(item.run, item.id);
            let by = history.automations.get(&item.run).map(|automation| automation.name.clone());
            view! {
                <a href=href>{by.unwrap_or_else(|| "a run item".to_owned())}</a>
                <span class="quiet">", " <code>{item.actioner.clone()}</code></span>
            }
            .into_any()
        }
        _ => "Imported".into_any(),
    };
    let Record { id, kind, key, revision, created_at, updated_at, .. } = record.clone();
    view! {
        <KeyValue>
            <Entry term="Kind"><code>{kind}</code></Entry>
            <Entry term="Key"><code>{key}</code></Entry>
            <Entry term="Brought about by">{created}</Entry>
            <Entry term="Created"><Timestamp at=created_at now /></Entry>
            <Entry term="Updated"><Timestamp at=updated_at now /></Entry>
            <Entry term="Revision">{format::count(revision)}</Entry>
            <Entry term="Id"><Digest value=id.to_string() whole=true /></Entry>
        </KeyValue>
    }
    .into_any()
}

/// What automation did about a record.
struct History {
    record: RecordId,
    items: Rows<Item>,
    automations: HashMap<RunId, Automation>,
    results: HashMap<RecordId, Record>,
    /// The item that brought the record about.
    creator: Option<Item>,
}

impl History {
    async fn load(page: &Page, record: &Record, items: Rows<Item>) -> Result<Self, Fault> {
        let (services, caller) = (&page.services, page.caller);
        let creators: Vec<_> = record.created_by_item.into_iter().collect();
        let creator = services.items_by_ids(caller, &creators).await?.into_values().next();
        let shown = items.rows.iter().chain(creator.iter());
        let runs: Vec<_> = shown.map(|item| item.run).collect();
        let results: Vec<_> = items.rows.iter().filter_map(|item| item.result).collect();
        Ok(Self {
            record: record.id,
            automations: services.automations_of_runs(caller, &runs).await?,
            results: services.records_by_ids(caller, &results).await?,
            creator,
            items,
        })
    }

    fn view(&self, page: &Page, paging: &Paging) -> AnyView {
        let columns = vec![
            Column::new("Automation"),
            Column::new("Action"),
            Column::new("Outcome"),
            Column::new("Part of this record"),
            Column::new("Result"),
            Column::new("When"),
            Column::new("Run"),
        ];
        let count = columns.len();
        let rows = match self.items.rows.is_empty() {
            true => view! {
                <EmptyRow columns=count>"No automation has acted on this record."</EmptyRow>
            }
            .into_any(),
            false => {
                self.items.rows.iter().map(|item| self.row(page, item)).collect_view().into_any()
            }
        };
        let (newer, older) = paging.beside(&self.items);
        let pager = (newer.is_some() || older.is_some()).then(|| {
            let summary = format::plural(self.items.rows.len() as i64, "item", "items");
            view! { <Pager summary=format!("{summary}, newest first") newer older /> }
        });
        view! {
            <Panel title="What automation did about this record" id="automation" note="newest first">
                <div>
                    <DataTable caption="Run items about this record" columns>
                        {rows}
                    </DataTable>
                    {pager}
                </div>
            </Panel>
        }
        .into_any()
    }

    fn row(&self, page: &Page, item: &Item) -> AnyView {
        let now = page.now;
        let automation = self.automations.get(&item.run).map(|automation| automation.name.clone());
        let part = if item.subject == self.record { "acted on" } else { "brought about" };
        let (href, state) = (page.place.item(item.run, item.id), item.state);
        let name = automation.unwrap_or_else(|| item.id.to_string());
        let (actioner, other) = (item.actioner.clone(), self.other(page, item));
        let at = item.ended_at.unwrap_or(item.created_at);
        let run = mentions::run(&page.place, item.run);
        view! {
            <Row>
                <HeadCell href>{name}</HeadCell>
                <Cell label="Action" fit=true>
                    <code>{actioner}</code>
                </Cell>
                <Cell label="Outcome" fit=true>
                    <StatusBadge status=state />
                </Cell>
                <Cell label="Part" fit=true>{part}</Cell>
                <Cell label="Result">{other}</Cell>
                <Cell label="When" fit=true>
                    <Timestamp at now />
                </Cell>
                <Cell label="Run" fit=true>{run}</Cell>
            </Row>
        }
        .into_any()
    }

    /// The record at the other end of an item: its result, or the subject of what led here.
    fn other(&self, page: &Page, item: &Item) -> AnyView {
        let link = |kind: &str, key: &str| mentions::record(&page.place, kind, key);
        if item.subject != self.record {
            let subject = link(&item.subject_kind, &item.subject_key);
            return view! { <span class="quiet">"from "</span> {subject} }.into_any();
        }
        match item.result.and_then(|result| self.results.get(&result)) {
            Some(result) => link(&result.kind, &result.key),
            None => view! { <span class="quiet">"–"</span> }.into_any(),
        }
    }
}
