//! What the page says before anything else: that the run was cancelled, retried or closed, what it
//! waits for, and why it failed as a whole.

use domain::{cancel::CancelReceipt, run::Run};
use engine::services::{RunDetail, ServiceError};
use leptos::prelude::*;

use super::{super::words::failure_means, address::RunQuery};
use crate::{
    components::{alert::Alert, timestamp::Timestamp, tone::Tone},
    context::Page,
    format,
};

/// Every notice that applies, in the order of a reader's questions.
pub async fn show(
    page: &Page,
    asked: &RunQuery,
    detail: &RunDetail,
) -> Result<AnyView, ServiceError> {
    let run = &detail.run;
    let by = canceller(page, run).await?;
    let notices: Vec<_> = [
        retried(asked, run),
        closed(asked, run),
        failed(run),
        killed(page, run).await?,
        cancelled(page, detail, by),
        held(run),
        waiting(page, run),
        pruned(page, run),
    ]
    .into_iter()
    .flatten()
    .collect();
    Ok((!notices.is_empty()).then(|| view! { <div class="stack">{notices}</div> }).into_any())
}

/// The member who cancelled it, or who else can have.
async fn canceller(page: &Page, run: &Run) -> Result<String, ServiceError> {
    let Some(cancel) = &run.cancel else { return Ok(String::new()) };
    let Some(member) = cancel.by else { return Ok("the host’s command line".to_owned()) };
    let names = page.services.member_names(page.caller).await?;
    Ok(names.get(&member).cloned().unwrap_or_else(|| member.to_string()))
}

fn retried(asked: &RunQuery, run: &Run) -> Option<AnyView> {
    // An address from before the latest retry says nothing about this one.
    asked.retried.filter(|round| *round == run.round && *round > 0)?;
    let title = format!("Round {} of this run has begun", run.round);
    let text = match (run.counts.awaiting_approval, run.counts.open) {
        (0, 0) => "All of its items have their outcome.".to_owned(),
        (0, open) => format!("{} under way.", are(open)),
        (waiting, 0) => format!("{} waiting for approval before anything is sent.", are(waiting)),
        (waiting, open) => {
            format!("{} under way; {} waiting for approval first.", are(open), are(waiting))
        }
    };
    Some(view! { <Alert tone=Tone::Success title><p>{text}</p></Alert> }.into_any())
}

fn are(items: i64) -> String {
    match items {
        1 => "1 item is".to_owned(),
        items => format!("{} items are", format::count(items)),
    }
}

fn closed(asked: &RunQuery, run: &Run) -> Option<AnyView> {
    (asked.closed && run.status.is_terminal()).then(|| {
        view! {
            <Alert tone=Tone::Success title="The run is closed">
                <p>"Its failed items stay as they are. They can still be retried."</p>
            </Alert>
        }
        .into_any()
    })
}

/// Why the run as a whole could not proceed.
fn failed(run: &Run) -> Option<AnyView> {
    let failure = run.failure.as_ref()?;
    let (message, code) = (failure.message.clone(), failure.code.clone());
    if run.is_reported() {
        // What it told of itself says it, with the step.
        return None;
    }
    let means = failure_means(failure.kind);
    Some(
        view! {
            <Alert tone=Tone::Danger title="The run as a whole could not proceed">
                <p class="run-message">{message}</p>
                <p>
                    <code>{code}</code>
                    " · "
                    {means}
                </p>
            </Alert>
        }
        .into_any(),
    )
}

/// Which kill switch stopped the run, and why it was pressed.
async fn killed(page: &Page, run: &Run) -> Result<Option<AnyView>, ServiceError> {
    let Some(killed) = run.killed else { return Ok(None) };
    let switches = page.services.kill_switches(page.caller).await?;
    let reason = switches.into_iter().find(|(switch, _)| switch.id == killed.switch);
    let reason = reason.map(|(switch, _)| switch.reason);
    let title = match run.status.is_terminal() {
        true => "Stopped by a kill switch",
        false => "A kill switch stops it: what had started is finishing",
    };
    let (now, at, href) = (page.now, killed.at, page.place.kill_switch());
    Ok(Some(
        view! {
            <Alert tone=Tone::Danger title>
                <p>
                    <Timestamp at now relative=true /> " · Nothing of it was started afterwards. "
                    <a href=href>"Kill switch"</a>
                </p>
                {reason.map(|reason| view! { <blockquote class="run-message">{reason}</blockquote> })}
            </Alert>
        }
        .into_any(),
    ))
}

fn cancelled(page: &Page, detail: &RunDetail, by: String) -> Option<AnyView> {
    let cancel = detail.run.cancel.clone()?;
    let title = match detail.run.status.is_terminal() {
        true => "Cancelled",
        false => "Cancelling: what had started is finishing",
    };
    let now = page.now;
    let receipt = detail.receipt.as_ref().map(receipt);
    Some(
        view! {
            <Alert tone=Tone::Neutral title>
                <p>"By " {by} ", " <Timestamp at=cancel.at now relative=true /></p>
                <blockquote class="run-message">{cancel.reason}</blockquote>
                {receipt}
            </Alert>
        }
        .into_any(),
    )
}

/// What had happened, what will not, what was under way and what nobody knows.
pub fn receipt(receipt: &CancelReceipt) -> AnyView {
    let parts = [
        (receipt.finished, "finished"),
        (receipt.skipped, "skipped"),
        (receipt.in_flight, "still in flight"),
        (receipt.unknown, "unknown"),
    ];
    let parts = parts.map(|(n, word)| {
        view! {
            <li>
                <b>{format::count(n)}</b>
                {format!(" {word}")}
            </li>
        }
    });
    view! {
        <ul class="run-receipt" aria-label="Receipt">
            {parts.collect_view()}
        </ul>
    }
    .into_any()
}

fn held(run: &Run) -> Option<AnyView> {
    run.is_held().then(|| {
        view! {
            <Alert tone=Tone::Warning title="Held open for its failed items">
                <p>
                    "Its definition says so. It stays running until its failed items are retried, or \
                     until somebody closes it and so accepts them."
                </p>
            </Alert>
        }
        .into_any()
    })
}

fn waiting(page: &Page, run: &Run) -> Option<AnyView> {
    let waiting = run.counts.awaiting_approval;
    let title = match waiting {
        0 => return None,
        1 => "1 item waits for approval".to_owned(),
        n => format!("{} items wait for approval", format::count(n)),
    };
    let href = page.place.approvals();
    Some(
        view! {
            <Alert tone=Tone::Warning title>
                <p>"The others go on meanwhile. " <a href=href>"Open approvals"</a></p>
            </Alert>
        }
        .into_any(),
    )
}

/// That what is missing is missing by intention.
fn pruned(page: &Page, run: &Run) -> Option<AnyView> {
    let pruned = run.pruned.as_ref()?;
    let (at, now, under) = (pruned.at, page.now, pruned.under.clone());
    Some(
        view! {
            <Alert title="The detail of this run was pruned">
                <p>
                    "Pruned on " <Timestamp at now /> " under " {under}
                    ". Parameters, attempts and payloads are gone. Counts, outcomes, reports, incidents, \
                     digests and the entries of the audit log stay."
                </p>
            </Alert>
        }
        .into_any(),
    )
}
