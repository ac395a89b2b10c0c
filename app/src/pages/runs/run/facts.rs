//! The numbers of a run, and what stands around it: trigger event, action, version, times.

use domain::{
    Timestamp,
    automation::{OnItemFailure, Version},
    permission::Permission,
    rollup::started_order,
    run::Run,
    trigger::TriggerEvent,
};
use engine::services::RunDetail;
use leptos::prelude::*;

use super::{super::words, version_href};
use crate::{
    components::{
        code_block::CodeBlock,
        counts_bar::CountsBar,
        digest::Digest,
        json_view::JsonView,
        key_value::{Entry, KeyValue},
        link_card::{LinkCard, LinkCards},
        panel::Panel,
        stat::{Stat, Stats},
        tag::Tag,
        timestamp::{Precision, Timestamp as Moment},
        tone::Tone,
    },
    context::Page,
    format,
};

/// Counts and timing at a glance.
pub fn numbers(run: &Run) -> AnyView {
    let counts = run.counts;
    let not_called = counts.subjects_matched - counts.actions_invoked;
    let not_called =
        (not_called > 0).then(|| format!("{} never called", format::count(not_called)));
    let failed = if counts.failed > 0 { Tone::Danger } else { Tone::Neutral };
    let waiting = if counts.awaiting_approval > 0 { Tone::Warning } else { Tone::Neutral };
    let (length, length_note) = match run.completed_at {
        Some(ended) => (format::duration(ended - started_order(run)), None),
        None => ("–".to_owned(), Some("not completed".to_owned())),
    };
    view! {
        <div class="stack">
            <Stats>
                <Stat label="Subjects matched" value=format::count(counts.subjects_matched) />
                <Stat
                    label="Actions invoked"
                    value=format::count(counts.actions_invoked)
                    note=not_called
                />
                <Stat label="Failed" value=format::count(counts.failed) tone=failed />
                <Stat
                    label="Awaiting approval"
                    value=format::count(counts.awaiting_approval)
                    tone=waiting
                />
                <Stat label="Duration" value=length note=length_note />
            </Stats>
            <CountsBar counts />
        </div>
    }
    .into_any()
}

/// Trigger event, run, action, and ways onward.
pub fn surroundings(page: &Page, detail: &RunDetail, version: &Version) -> AnyView {
    view! {
        <div class="columns">
            {trigger(page, &detail.event)}
            {about(page, detail, version)}
            {action(page, &detail.run, version)}
        </div>
        {onward(page, detail)}
    }
    .into_any()
}

fn trigger(page: &Page, event: &TriggerEvent) -> AnyView {
    let now = page.now;
    let (at, received) = (event.occurred_at, event.received_at);
    let subject = event.subject.as_ref().map(|subject| {
        let href = page.place.record(&subject.kind, &subject.key);
        let words = subject.to_string();
        view! {
            <Entry term="Subject">
                <a href=href>{words}</a>
            </Entry>
        }
    });
    let payload = event.payload.clone();
    let (kind, id) = (event.kind.as_str(), event.id.to_string());
    let (event_type, source, external_id) =
        (event.event_type.clone(), event.source.clone(), event.external_id.clone());
    let empty = payload.as_object().is_some_and(serde_json::Map::is_empty);
    view! {
        <Panel title="Trigger event" boxed=true>
            <KeyValue>
                <Entry term="Kind">
                    <Tag>{kind}</Tag>
                </Entry>
                <Entry term="Type">{event_type}</Entry>
                <Entry term="Source">{source}</Entry>
                <Entry term="Happened">
                    <Moment at now precision=Precision::Second />
                </Entry>
                <Entry term="Received">
                    <Moment at=received now precision=Precision::Second />
                </Entry>
                {subject}
                <Entry term="Its id there">
                    <span class="run-id">{external_id}</span>
                </Entry>
                <Entry term="Event">
                    <Digest value=id whole=true />
                </Entry>
            </KeyValue>
            {match empty {
                true => view! { <p class="runs-hint">"It came without a payload."</p> }.into_any(),
                false => view! { <JsonView label="Payload" value=payload /> }.into_any(),
            }}
        </Panel>
    }
    .into_any()
}

fn about(page: &Page, detail: &RunDetail, version: &Version) -> AnyView {
    let run = &detail.run;
    let time = |at: Option<Timestamp>| moment(at, page.now);
    let (created, started, completed) =
        (time(Some(run.created_at)), time(run.started_at), time(run.completed_at));
    let definition = page.place.definition(&detail.automation.key);
    let name = detail.automation.name.clone();
    let (href, number) = (version_href(page, version), run.version);
    let newer = (detail.automation.version != number).then_some(detail.automation.version);
    let (round, matched, id) = (run.round, run.matched, run.id.to_string());
    let on_failure = match run.on_item_failure {
        OnItemFailure::Close => "Closes when nothing else is left",
        OnItemFailure::Hold => "Stays open for its failed items",
    };
    view! {
        <Panel title="Run" boxed=true>
            <KeyValue>
                <Entry term="Definition">
                    <a href=definition>{name}</a>
                </Entry>
                <Entry term="Version in effect">
                    <a href=href>"Version " {number}</a>
                    {newer
                        .map(|newer| view! { <span class="quiet">" · today it is " {newer}</span> })}
                </Entry>
                <Entry term="Round">
                    {match round {
                        0 => "0, the original".to_owned(),
                        round => round.to_string(),
                    }}
                </Entry>
                <Entry term="Created">{created}</Entry>
                <Entry term="Started">{started}</Entry>
                <Entry term="Completed">{completed}</Entry>
                <Entry term="Matching">
                    {if matched { "Every subject was looked at" } else { "Under way" }}
                </Entry>
                <Entry term="If items fail">{on_failure}</Entry>
                <Entry term="Id">
                    <Digest value=id whole=true />
                </Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}

fn moment(at: Option<Timestamp>, now: Timestamp) -> AnyView {
    match at {
        Some(at) => view! { <Moment at now precision=Precision::Second /> }.into_any(),
        None => view! { <span class="quiet">"Not yet"</span> }.into_any(),
    }
}

/// What was called, what it promises and how often.
fn action(page: &Page, run: &Run, version: &Version) -> AnyView {
    let definition = &version.definition;
    let action = &definition.action;
    let registered = page.services.registry().get(&action.actioner);
    let class = registered.map(|actioner| actioner.class(&action.with));
    let summary = registered.map(|actioner| actioner.summary());
    let (counts, name) = (run.counts, action.actioner.clone());
    let subjects = definition.subjects.kind().to_owned();
    let condition = definition.condition.clone();
    view! {
        <Panel title="Action" boxed=true>
            <KeyValue>
                <Entry term="Actioner">
                    <code>{name}</code>
                    {summary.map(|summary| view! { <p class="muted small">{summary}</p> })}
                </Entry>
                <Entry term="Class">
                    {class
                        .map_or_else(
                            || view! { <span class="quiet">"Not registered here"</span> }.into_any(),
                            |class| {
                                view! {
                                    <Tag>{class.as_str()}</Tag>
                                    <p class="muted small">{words::class_means(class)}</p>
                                }
                                    .into_any()
                            },
                        )}
                </Entry>
                <Entry term="Invoked">
                    {format!(
                        "{} of {}",
                        format::count(counts.actions_invoked),
                        format::plural(counts.subjects_matched, "item", "items"),
                    )}
                </Entry>
                <Entry term="Subjects">{subjects}</Entry>
            </KeyValue>
            {condition.map(|text| view! { <CodeBlock label="Condition" text /> })}
        </Panel>
    }
    .into_any()
}

fn onward(page: &Page, detail: &RunDetail) -> AnyView {
    let audit = page.place.audit_log(&format!("run={}", detail.run.id));
    let audit = page.may(Permission::ViewAuditLog).then_some(audit);
    let definition = page.place.definition(&detail.automation.key);
    let audit = audit.map(|href| {
        view! {
            <LinkCard href title="Audit entries">
                "Everything that changed in this run, by whom and when."
            </LinkCard>
        }
    });
    view! {
        <LinkCards>
            {audit}
            <LinkCard href=definition title="Definition">
                "When it fires, what must hold, what it calls, and its other runs."
            </LinkCard>
        </LinkCards>
    }
    .into_any()
}
