//! The log of deliveries, newest first.

use std::collections::HashMap;

use domain::{
    id::WebhookId,
    page::{DEFAULT_SIZE, Seek},
    webhook::{Delivery, DeliveryFilter, DeliveryState, EventKind, Webhook},
};
use engine::services::ExportedList;
use leptos::prelude::*;

use super::{tabs, words};
use crate::{
    components::{
        app_frame::Section,
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        empty_state::{EmptyState, NothingMatches},
        export_menu::ExportMenu,
        filter_bar::{Chip, Choice, Facet, FilterBar},
        icon::Glyph,
        page_header::PageHeader,
        status_badge::StatusBadge,
        timestamp::Timestamp,
    },
    context::Page,
    format,
    pages::{
        in_workspace,
        mentions::short_id,
        paging::{CURSOR, Paging, with_query},
    },
};

/// The webhooks that deliveries were sent to, by id; one that was removed is not among them.
pub(super) type Receivers = HashMap<WebhookId, Webhook>;

/// Settings → Webhooks → Deliveries.
#[component]
pub fn DeliveriesPage() -> impl IntoView {
    in_workspace(Section::Webhooks, async |page| {
        let pairs = page.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let filter = DeliveryFilter::parse(pairs, &[CURSOR])?;
        let path = page.place.deliveries();
        let paging = Paging::read(&page, path.clone(), filter.pairs())?;
        let (services, caller) = (&page.services, page.caller);
        let found = services.deliveries(caller, &filter, paging.seek, DEFAULT_SIZE).await?;
        let webhooks = services.webhooks(caller).await?;
        let export = page.place.export(&ExportedList::Deliveries(filter.clone()));
        let bar = bar(&path, &filter, &webhooks);
        let receivers: Receivers = webhooks.into_iter().map(|hook| (hook.id, hook)).collect();
        let rows = match found.rows.is_empty() {
            true => nothing(&path, &filter, paging.seek),
            false => view! {
                {table(&page, &found.rows, Some(&receivers))}
                {paging.newest_first(&found, "delivery", "deliveries")}
            }
            .into_any(),
        };
        let lead = "Everything that was sent to a webhook, or will be. The body of a delivery never \
                    changes; every attempt at it is kept.";
        Ok(view! {
            <PageHeader
                title="Deliveries"
                crumbs=super::crumbs(&page)
                lead=lead.into_any()
                actions=view! { <ExportMenu href=export /> }.into_any()
            />
            {tabs(&page, "Deliveries")}
            {bar}
            {rows}
        }
        .into_any())
    })
}

/// Deliveries, one a row; with their receivers where there may be several.
pub(super) fn table(page: &Page, deliveries: &[Delivery], to: Option<&Receivers>) -> AnyView {
    let mut columns = vec![Column::new("Delivery"), Column::new("State")];
    columns.extend(to.map(|_| Column::new("Webhook")));
    columns.extend([Column::new("Last answer"), Column::number("Attempts")]);
    columns.extend([Column::new("Created"), Column::new("Next attempt")]);
    let rows = deliveries.iter().map(|delivery| row(page, delivery, to)).collect_view();
    view! {
        <DataTable caption="Deliveries" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(page: &Page, delivery: &Delivery, to: Option<&Receivers>) -> AnyView {
    let (href, now) = (page.place.delivery(delivery.id), page.now);
    let id = short_id(&delivery.id.to_string());
    let receiver = to.map(|to| {
        let name = to.get(&delivery.webhook).map(|webhook| {
            let (href, name) = (page.place.webhook(webhook.id), webhook.name.clone());
            view! { <a href=href>{name}</a> }.into_any()
        });
        let gone = || view! { <span class="quiet">"Removed"</span> }.into_any();
        view! { <Cell label="Webhook">{name.unwrap_or_else(gone)}</Cell> }
    });
    let none = || view! { <span class="quiet">"–"</span> }.into_any();
    let answer = words::answer(delivery);
    let answer = answer.map_or_else(none, |code| view! { <code>{code}</code> }.into_any());
    let queued = delivery.state == DeliveryState::Queued;
    let next = match delivery.due_at {
        Some(at) if queued => {
            let soon = format::relative(at, now);
            view! { <time datetime=format::machine(at)>{soon}</time> }.into_any()
        }
        None if queued => view! { <span class="quiet">"When enabled"</span> }.into_any(),
        _ => none(),
    };
    let (event, state) = (words::event(delivery.event), words::state(delivery.state));
    let (attempts, created) = (format::count(delivery.attempt), delivery.created_at);
    view! {
        <Row>
            <HeadCell href>
                {event} " " <code class="quiet">{id}</code>
            </HeadCell>
            <Cell label="State" fit=true>
                <StatusBadge status=state />
            </Cell>
            {receiver}
            <Cell label="Last answer" fit=true>
                {answer}
            </Cell>
            <Cell label="Attempts" align=Align::End fit=true>
                {attempts}
            </Cell>
            <Cell label="Created" fit=true>
                <Timestamp at=created now />
            </Cell>
            <Cell label="Next attempt" fit=true>
                {next}
            </Cell>
        </Row>
    }
    .into_any()
}

fn bar(path: &str, filter: &DeliveryFilter, webhooks: &[Webhook]) -> AnyView {
    let state = |state: &DeliveryState| Choice {
        value: state.to_string(),
        label: format::label(state.as_str()),
        count: None,
        selected: filter.states.contains(state),
    };
    let event = |event: &EventKind| Choice {
        value: event.to_string(),
        label: words::event(*event).to_owned(),
        count: None,
        selected: filter.events.contains(event),
    };
    let webhook = |webhook: &Webhook| Choice {
        value: webhook.id.to_string(),
        label: webhook.name.clone(),
        count: None,
        selected: filter.webhook == Some(webhook.id),
    };
    let any = Choice {
        value: String::new(),
        label: "Any".to_owned(),
        count: None,
        selected: filter.webhook.is_none(),
    };
    let facet = |name, label, choices| Facet { name, label, choices };
    let facets = vec![
        facet("state", "State", DeliveryState::ALL.iter().map(state).collect()),
        facet("event", "Event", EventKind::ALL.iter().map(event).collect()),
    ];
    let known = std::iter::once(any).chain(webhooks.iter().map(webhook)).collect();
    let selects = vec![facet("webhook", "Webhook", known)];
    view! {
        <FilterBar
            action=path
            selects
            facets
            chips=chips(path, filter, webhooks)
            clear_href=path
        />
    }
    .into_any()
}

fn chips(path: &str, filter: &DeliveryFilter, webhooks: &[Webhook]) -> Vec<Chip> {
    let pairs = filter.pairs();
    let chip = |(at, (name, value)): (usize, &(&'static str, String))| {
        let others = pairs.iter().enumerate().filter(|(other, _)| *other != at);
        let others: Vec<_> = others.map(|(_, pair)| pair.clone()).collect();
        let named = webhooks.iter().find(|webhook| webhook.id.to_string() == *value);
        let (label, value) = match *name {
            "webhook" => {
                ("Webhook", named.map_or_else(|| short_id(value), |hook| hook.name.clone()))
            }
            "event" => ("Event", value.clone()),
            _ => ("State", format::label(value)),
        };
        Chip { label: label.to_owned(), value, remove_href: with_query(path, &others) }
    };
    pairs.iter().enumerate().map(chip).collect()
}

fn nothing(path: &str, filter: &DeliveryFilter, seek: Seek) -> AnyView {
    let path = path.to_owned();
    if filter.narrows() || seek != Seek::First {
        return view! {
            <NothingMatches what="deliveries" glyph=Glyph::Webhooks clear_href=path />
        }
        .into_any();
    }
    view! {
        <EmptyState
            title="Nothing was sent yet"
            text="A delivery appears here as soon as something happens that a webhook is told of."
            glyph=Glyph::Webhooks
        />
    }
    .into_any()
}
