//! The subject and the result of an item, and the key that makes its effect happen once.

use domain::{effect::ActionerClass, item::Item, time};
use engine::services::ItemDetail;
use leptos::prelude::*;

use super::super::{addresses, words};
use crate::{
    components::{
        digest::Digest,
        key_value::{Entry, KeyValue},
        panel::Panel,
        tag::Tag,
        timestamp::{Precision, Timestamp},
    },
    context::Page,
    format,
};

/// What it is about and what came of it.
pub fn subject(page: &Page, detail: &ItemDetail) -> AnyView {
    let ItemDetail { item, run, automation, subject, .. } = detail;
    let place = &page.place;
    let result = detail.result.as_ref().map(|record| {
        let href = addresses::record(place, &record.kind, &record.key);
        view! {
            <Entry term="Result">
                <a href=href>{record.reference().to_string()}</a>
            </Entry>
        }
    });
    let now = page.now;
    let time = |term: &'static str, at: Option<domain::Timestamp>| {
        at.map(|at| {
            view! {
                <Entry term>
                    <Timestamp at now precision=Precision::Second />
                </Entry>
            }
        })
    };
    let length = item.started_at.zip(item.ended_at).map(|(from, to)| format::duration(to - from));
    view! {
        <Panel title="Item" boxed=true>
            <KeyValue>
                <Entry term="Subject">
                    <a href=addresses::record(
                        place,
                        &subject.kind,
                        &subject.key,
                    )>{item.subject_kind.clone()} "/" {item.subject_key.clone()}</a>
                    {(subject.updated_at > item.created_at)
                        .then(|| view! { <span class="quiet">" · changed since"</span> })}
                </Entry>
                {result}
                <Entry term="Action">
                    <code>{item.actioner.clone()}</code>
                </Entry>
                <Entry term="Definition">
                    <a href=addresses::definition(place, &automation.key)>
                        {automation.name.clone()}
                    </a>
                    ", "
                    <a href=addresses::version(
                        place,
                        &automation.key,
                        run.version,
                    )>"version " {run.version}</a>
                </Entry>
                <Entry term="Round">{item.round}</Entry>
                {time("Matched", Some(item.created_at))}
                {time("Started", item.started_at)}
                {time("Ended", item.ended_at)}
                {length.map(|length| view! { <Entry term="Took">{length}</Entry> })}
                <Entry term="Id">
                    <Digest value=item.id.to_string() whole=true />
                </Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}

/// The promise of the action and what keeps it.
pub fn key(page: &Page, detail: &ItemDetail) -> AnyView {
    let item = &detail.item;
    let digest = |value: &Option<String>| match value.clone() {
        Some(value) => view! { <Digest value whole=true /> }.into_any(),
        None => view! { <span class="quiet">"None yet: nothing was resolved"</span> }.into_any(),
    };
    let evidence = item.replay_evidence.map(|evidence| {
        view! {
            <Entry term="Evidence">
                {format::label(evidence.as_str())}
                <p class="muted small">{words::evidence_means(evidence)}</p>
            </Entry>
        }
    });
    view! {
        <Panel title="Done once" boxed=true>
            <KeyValue>
                <Entry term="Class">
                    <Tag>{item.class.as_str()}</Tag>
                    <p class="muted small">{words::class_means(item.class)}</p>
                </Entry>
                <Entry term="Idempotency key">{digest(&item.effect_key)}</Entry>
                <Entry term="Input digest">{digest(&item.input_digest)}</Entry>
                {window(page, item)}
                {evidence}
                <Entry term="Actioner called">
                    {if item.invoked { "Yes, at least once" } else { "Never" }}
                </Entry>
                <Entry term="Attempts">
                    {format::count(item.attempt)}
                    {(item.round > 0)
                        .then(|| {
                            format!(", {} in round {}", format::count(item.tries), item.round)
                        })}
                </Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}

/// Until when the receiver honours the key.
fn window(page: &Page, item: &Item) -> Option<AnyView> {
    let ActionerClass::KeyedRemote { window_seconds } = item.class else { return None };
    let (now, precision) = (page.now, Precision::Second);
    let length = format::duration(time::seconds(window_seconds));
    let honoured = item.first_sent_at.map(|sent| {
        let until = time::later(sent, time::seconds(window_seconds));
        let word = match item.class.key_honoured(Some(sent), now) {
            true => "Honoured until ",
            false => "No longer honoured since ",
        };
        view! {
            <Entry term="First sent">
                <Timestamp at=sent now precision />
            </Entry>
            <Entry term="Key">{word} <Timestamp at=until now precision /></Entry>
        }
    });
    Some(
        view! {
            <Entry term="Key window">{length}</Entry>
            {honoured}
        }
        .into_any(),
    )
}
