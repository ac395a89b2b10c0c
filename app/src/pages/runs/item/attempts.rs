//! Every try at an item, oldest first; nothing is overwritten.

use domain::attempt::{Attempt, AttemptEnd};
use engine::services::ItemDetail;
use leptos::prelude::*;

use super::super::words;
use crate::{
    components::{
        panel::Panel,
        status_badge::StatusBadge,
        timeline::{Step, Timeline},
        timestamp::{Precision, Timestamp},
    },
    context::Page,
    format,
};

/// The panel.
pub fn show(page: &Page, detail: &ItemDetail) -> AnyView {
    let attempts = &detail.attempts;
    if attempts.is_empty() {
        let words = match &detail.run.pruned {
            None => "Nothing was tried yet, so there is nothing to undo.".to_owned(),
            Some(pruned) => format!("What was tried was {pruned}."),
        };
        return view! {
            <Panel title="Attempts">
                <p class="muted">{words}</p>
            </Panel>
        }
        .into_any();
    }
    let count = i64::try_from(attempts.len()).unwrap_or(i64::MAX);
    let steps = attempts.iter().map(|attempt| step(page, attempt)).collect_view();
    view! {
        <Panel title="Attempts" note=format::plural(count, "attempt", "attempts") boxed=true>
            <Timeline>{steps}</Timeline>
        </Panel>
    }
    .into_any()
}

fn step(page: &Page, attempt: &Attempt) -> AnyView {
    let (at, now) = (attempt.started_at, page.now);
    let rest = format!(
        " · {} · round {} · {}",
        format::duration(attempt.ended_at - attempt.started_at),
        attempt.round,
        attempt.worker
    );
    let meta = view! {
        <Timestamp at now precision=Precision::Second />
        {rest}
    };
    let title = format!("Attempt {} {}", attempt.number, end(attempt.end));
    let failure = attempt.failure.clone().map(|failure| {
        view! {
            <p class="cluster">
                <code>{failure.code}</code>
                <StatusBadge status=words::failure_status(failure.kind) />
            </p>
            <p class="item-message">{failure.message}</p>
        }
    });
    let evidence = attempt.replay_evidence.map(words::evidence_means);
    let anchor = format!("attempt-{}", attempt.number);
    view! {
        <Step status=attempt.end title meta=meta.into_any()>
            <span class="item-anchor" id=anchor></span>
            {failure}
            {evidence.map(|evidence| view! { <p>{evidence}</p> })}
        </Step>
    }
    .into_any()
}

const fn end(end: AttemptEnd) -> &'static str {
    match end {
        AttemptEnd::Succeeded => "succeeded",
        AttemptEnd::Failed => "failed",
        AttemptEnd::Skipped => "found nothing to do",
        AttemptEnd::AwaitingApproval => "asked for a decision",
        AttemptEnd::IdempotentReplay => "got the original answer back",
        AttemptEnd::Interrupted => "was interrupted",
        AttemptEnd::Late => "answered too late and is kept as evidence",
    }
}
