//! The subject and the result of an item, and the key that makes its effect happen once.

use domain::{budget::ItemCost, effect::ActionerClass, item::Item, money::Usd, time};
use engine::services::ItemDetail;
use leptos::prelude::*;

use super::super::words;
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
    pages::mentions,
};

/// What it has cost, and what is kept for it while nobody knows whether it acted.
fn spent(cost: ItemCost) -> String {
    match cost.reserved > Usd::default() {
        true => format!("${}, and ${} reserved", cost.spent, cost.reserved),
        false => format!("${}", cost.spent),
    }
}

/// What it is about and what came of it.
pub fn subject(page: &Page, detail: &ItemDetail, cost: Option<ItemCost>) -> AnyView {
    let ItemDetail { item, run, automation, subject, .. } = detail;
    let place = &page.place;
    let link = |kind: &str, key: &str| {
        let href = place.record(kind, key);
        view! { <a href=href>{format!("{kind}/{key}")}</a> }
    };
    let about = link(&subject.kind, &subject.key);
    let changed = subject.updated_at > item.created_at;
    let result = detail.result.as_ref().map(|record| {
        let link = link(&record.kind, &record.key);
        view! { <Entry term="Result">{link}</Entry> }
    });
    let times = [
        ("Matched", Some(item.created_at)),
        ("Started", item.started_at),
        ("Ended", item.ended_at),
    ];
    let times = times.map(|(term, at)| at.map(|at| moment(term, at, page.now)));
    let length = item.started_at.zip(item.ended_at).map(|(from, to)| format::duration(to - from));
    let (action, round, id) = (item.actioner.clone(), item.round, item.id.to_string());
    let entries = mentions::entries(page, "object", &id);
    let entries = entries.map(|link| view! { <Entry term="In the log">{link}</Entry> });
    let (name, number) = (automation.name.clone(), run.version);
    let definition = place.definition(&automation.key);
    let version = place.version(&automation.key, run.version);
    view! {
        <Panel title="Item" boxed=true>
            <KeyValue>
                <Entry term="Subject">
                    {about}
                    {changed.then(|| view! { <span class="quiet">" · changed since"</span> })}
                </Entry>
                {result}
                <Entry term="Action">
                    <code>{action}</code>
                </Entry>
                <Entry term="Definition">
                    <a href=definition>{name}</a>
                    ", "
                    <a href=version>"version " {number}</a>
                </Entry>
                <Entry term="Round">{round}</Entry>
                {times.collect_view()}
                {length.map(|length| view! { <Entry term="Took">{length}</Entry> })}
                {cost.map(|cost| view! { <Entry term="Cost">{spent(cost)}</Entry> })}
                {entries}
                <Entry term="Id">
                    <Digest value=id whole=true />
                </Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}

fn moment(term: &'static str, at: domain::Timestamp, now: domain::Timestamp) -> AnyView {
    view! {
        <Entry term>
            <Timestamp at now precision=Precision::Second />
        </Entry>
    }
    .into_any()
}

/// The promise of the action and what keeps it.
pub fn key(page: &Page, detail: &ItemDetail) -> AnyView {
    let item = &detail.item;
    let (class, invoked) = (item.class, item.invoked);
    let (effect_key, input_digest) = (digest(&item.effect_key), digest(&item.input_digest));
    let window = window(page, item);
    let evidence = item.replay_evidence.map(|evidence| {
        view! {
            <Entry term="Evidence">
                {format::label(evidence.as_str())}
                <p class="muted small">{words::evidence_means(evidence)}</p>
            </Entry>
        }
    });
    let all = i64::try_from(detail.attempts.len()).unwrap_or(i64::MAX);
    let attempts = match item.round {
        0 => format::count(all),
        round => {
            let tries = format::count(item.tries);
            format!("{}, {tries} in round {round}", format::count(all))
        }
    };
    view! {
        <Panel title="Done once" boxed=true>
            <KeyValue>
                <Entry term="Class">
                    <Tag>{class.as_str()}</Tag>
                    <p class="muted small">{words::class_means(class)}</p>
                </Entry>
                <Entry term="Idempotency key">{effect_key}</Entry>
                <Entry term="Input digest">{input_digest}</Entry>
                {window}
                {evidence}
                <Entry term="Actioner called">
                    {if invoked { "Yes, at least once" } else { "Never" }}
                </Entry>
                <Entry term="Attempts">{attempts}</Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}

fn digest(value: &Option<String>) -> AnyView {
    match value.clone() {
        Some(value) => view! { <Digest value whole=true /> }.into_any(),
        None => view! { <span class="quiet">"None yet: nothing was resolved"</span> }.into_any(),
    }
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
