//! An entry as a row of the list.

use domain::audit::Entry as Logged;
use leptos::prelude::*;

use super::{object::Objects, saying};
use crate::{
    components::{
        data_table::{Align, Cell, HeadCell, Row},
        timestamp::{Precision, Timestamp},
    },
    context::Page,
    format,
    pages::mentions,
};

/// An entry as a row, which leads to the entry's own page.
pub fn row(page: &Page, entry: &Logged, objects: &Objects) -> AnyView {
    let now = page.now;
    let run = entry.run.map(|run| mentions::run(&page.place, run));
    let (seq, at, href) = (entry.seq, entry.at, page.place.audit_entry(entry.seq));
    let (actor, object) = (actor(entry, objects), objects.link(page, entry));
    let reason = saying::reason(entry).map(|reason| {
        view! { <span class="audit-reason">{reason}</span> }
    });
    let verb = entry.verb.as_str();
    view! {
        <Row>
            <HeadCell href fit=true>
                <span class="audit-seq" id=format!("entry-{seq}")>
                    {format::count(seq)}
                </span>
            </HeadCell>
            <Cell label="Time" fit=true>
                <Timestamp at now precision=Precision::Second />
            </Cell>
            <Cell label="Actor" fit=true>{actor}</Cell>
            <Cell label="Act">
                <div class="audit-entry">
                    <code>{verb}</code>
                    {reason}
                </div>
            </Cell>
            <Cell label="Object" fit=true>{object}</Cell>
            <Cell label="Run" fit=true align=Align::End>{run}</Cell>
        </Row>
    }
    .into_any()
}

fn actor(entry: &Logged, objects: &Objects) -> AnyView {
    match entry.actor {
        Some(member) => mentions::member(&objects.names, Some(member)).into_any(),
        None => view! { <span class="quiet">{entry.actor_kind.clone()}</span> }.into_any(),
    }
}
