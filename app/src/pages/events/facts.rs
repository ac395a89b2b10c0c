//! What is known of a trigger event, on its own page and on the page of a run.

use domain::trigger::TriggerEvent;
use leptos::prelude::*;

use crate::{
    components::{
        digest::Digest,
        json_view::JsonView,
        key_value::{Entry, KeyValue},
        panel::Panel,
        tag::Tag,
        timestamp::{Precision, Timestamp},
    },
    context::Page,
};

/// Everything about an event but what came of it; `linked` where it has a page besides this one.
pub fn panel(page: &Page, event: &TriggerEvent, linked: bool) -> AnyView {
    let now = page.now;
    let [happened, received] = [event.occurred_at, event.received_at]
        .map(|at| view! { <Timestamp at now precision=Precision::Second /> });
    let subject = event.subject.as_ref().map(|subject| {
        let href = page.place.record(&subject.kind, &subject.key);
        let words = subject.to_string();
        view! {
            <Entry term="Subject">
                <a href=href>{words}</a>
            </Entry>
        }
    });
    let (kind, id) = (event.kind.as_str(), event.id.to_string());
    let (event_type, source, external_id) =
        (event.event_type.clone(), event.source.clone(), event.external_id.clone());
    let payload = payload(event);
    let actions = linked.then(|| {
        let href = page.place.event(event.id);
        view! { <a href=href>"What else came of it"</a> }.into_any()
    });
    let trace = event.trace.map(|trace| {
        view! {
            <Entry term="Trace">
                <Digest value=trace.to_string() whole=true />
            </Entry>
        }
    });
    view! {
        <Panel title="Trigger event" boxed=true actions>
            <KeyValue>
                <Entry term="Kind">
                    <Tag>{kind}</Tag>
                </Entry>
                <Entry term="Type">{event_type}</Entry>
                <Entry term="Source">{source}</Entry>
                {subject}
                <Entry term="Happened">{happened}</Entry>
                <Entry term="Received">{received}</Entry>
                <Entry term="Its id there">
                    <span class="run-id">{external_id}</span>
                </Entry>
                {trace}
                <Entry term="Id">
                    <Digest value=id whole=true />
                </Entry>
            </KeyValue>
            {payload}
        </Panel>
    }
    .into_any()
}

fn payload(event: &TriggerEvent) -> AnyView {
    if event.is_pruned() {
        let words = "It was pruned with the detail of the runs it brought about.";
        return view! { <p class="runs-hint">{words}</p> }.into_any();
    }
    let value = event.payload.clone();
    match value.as_object().is_some_and(serde_json::Map::is_empty) {
        true => view! { <p class="runs-hint">"It came without a payload."</p> }.into_any(),
        false => view! { <JsonView label="Payload" value /> }.into_any(),
    }
}
