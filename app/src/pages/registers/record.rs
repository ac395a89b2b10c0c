//! One record: its attributes, where it comes from, and what automation did about it.

use domain::{
    page::DEFAULT_SIZE,
    record::{Record, RecordRef, check_key, check_kind, register_title},
};
use leptos::prelude::*;

use super::{attributes, history::History};
use crate::{
    components::{
        app_frame::Section,
        digest::Digest,
        key_value::{Entry, KeyValue},
        page_header::{Crumb, PageHeader},
        panel::Panel,
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
        let attributes = attributes::all(&page.place, page.now, &record.attributes);
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
fn lead(record: &Record) -> Option<AnyView> {
    let named = |name: &&str| record.attributes.get(*name)?.as_str();
    let named = ["title", "name", "claim"].iter().find_map(named)?;
    Some(named.to_owned().into_any())
}

fn origin(page: &Page, record: &Record, history: &History) -> AnyView {
    let now = page.now;
    let created = match (record.created_by_item, &history.creator) {
        (Some(_), Some(item)) => {
            let href = page.place.item(item.run, item.id);
            view! {
                <a href=href>{history.automation(item)}</a>
                <span class="quiet">", " <code>{item.actioner.clone()}</code></span>
            }
            .into_any()
        }
        _ => "Imported".into_any(),
    };
    let Record { id, kind, key, revision, created_at, updated_at, .. } = record.clone();
    let entries = mentions::entries(page, "record", &id.to_string());
    let entries = entries.map(|link| view! { <Entry term="In the log">{link}</Entry> });
    view! {
        <KeyValue>
            <Entry term="Kind"><code>{kind}</code></Entry>
            <Entry term="Key"><code>{key}</code></Entry>
            <Entry term="Brought about by">{created}</Entry>
            <Entry term="Created"><Timestamp at=created_at now /></Entry>
            <Entry term="Updated"><Timestamp at=updated_at now /></Entry>
            <Entry term="Revision">{format::count(revision)}</Entry>
            {entries}
            <Entry term="Id"><Digest value=id.to_string() whole=true /></Entry>
        </KeyValue>
    }
    .into_any()
}
