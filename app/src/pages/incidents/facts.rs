//! The first layer of an incident, fact by fact.

use domain::incident::{Facts, Incident, Interruption};
use leptos::prelude::*;

use crate::{
    components::{
        json_view::JsonView,
        key_value::{Entry, KeyValue},
        panel::Panel,
        timestamp::{Precision, Timestamp},
    },
    context::Page,
    format,
};

/// The panel.
pub(super) fn show(page: &Page, incident: &Incident) -> AnyView {
    let facts = &incident.facts;
    let entries = entries(page, facts);
    let message = facts.message.clone();
    let interruption = facts.interruption.as_ref().map(|found| interruption(page, found));
    let context = facts.context.clone().map(|value| {
        view! { <JsonView label="Context" value /> }
    });
    view! {
        <Panel title="Facts" note="what was observed" boxed=true>
            <p class="incident-message">{message}</p>
            <KeyValue>{entries}</KeyValue>
            {interruption}
            {context}
        </Panel>
    }
    .into_any()
}

fn entry(term: &'static str, value: Option<impl IntoView + 'static>) -> Option<AnyView> {
    value.map(|value| view! { <Entry term>{value}</Entry> }.into_any())
}

fn moment(page: &Page, at: Option<domain::Timestamp>) -> Option<AnyView> {
    let now = page.now;
    at.map(|at| view! { <Timestamp at now precision=Precision::Second /> }.into_any())
}

fn entries(page: &Page, facts: &Facts) -> Vec<AnyView> {
    let failure = facts.failure.as_ref();
    let code = failure.map(|failure| view! { <code>{failure.code.clone()}</code> });
    let known = [
        entry("Failure", code),
        entry("Kind", failure.map(|failure| format::label(failure.kind.as_str()))),
        entry("HTTP status", facts.http_status),
        entry("Step", facts.step),
        entry("Actioner", facts.actioner.clone().map(|name| view! { <code>{name}</code> })),
        entry("Class", facts.class.clone()),
        entry("Round", facts.round),
        entry("Attempt", facts.attempt),
        entry("Tries in this round", facts.tries),
        entry("Attempt began", moment(page, facts.started_at)),
        entry("First sent", moment(page, facts.first_sent_at)),
    ];
    known.into_iter().flatten().collect()
}

/// What was gathered about a process that disappeared.
fn interruption(page: &Page, found: &Interruption) -> AnyView {
    let silent = found.silent_ms.map(|ms| format::duration(chrono::TimeDelta::milliseconds(ms)));
    let known = [
        entry("Held by", found.worker.clone()),
        entry("In flight then", Some(format::plural(found.in_flight, "item", "items"))),
        entry("Last durable step", Some(found.last_durable_step.clone())),
        entry("Last heard of", moment(page, found.last_heard_at)),
        entry("Lease ended", moment(page, found.lease_until)),
        entry("Silent for", silent),
        entry("Queued again", Some(if found.queued_again { "Yes" } else { "No" })),
    ];
    let known: Vec<_> = known.into_iter().flatten().collect();
    let past = found.leases.iter().map(|lease| {
        let text = format!(
            "Attempt {} by {}, {} to {}: {}",
            lease.attempt,
            lease.worker,
            format::second(lease.started_at),
            format::second(lease.ended_at),
            lease.ended_as
        );
        view! { <li>{text}</li> }
    });
    let past = past.collect_view();
    let had_others = !found.leases.is_empty();
    view! {
        <h3 class="incident-part">"The process that disappeared"</h3>
        <KeyValue>{known}</KeyValue>
        {had_others.then(|| view! { <ul class="incident-leases">{past}</ul> })}
    }
    .into_any()
}
