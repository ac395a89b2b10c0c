//! One entry of the log: what it says, and the exact line that stands for it in the tree.

use domain::audit::Entry as Logged;
use engine::services::leaf_digest;
use leptos::prelude::*;
use serde_json::{Map, Value};

use super::object::Objects;
use crate::{
    components::{
        code_block::CodeBlock,
        data_table::{Align, Cell, HeadCell, Row},
        digest::Digest,
        json_view::JsonView,
        timestamp::{Precision, Timestamp},
    },
    context::Page,
    format,
    pages::mentions,
};

/// An entry as a row.
pub fn row(page: &Page, entry: &Logged, objects: &Objects) -> AnyView {
    let now = page.now;
    let run = entry.run.map(|run| mentions::run(&page.place, run));
    let (seq, at) = (entry.seq, entry.at);
    let (actor, act) = (actor(entry, objects), act(entry));
    let object = objects.link(page, entry);
    view! {
        <Row>
            <HeadCell fit=true>
                <span class="audit-seq" id=format!("entry-{seq}")>
                    {format::count(seq)}
                </span>
            </HeadCell>
            <Cell label="Time" fit=true>
                <Timestamp at now precision=Precision::Second />
            </Cell>
            <Cell label="Actor" fit=true>{actor}</Cell>
            <Cell label="Act">{act}</Cell>
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

/// The verb; opened, everything the entry says.
fn act(entry: &Logged) -> AnyView {
    view! {
        <details class="audit-entry">
            <summary>
                <code>{entry.verb.as_str()}</code>
            </summary>
            <div class="audit-body">
                {payload(entry.payload.as_ref())}
                <CodeBlock label="Leaf, exactly as hashed" text=entry.leaf.clone() />
                <p class="small">
                    <span class="muted">"Hash of the leaf "</span>
                    <Digest value=leaf_digest(entry) whole=true />
                </p>
            </div>
        </details>
    }
    .into_any()
}

/// Before and after side by side where the entry has them; whatever else it says below.
fn payload(payload: Option<&Value>) -> AnyView {
    let Some(payload) = payload else {
        return view! { <p class="small quiet">"This entry has no payload."</p> }.into_any();
    };
    let Some(change) = Change::of(payload) else {
        return view! { <JsonView label="Payload" value=payload.clone() /> }.into_any();
    };
    let rest = (!change.rest.is_empty())
        .then(|| view! { <JsonView label="Besides" value=Value::Object(change.rest) /> });
    view! {
        <div class="audit-change">
            <JsonView label="Before" value=change.before />
            <JsonView label="After" value=change.after />
        </div>
        {rest}
    }
    .into_any()
}

/// A payload that tells what something was before and after.
struct Change {
    before: Value,
    after: Value,
    rest: Map<String, Value>,
}

impl Change {
    fn of(payload: &Value) -> Option<Self> {
        let mut rest = payload.as_object()?.clone();
        let (before, after) = (rest.remove("before"), rest.remove("after"));
        if before.is_none() && after.is_none() {
            return None;
        }
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        Some(Self { before, after, rest })
    }
}
