//! One entry: what it says in words, what changed, and the exact line that stands for it in the tree.

use domain::{audit::Entry as Logged, filter::query};
use engine::services::{ServiceError, leaf_digest};
use leptos::prelude::*;
use serde_json::{Map, Value};

use super::{change, checkpoint, object::Objects, removed, saying, verify};
use crate::{
    components::{
        alert::Alert,
        app_frame::Section,
        code_block::CodeBlock,
        digest::Digest,
        key_value::{Entry, KeyValue},
        page_header::{Crumb, PageHeader},
        pager::Pager,
        panel::Panel,
        timestamp::{Precision, Timestamp},
        tone::Tone,
    },
    context::Page,
    fault::Fault,
    format,
    pages::{in_workspace, mentions, registers::attributes},
};

/// One entry of the audit log.
#[component]
pub fn AuditEntryPage() -> impl IntoView {
    in_workspace(Section::AuditLog, async |page| {
        page.check_query(&[])?;
        let seq: i64 = page.param("seq")?;
        let entry = match page.services.audit_entry(page.caller, seq).await {
            Err(ServiceError::NotFound(_)) => return removed::page(&page, seq).await,
            found => found?,
        };
        let size = page.services.audit_root(page.caller).await?.size;
        let objects = Objects::load(&page).await?;
        let checked = verify::found(&page, &[seq]).await?;
        Ok(view! {
            {header(&page, &entry, &objects)}
            <div class="stack-wide">
                {checked}
                {said(&page, &entry)}
                {changed(&page, &entry)}
                {stands(&entry)}
                {checkpoint::proof(&page, seq).await?}
                {beside(&page, entry.seq, size)}
            </div>
        }
        .into_any())
    })
}

impl Objects {
    pub async fn load(page: &Page) -> Result<Self, Fault> {
        Ok(Self {
            automations: page.services.automations_by_id(page.caller).await?,
            names: page.services.member_names(page.caller).await?,
        })
    }
}

fn header(page: &Page, entry: &Logged, objects: &Objects) -> AnyView {
    let crumbs = vec![Crumb::to("Audit log", page.place.audit_log(""))];
    let title = format!("Entry {}", format::count(entry.seq));
    let beside = view! { <code>{entry.verb.as_str()}</code> }.into_any();
    let lead =
        view! { <span class="audit-sentence">{saying::sentence(page, entry, objects)}</span> };
    let actions = verify::button(&page.place.audit_entry(entry.seq));
    view! { <PageHeader title crumbs lead=lead.into_any() beside actions /> }.into_any()
}

/// When, by whom, why, and whatever else the payload holds.
fn said(page: &Page, entry: &Logged) -> AnyView {
    let (at, now) = (entry.at, page.now);
    let reason = saying::reason(entry).map(|reason| {
        view! {
            <Entry term="Reason">
                <span class="attribute-text">{reason}</span>
            </Entry>
        }
    });
    let facts = entry.payload.as_ref().and_then(Value::as_object);
    let facts = facts.map(|facts| facts_of(page, facts));
    let none = (entry.payload.is_none() && !entry.is_erased()).then(
        || view! { <p class="small quiet">"This entry has no payload: the act says it all."</p> },
    );
    let erased = entry.is_erased().then(erased);
    let related = related(page, entry);
    view! {
        <Panel title="What was done" boxed=true>
            {erased}
            <KeyValue>
                <Entry term="Time">
                    <Timestamp at now precision=Precision::Second relative=true />
                </Entry>
                {reason}
                {facts}
                {related}
            </KeyValue>
            {none}
        </Panel>
    }
    .into_any()
}

fn facts_of(page: &Page, facts: &Map<String, Value>) -> AnyView {
    let apart = ["reason", "before", "after"];
    let besides = facts.iter().filter(|(name, _)| !apart.contains(&name.as_str()));
    besides
        .map(|(name, value)| {
            let value = attributes::value_view(&page.place, page.now, value, 1);
            view! { <Entry term=attributes::title(name)>{value}</Entry> }
        })
        .collect_view()
        .into_any()
}

fn erased() -> AnyView {
    view! {
        <Alert tone=Tone::Info title="The payload of this entry was erased">
            <p>
                "Its leaf still commits to what the payload was: the entry keeps its place in the tree, \
                 and every proof that goes through it still holds. What it said cannot be read any more."
            </p>
        </Alert>
    }
    .into_any()
}

/// What else the log says about the same things.
fn related(page: &Page, entry: &Logged) -> AnyView {
    let link = |pair: (&str, String), words: String| {
        let href = page.place.audit_log(&query([(pair.0, pair.1.as_str())]));
        view! { <li><a href=href>{words}</a></li> }
    };
    let actor = entry
        .actor
        .map(|actor| link(("actor", actor.to_string()), "Everything this member did".to_owned()));
    let object = link(
        ("object", entry.object.id.clone()),
        match entry.object.kind.as_str() {
            "entries" => "Everything about these entries".to_owned(),
            kind => format!("Everything about this {kind}"),
        },
    );
    let run =
        entry.run.map(|run| link(("run", run.to_string()), "Everything in this run".to_owned()));
    let to_run = entry.run.map(|run| mentions::run(&page.place, run));
    let to_run = to_run.map(|link| view! { <Entry term="Run">{link}</Entry> });
    view! {
        {to_run}
        <Entry term="In the log">
            <ul class="attribute-list">{object} {run} {actor}</ul>
        </Entry>
    }
    .into_any()
}

fn changed(page: &Page, entry: &Logged) -> Option<AnyView> {
    let table = change::table(page, entry.payload.as_ref()?.as_object()?)?;
    Some(view! { <Panel title="Before and after">{table}</Panel> }.into_any())
}

/// The entry's place in the tree, and the line that is hashed there.
fn stands(entry: &Logged) -> AnyView {
    let digest = |term: &'static str, value: Option<String>| {
        value.map(|value| {
            view! {
                <Entry term>
                    <Digest value whole=true />
                </Entry>
            }
        })
    };
    let (seq, leaf) = (entry.seq, entry.leaf.clone());
    let digests = [
        digest("Hash of the leaf", Some(leaf_digest(entry))),
        digest("Commits to the payload by", entry.commitment()),
        digest("Request", entry.said("request")),
        digest("Trace", entry.said("trace")),
    ];
    view! {
        <Panel title="In the tree" boxed=true>
            <KeyValue>
                <Entry term="Leaf index">{format::count(seq)}</Entry>
                {digests.into_iter().collect_view()}
            </KeyValue>
            <CodeBlock label="Leaf, exactly as hashed" text=leaf />
        </Panel>
    }
    .into_any()
}

/// The entries before and after it.
pub fn beside(page: &Page, seq: i64, size: u64) -> AnyView {
    let last = i64::try_from(size).map_or(i64::MAX, |size| size - 1);
    let newer = (seq < last).then(|| page.place.audit_entry(seq + 1));
    let older = (seq > 0).then(|| page.place.audit_entry(seq - 1));
    let summary = format!("{} of {}", format::count(seq + 1), format::count(last + 1));
    view! { <Pager summary newer older words=("Newer entry", "Older entry") /> }.into_any()
}
