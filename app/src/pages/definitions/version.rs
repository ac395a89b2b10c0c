//! One version of a definition, and what it changed.

use domain::{
    automation::Version,
    diff::{self, Line},
};
use leptos::prelude::*;

use super::spec;
use crate::{
    components::{
        app_frame::Section,
        button::Size,
        code_block::CodeBlock,
        digest::Digest,
        icon::Glyph,
        key_value::{Entry, KeyValue},
        page_header::{Crumb, PageHeader},
        panel::Panel,
        status_badge::{Status, StatusBadge},
        timestamp::{Precision, Timestamp},
        tone::Tone,
    },
    context::Page,
    format,
    pages::{in_workspace, mentions},
};

/// One version.
#[component]
pub fn VersionPage() -> impl IntoView {
    in_workspace(Section::Definitions, async |page| {
        page.check_query(&[])?;
        let (key, number): (String, i64) = (page.param("key")?, page.param("version")?);
        let state = page.services.automation_by_key(page.caller, &key).await?;
        let id = state.automation.id;
        let version = page.services.automation_version(page.caller, id, number).await?;
        let before = match number {
            ..=1 => None,
            _ => Some(page.services.automation_version(page.caller, id, number - 1).await?),
        };
        let names = page.services.member_names(page.caller).await?;
        let by = mentions::member(&names, version.created_by);
        let current = state.automation.version == number;
        let header = header(&page, &key, &state.automation.name, number, current);
        let (facts, changes) = (facts(&page, &version, by), changes(before.as_ref(), &version));
        let spec = spec::in_words(&page, &version.definition);
        Ok(view! {
            {header}
            <div class="stack-wide">
                <Panel title="The version" boxed=true>{facts}</Panel>
                {changes}
                <Panel title="What it does" boxed=true>
                    {spec}
                </Panel>
                <Panel title="The file" note="as it was applied">
                    <CodeBlock label=format!("Version {number}") text=version.source />
                </Panel>
            </div>
        }
        .into_any())
    })
}

fn header(page: &Page, key: &str, name: &str, number: i64, current: bool) -> AnyView {
    let crumbs = vec![
        Crumb::group("Governance"),
        Crumb::group("Automation"),
        Crumb::to("Definitions", page.place.definitions()),
        Crumb::to(name, page.place.definition(key)),
    ];
    let status = match current {
        true => Status::new("in-effect", Glyph::Done, Tone::Success),
        false => Status::new("superseded", Glyph::Dash, Tone::Neutral),
    };
    let beside = view! { <StatusBadge status size=Size::Large /> };
    let title = format!("{name}, version {number}");
    view! { <PageHeader title crumbs beside=beside.into_any() /> }.into_any()
}

fn facts(page: &Page, version: &Version, by: String) -> AnyView {
    let now = page.now;
    let (at, digest) = (version.created_at, version.digest.clone());
    view! {
        <KeyValue>
            <Entry term="Applied">
                <Timestamp
                    at
                    now
                    precision=Precision::Second
                    relative=true
                />
            </Entry>
            <Entry term="By">{by}</Entry>
            <Entry term="Digest">
                <Digest value=digest whole=true />
            </Entry>
        </KeyValue>
    }
    .into_any()
}

fn changes(before: Option<&Version>, version: &Version) -> AnyView {
    let Some(before) = before else {
        return view! {
            <Panel title="What it changed">
                <p class="quiet">"This is the first version."</p>
            </Panel>
        }
        .into_any();
    };
    changed_lines(before.number, &before.source, &version.source)
}

/// The lines that differ from those of the version before.
pub(in crate::pages) fn changed_lines(number: i64, before: &str, after: &str) -> AnyView {
    let lines = diff::lines(before, after);
    let (added, removed) = diff::tally(&lines);
    let note = match (added, removed) {
        (0, 0) => format!("the same text as version {number}"),
        _ => format!(
            "{} added, {} removed since version {number}",
            format::plural(added as i64, "line", "lines"),
            format::count(removed as i64),
        ),
    };
    let shown = lines.into_iter().map(line).collect_view();
    view! {
        <Panel title="What it changed" note>
            <div class="diff" role="figure" aria-label="Changed lines">
                {shown}
            </div>
        </Panel>
    }
    .into_any()
}

/// The sign says what colour says, too.
fn line(line: Line<'_>) -> AnyView {
    match line {
        Line::Same(text) => {
            view! { <div class="diff-line"><span class="diff-sign">" "</span><span>{text.to_owned()}</span></div> }.into_any()
        }
        Line::Added(text) => {
            view! { <ins class="diff-line"><span class="diff-sign">"+"</span><span>{text.to_owned()}</span></ins> }.into_any()
        }
        Line::Removed(text) => {
            view! { <del class="diff-line"><span class="diff-sign">"−"</span><span>{text.to_owned()}</span></del> }.into_any()
        }
        Line::Gap(lines) => {
            let words = format!("{} unchanged", format::plural(lines as i64, "line", "lines"));
            view! { <p class="diff-gap">{words}</p> }.into_any()
        }
    }
}
