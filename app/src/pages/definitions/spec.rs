//! What one version of a definition says, in words.

use domain::{
    automation::{Action, Definition},
    filter::encode,
    trigger::{Schedule, Timing},
};
use leptos::prelude::*;

use super::words;
use crate::{
    components::{
        code_block::CodeBlock,
        json_view::JsonView,
        key_value::{Entry, KeyValue},
        tag::Tag,
        timestamp::Timestamp,
    },
    context::Page,
};

/// The whole of it.
pub fn in_words(page: &Page, definition: &Definition) -> AnyView {
    let register = page.place.href(&format!("registers/{}", encode(definition.subjects.kind())));
    let condition = match &definition.condition {
        Some(condition) => {
            view! { <CodeBlock label="Condition" text=condition.trim().to_owned() /> }.into_any()
        }
        None => "Every subject".into_any(),
    };
    let (trigger, kind) = (words::trigger(&definition.trigger), definition.trigger.kind.as_str());
    let schedule = definition.trigger.schedule.as_ref().map(|it| schedule(page, definition, it));
    let subjects = words::subjects(&definition.subjects);
    let Action { actioner, with } = definition.action.clone();
    let (approvals, failures) = (approvals(definition), failures(definition));
    view! {
        <div class="stack">
            <KeyValue>
                <Entry term="Fires">{trigger} " " <Tag>{kind}</Tag></Entry>
                {schedule}
                <Entry term="Subjects">
                    <a href=register>{subjects}</a>
                </Entry>
                <Entry term="Which of them">{condition}</Entry>
                <Entry term="Calls">
                    <code>{actioner}</code>
                </Entry>
                {approvals}
                {failures}
            </KeyValue>
            <JsonView label="Parameters, as templates" value=with />
        </div>
    }
    .into_any()
}

fn schedule(page: &Page, definition: &Definition, schedule: &Schedule) -> AnyView {
    let now = page.now;
    let cron = match &schedule.timing {
        Timing::Cron(text) => Some(text.clone()),
        Timing::At(_) => None,
    };
    let next = match words::next_fire(&definition.trigger, page.now) {
        Some((at, there)) => view! {
            <Timestamp at now relative=true />
            <span class="definition-zone">
                {there.format("%A %H:%M").to_string()} " in " {schedule.timezone.clone()}
            </span>
        }
        .into_any(),
        None => "Never again".into_any(),
    };
    let (timezone, missed) = (schedule.timezone.clone(), words::missed(schedule.missed));
    view! {
        {cron.map(|text| view! { <Entry term="Cron"><code>{text}</code></Entry> })}
        <Entry term="Time zone">{timezone}</Entry>
        <Entry term="Next fire">{next}</Entry>
        <Entry term="Missed fires">{missed}</Entry>
    }
    .into_any()
}

fn approvals(definition: &Definition) -> AnyView {
    let rules = words::approvals(definition);
    if rules.is_empty() {
        return view! {
            <Entry term="Approvals">
                "None asked by the definition; a question of the actioner goes to any approver"
            </Entry>
        }
        .into_any();
    }
    let rules = rules
        .into_iter()
        .map(|(when, rule)| {
            view! {
                <li>
                    {when} <span class="definition-zone">{words::rule(rule)}</span>
                </li>
            }
        })
        .collect_view();
    view! { <Entry term="Approvals"><ul class="definition-rules">{rules}</ul></Entry> }.into_any()
}

fn failures(definition: &Definition) -> AnyView {
    let retry = definition.retry;
    let tries = match retry.max_attempts {
        1 => "None: what fails waits for a person".to_owned(),
        tries => format!(
            "Transient failures, up to {tries} tries, {} apart at first, {} at most",
            words::length(retry.initial_seconds),
            words::length(retry.max_seconds)
        ),
    };
    let then = words::on_item_failure(definition.on_item_failure);
    view! {
        <Entry term="Automatic retry">{tries}</Entry>
        <Entry term="When items fail">{then}</Entry>
    }
    .into_any()
}
