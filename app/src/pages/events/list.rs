//! The trigger events of the workspace, newest first.

use std::collections::HashMap;

use domain::{
    automation::Automation,
    id::{AutomationId, TriggerEventId},
    page::{DEFAULT_SIZE, Seek},
    run::Run,
    trigger::EventFilter,
};
use engine::{services::ExportedList, store::HeardEvent};
use leptos::prelude::*;

use super::{filter, outcome};
use crate::{
    components::{
        app_frame::Section,
        data_table::{Cell, Column, DataTable, HeadCell, Row},
        empty_state::{EmptyState, NothingMatches},
        export_menu::ExportMenu,
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        tag::Tag,
        timestamp::Timestamp,
    },
    context::Page,
    format,
    pages::{
        in_workspace,
        paging::{CURSOR, Paging},
        windows,
    },
};

/// What stands beside the events of a page.
struct Came {
    runs: HashMap<TriggerEventId, Vec<Run>>,
    automations: HashMap<AutomationId, Automation>,
}

/// Governance → Automation → Events.
#[component]
pub fn EventsPage() -> impl IntoView {
    in_workspace(Section::Events, async |page| {
        let pairs = page.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let filter = EventFilter::parse(pairs, &[CURSOR])?;
        let path = page.place.events();
        let paging = Paging::read(&page, path.clone(), filter.pairs())?;
        let (services, caller) = (&page.services, page.caller);
        let found = services.trigger_events(caller, &filter, paging.seek, DEFAULT_SIZE).await?;
        let ids: Vec<_> = found.rows.iter().map(|heard| heard.event.id).collect();
        let came = Came {
            runs: services.runs_of_events(caller, &ids).await?,
            automations: services.automations_by_id(caller).await?,
        };
        let rows = match found.rows.is_empty() {
            true => nothing(&path, &filter, paging.seek),
            false => view! {
                {table(&page, &found.rows, &came)}
                {paging.newest_first(&found, "event", "events")}
            }
            .into_any(),
        };
        let export = page.place.export(&ExportedList::Events(filter.clone()));
        let crumbs = vec![Crumb::group("Governance"), Crumb::group("Automation")];
        Ok(view! {
            <PageHeader
                title="Events"
                crumbs
                lead="What schedules, people and other systems told, once each, and the runs it brought \
                      about. What nobody listened to is kept, too."
                    .into_any()
                actions=view! { <ExportMenu href=export /> }.into_any()
            />
            {windows::line(&page)}
            {filter::bar(&path, &filter)}
            {rows}
        }
        .into_any())
    })
}

fn table(page: &Page, events: &[HeardEvent], came: &Came) -> AnyView {
    let columns = ["Event", "Kind", "Source", "Subject", "What came of it", "Received"];
    let rows = events.iter().map(|heard| row(page, heard, came)).collect_view();
    view! {
        <div class="events-table">
            <DataTable caption="Events" columns=columns.map(Column::new).to_vec()>
                {rows}
            </DataTable>
        </div>
    }
    .into_any()
}

fn row(page: &Page, heard: &HeardEvent, came: &Came) -> AnyView {
    let event = &heard.event;
    let (at, now) = (event.received_at, page.now);
    let href = page.place.event(event.id);
    let (event_type, source) = (event.event_type.clone(), event.source.clone());
    let kind = format::label(event.kind.as_str());
    let subject = event.subject.as_ref().map(|subject| {
        let href = page.place.record(&subject.kind, &subject.key);
        view! { <a href=href>{subject.to_string()}</a> }
    });
    let runs = came.runs.get(&event.id).map(Vec::as_slice).unwrap_or_default();
    let outcome = outcome::line(page, runs, &came.automations);
    view! {
        <Row>
            <HeadCell href>
                <span class="events-type">{event_type}</span>
            </HeadCell>
            <Cell label="Kind" fit=true>
                <Tag>{kind}</Tag>
            </Cell>
            <Cell label="Source">
                <span class="events-source">{source}</span>
            </Cell>
            <Cell label="Subject">{subject}</Cell>
            <Cell label="What came of it">{outcome}</Cell>
            <Cell label="Received" fit=true>
                <Timestamp at now />
            </Cell>
        </Row>
    }
    .into_any()
}

fn nothing(path: &str, filter: &EventFilter, seek: Seek) -> AnyView {
    let path = path.to_owned();
    if filter.narrows() || seek != Seek::First {
        return view! {
            <NothingMatches what="events"
                text="There may be others: the filter above hides them. A source is looked for as a whole." glyph=Glyph::Events clear_href=path />
        }
        .into_any();
    }
    view! {
        <EmptyState
            title="No events yet"
            text="An event appears here as soon as a schedule fires, somebody asks for a run, or another \
                  system tells that something happened."
            glyph=Glyph::Events
        />
    }
    .into_any()
}
