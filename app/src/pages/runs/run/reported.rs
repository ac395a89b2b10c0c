//! What a run that takes place elsewhere told of itself: which step blew up, its numbers, phases, models
//! and the log of its steps.

mod steps;
mod usage;

use domain::{metrics::Metrics, reported::Blown, run::Run};
use engine::services::{ReportedDetail, RunDetail, ServiceError};
use leptos::prelude::*;

use super::address::RunQuery;
use crate::{
    components::{
        alert::Alert,
        key_value::{Entry, KeyValue},
        panel::Panel,
        stat::{Stat, Stats},
        timestamp::{Precision, Timestamp},
        tone::Tone,
    },
    context::Page,
    format,
};

/// Everything about it; nothing for a run that is executed.
pub async fn show(
    page: &Page,
    asked: &RunQuery,
    detail: &RunDetail,
) -> Result<Option<AnyView>, ServiceError> {
    let Some(told) = &detail.reported else { return Ok(None) };
    let run = &detail.run;
    let metrics = page.services.run_metrics(page.caller, run.id).await?;
    let blew_up = match &metrics.failed_step {
        Some(blown) => Some(blew_up(page, blown)),
        None => failed(run),
    };
    let log = page.services.run_steps(page.caller, run.id, asked.after, steps::SIZE).await?;
    Ok(Some(
        view! {
            {silent(page, run)}
            {blew_up}
            {numbers(run, &metrics)}
            {about(page, told)}
            {usage::phases(page, &metrics)}
            {usage::models(&metrics)}
            {usage::counters(&metrics)}
            {steps::show(page, run, &log)}
        }
        .into_any(),
    ))
}

fn silent(page: &Page, run: &Run) -> Option<AnyView> {
    let (at, now) = (run.told?.silent_since?, page.now);
    Some(
        view! {
            <Alert tone=Tone::Danger title="Nothing is heard of it any more">
                <p>
                    "Its last sign of life came " <Timestamp at now relative=true />
                    ", and it had declared to give one sooner. If it reports again, it goes on here."
                </p>
            </Alert>
        }
        .into_any(),
    )
}

/// Why it failed, where no step says so.
fn failed(run: &Run) -> Option<AnyView> {
    let message = run.failure.as_ref()?.message.clone();
    Some(
        view! {
            <Alert tone=Tone::Danger title="The run failed, its reporter says">
                <p class="run-message">{message}</p>
            </Alert>
        }
        .into_any(),
    )
}

fn blew_up(page: &Page, blown: &Blown) -> AnyView {
    let (at, now, name) = (blown.at, page.now, blown.name.clone());
    let phase = blown.phase.clone().map(|phase| format!(" in the phase {phase}"));
    let title = format!("The {} “{name}” failed", blown.what);
    let failure = blown.failure.clone().map(|why| {
        view! {
            <p class="run-message">{why.message}</p>
            <p><code>{why.code}</code></p>
        }
    });
    view! {
        <Alert tone=Tone::Danger title>
            {failure}
            <p><Timestamp at now precision=Precision::Second /> {phase} ", by its reporter’s clock."</p>
        </Alert>
    }
    .into_any()
}

/// A number, or that nobody knows it.
fn known(number: Option<i64>) -> String {
    number.map_or_else(|| "unknown".to_owned(), format::count)
}

fn numbers(run: &Run, metrics: &Metrics) -> AnyView {
    let (counters, resources) = (&metrics.counters, metrics.metrics.resource_breakdown);
    let failed = counters.failed_steps.filter(|failed| *failed > 0);
    let note = failed.map(|failed| format!("{} failed", format::count(failed)));
    let tone = if failed.is_some() { Tone::Danger } else { Tone::Neutral };
    let usage = metrics.llm_usage.as_ref().map(|usage| &usage.total);
    let cost = usage.and_then(|total| total.estimated_cost_usd);
    let cost = cost.map_or_else(|| "unknown".to_owned(), |cost| format!("${cost}"));
    let tokens = usage.and_then(|total| Some(total.input_tokens? + total.output_tokens?));
    let length = run.completed_at.zip(run.started_at).map(|(end, start)| end - start);
    let length = length.map_or_else(|| "goes on".to_owned(), format::duration);
    let retries = resources.retries.map(|n| format!("{} retries", format::count(n)));
    let (steps, calls) = (known(counters.steps), known(counters.invocations));
    let (writes, tokens) = (known(counters.memory_writes), known(tokens));
    view! {
        <Stats>
            <Stat label="Steps" value=steps note tone />
            <Stat label="Tool invocations" value=calls note=retries />
            <Stat label="Memory writes" value=writes />
            <Stat label="Tokens" value=tokens />
            <Stat label="Cost estimate" value=cost />
            <Stat label="Duration" value=length />
        </Stats>
    }
    .into_any()
}

fn about(page: &Page, told: &ReportedDetail) -> AnyView {
    let (state, now) = (&told.head.state, page.now);
    let external = told.head.external_id.clone();
    let parent = state.start.as_ref().and_then(|start| start.is.parent.clone());
    let parent = parent.map(|name| match told.parent {
        Some(run) => view! { <a href=page.place.run(run)>{name}</a> }.into_any(),
        None => view! { <code>{name}</code> }.into_any(),
    });
    let heartbeat = state.heartbeat_seconds().map(|s| format!("Every {s} seconds at least"));
    let open: Vec<_> = state.open.values().take(10).cloned().collect();
    let open = (!open.is_empty()).then(|| format!("{}: {}", state.open.len(), open.join(", ")));
    let notes = state.notes.values().cloned().map(|text| view! { <li>{text}</li> });
    let notes = (!state.notes.is_empty()).then(|| {
        view! { <ul class="run-notes" aria-label="Notes">{notes.collect_view()}</ul> }
    });
    let heard_at = told.head.heard_at;
    view! {
        <Panel title="Reported" note="by those who run it; a claim, not an execution" boxed=true>
            <KeyValue>
                <Entry term="Called there"><code class="run-external">{external}</code></Entry>
                {parent.map(|parent| view! { <Entry term="Part of">{parent}</Entry> })}
                <Entry term="Last heard of">
                    <Timestamp at=heard_at now precision=Precision::Second />
                </Entry>
                {heartbeat.map(|text| view! { <Entry term="Sign of life">{text}</Entry> })}
                {open.map(|text| view! { <Entry term="In flight">{text}</Entry> })}
            </KeyValue>
            {notes}
        </Panel>
    }
    .into_any()
}
