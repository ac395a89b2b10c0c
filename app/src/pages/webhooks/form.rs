//! The fields of a webhook, empty or as it is.

use domain::webhook::{EventKind, Webhook};
use leptos::prelude::*;

use super::words;
use crate::{
    components::{
        button::{Button, Variant},
        error_summary::ErrorSummary,
        field::{CheckField, TextField},
    },
    context::Page,
};

/// Whether it was this form that was refused, and not another one of the page.
pub(super) fn was_sent(page: &Page) -> bool {
    page.form.values_of("name").next().is_some()
}

/// A form that posts name, address and events to `action`.
pub(super) fn fields(
    page: &Page,
    webhook: Option<&Webhook>,
    action: String,
    confirm: &'static str,
) -> AnyView {
    let (form, sent) = (&page.form, was_sent(page));
    let value = |name: &str, now: Option<&String>| match sent {
        true => form.value(name),
        false => now.cloned().unwrap_or_default(),
    };
    let (name, url) = (
        value("name", webhook.map(|hook| &hook.name)),
        value("url", webhook.map(|hook| &hook.url)),
    );
    let chosen = |event: EventKind| match (sent, webhook) {
        (true, _) => form.values_of("event").any(|sent| sent == event.as_str()),
        (false, Some(webhook)) => webhook.events.contains(&event),
        (false, None) => matches!(event, EventKind::RunFailed | EventKind::IncidentRaised),
    };
    let events = EventKind::LISTENED.map(|event| {
        view! {
            <CheckField name="event" value=event.as_str() checked=chosen(event)>
                {words::event(event)}
                <span class="quiet">": " {words::event_means(event)}</span>
            </CheckField>
        }
    });
    let errors = if sent { form.errors() } else { Vec::new() };
    let (wrong_name, wrong_url) = (form.error("name"), form.error("url"));
    let wrong_events =
        form.error("events").map(|error| view! { <p class="field-error">{error}</p> });
    view! {
        <form class="form" method="post" action=action>
            <ErrorSummary errors />
            <TextField
                name="name"
                label="Name"
                hint="What it is for, such as the channel of the team on call."
                value=name
                error=wrong_name
                required=true
            />
            <TextField
                name="url"
                label="Address"
                hint="Where requests are sent. Its host has to be among the destinations."
                value=url
                error=wrong_url
                required=true
            />
            <fieldset class="field" id="events">
                <legend class="field-label">"It is told of"</legend>
                {wrong_events}
                {events.collect_view()}
            </fieldset>
            <div class="form-actions">
                <Button variant=Variant::Primary>{confirm}</Button>
            </div>
        </form>
    }
    .into_any()
}
