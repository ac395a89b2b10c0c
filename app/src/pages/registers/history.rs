//! What automation did about a record: every run item it is the subject or the result of.

use std::collections::HashMap;

use domain::{
    automation::Automation,
    id::{RecordId, RunId},
    item::Item,
    page::Page as Rows,
    record::Record,
};
use leptos::prelude::*;

use crate::{
    components::{
        data_table::{Cell, Column, DataTable, EmptyRow, HeadCell, Row},
        pager::Pager,
        panel::Panel,
        status_badge::StatusBadge,
        timestamp::Timestamp,
    },
    context::Page,
    fault::Fault,
    format,
    pages::{mentions, paging::Paging},
};

/// The items about a record, and what they mention.
pub struct History {
    record: RecordId,
    items: Rows<Item>,
    automations: HashMap<RunId, Automation>,
    results: HashMap<RecordId, Record>,
    /// The item that brought the record about.
    pub creator: Option<Item>,
}

impl History {
    pub async fn load(page: &Page, record: &Record, items: Rows<Item>) -> Result<Self, Fault> {
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

    /// What the automation of an item is called.
    pub fn automation(&self, item: &Item) -> String {
        let automation = self.automations.get(&item.run);
        automation.map_or_else(|| item.id.to_string(), |automation| automation.name.clone())
    }

    pub fn view(&self, page: &Page, paging: &Paging) -> AnyView {
        let columns = vec![
            Column::new("Automation"),
            Column::new("Action"),
            Column::new("Outcome"),
            Column::new("Subject"),
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
        let (href, name) = (page.place.item(item.run, item.id), self.automation(item));
        let (actioner, state) = (item.actioner.clone(), item.state);
        let (subject, result) = (self.subject(page, item), self.result(page, item));
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
                <Cell label="Subject">{subject}</Cell>
                <Cell label="Result">{result}</Cell>
                <Cell label="When" fit=true>
                    <Timestamp at now />
                </Cell>
                <Cell label="Run" fit=true>
                    {run}
                </Cell>
            </Row>
        }
        .into_any()
    }

    fn subject(&self, page: &Page, item: &Item) -> AnyView {
        match item.subject == self.record {
            true => this(),
            false => mentions::record(&page.place, &item.subject_kind, &item.subject_key),
        }
    }

    fn result(&self, page: &Page, item: &Item) -> AnyView {
        match item.result.and_then(|result| self.results.get(&result)) {
            Some(result) if result.id == self.record => this(),
            Some(result) => mentions::record(&page.place, &result.kind, &result.key),
            None => view! { <span class="quiet">"–"</span> }.into_any(),
        }
    }
}

fn this() -> AnyView {
    view! { <span class="quiet">"this record"</span> }.into_any()
}
