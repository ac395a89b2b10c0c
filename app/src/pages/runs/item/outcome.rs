//! What came of an item and what that means, before any detail.

use std::slice;

use domain::{
    approval::{Approval, ApprovalStatus},
    attempt::{Attempt, AttemptEnd},
    item::{Item, ItemState},
    permission::Permission,
    policy::denied_by,
    problem::Failure,
    retry::RetryPlan,
};
use engine::services::ItemDetail;
use leptos::prelude::*;

use super::super::words;
use crate::{
    components::{
        alert::Alert,
        status_badge::{Status, StatusBadge},
        timestamp::{Precision, Timestamp},
        tone::Tone,
    },
    context::Page,
    format,
};

/// One message: the cause, the reason, the evidence or the result.
pub fn show(page: &Page, detail: &ItemDetail, approvals: &[Approval]) -> AnyView {
    let item = &detail.item;
    let title = title(item);
    let body = match item.state {
        ItemState::Failed => failed(page, detail),
        ItemState::Skipped => skipped(item),
        ItemState::AwaitingApproval => waiting(page, item, approvals),
        ItemState::IdempotentReplay => replayed(page, detail),
        ItemState::Succeeded => result(page, detail),
        ItemState::Queued | ItemState::Leased | ItemState::Started => open(page, item),
    };
    view! {
        <Alert tone=tone(item.state) title>
            {body}
        </Alert>
    }
    .into_any()
}

fn tone(state: ItemState) -> Tone {
    Status::from(state).tone
}

fn title(item: &Item) -> String {
    match (item.state, &item.failure) {
        (ItemState::Failed, Some(failure)) => failure.message.clone(),
        (ItemState::Skipped, _) => match item.skip_reason {
            Some(reason) => format!("Skipped: {}", reason.as_str().replace('-', " ")),
            None => "Skipped".to_owned(),
        },
        (state, _) => format::label(state.as_str()),
    }
}

fn failed(page: &Page, detail: &ItemDetail) -> AnyView {
    let Some(failure) = &detail.item.failure else { return ().into_any() };
    let status = words::failure_status(failure.kind);
    let code = failure.code.clone();
    view! {
        <p class="cluster">
            <code>{code}</code>
            <StatusBadge status />
        </p>
        <p>{words::failure_means(failure.kind)}</p>
        {policy(page, failure)}
        {verdict(page, detail)}
    }
    .into_any()
}

/// The policy that denied it.
fn policy(page: &Page, failure: &Failure) -> Option<AnyView> {
    let href = page.place.policy(denied_by(failure)?);
    Some(view! { <p><a href=href>"The policy that denied it"</a></p> }.into_any())
}

/// Whether trying again is safe, as the plan of a retry would say at this moment.
fn verdict(page: &Page, detail: &ItemDetail) -> AnyView {
    let run = &detail.run;
    let plan = RetryPlan::new(run, slice::from_ref(&detail.item), false, page.now);
    let Some(planned) = plan.items.first() else {
        return view! {
            <p>"This run allows no retry: it was stopped, or it is still matching its subjects."</p>
        }
        .into_any();
    };
    let words = match page.may(Permission::RetryItems) {
        true => "Look at the retry plan",
        false => "Read the retry plan",
    };
    view! {
        <p class="item-verdict">
            <StatusBadge status=words::verdict_status(planned.verdict) />
            " "
            {planned.reason.clone()}
            " "
            <a href=page.place.retry(run.id)>{words}</a>
        </p>
    }
    .into_any()
}

fn skipped(item: &Item) -> AnyView {
    let means = item.skip_reason.map_or("No reason was recorded.", words::skip_means);
    let called = if item.invoked { "The actioner was called." } else { "Nothing was called." };
    view! {
        <p>
            {means}
            " "
            {called}
        </p>
    }
    .into_any()
}

fn waiting(page: &Page, item: &Item, approvals: &[Approval]) -> AnyView {
    let open = approvals.iter().find(|approval| approval.status == ApprovalStatus::Open);
    let before = item.failure.as_ref().map(before);
    match open {
        Some(open) => {
            let (expires, now) = (open.expires_at, page.now);
            view! {
                <p class="item-message">{open.question.clone()}</p>
                {before}
                <p>
                    <a href=page.place.approval(open.id)>"Open this approval"</a>
                    ", which expires "
                    <Timestamp at=expires now relative=true />
                    "."
                </p>
            }
            .into_any()
        }
        None => view! { <p>{words::state_means(item.state)}</p> {before} }.into_any(),
    }
}

/// What went wrong in the round before.
fn before(failure: &Failure) -> AnyView {
    let (code, message) = (failure.code.clone(), failure.message.clone());
    view! {
        <p class="item-message">
            "Before, it failed: "
            <code>{code}</code>
            " "
            {message}
        </p>
    }
    .into_any()
}

fn replayed(page: &Page, detail: &ItemDetail) -> AnyView {
    let item = &detail.item;
    let evidence = item.replay_evidence.map(words::evidence_means);
    view! {
        <p>{words::state_means(item.state)}</p>
        <p>
            {evidence}
            {done_by(detail)}
        </p>
        {result(page, detail)}
    }
    .into_any()
}

/// The attempt that did it; where a receiver only says that it had been done, those that may have.
fn done_by(detail: &ItemDetail) -> AnyView {
    let link = |number: i64| {
        view! { <a href=format!("#attempt-{number}")>"attempt " {number}</a> }
    };
    let of = |attempt: &&Attempt| Some(attempt.id) == detail.item.replay_of;
    if let Some(known) = detail.attempts.iter().find(of) {
        return view! { " It was done by " {link(known.number)} "." }.into_any();
    }
    let earlier = detail.attempts.iter().filter(|attempt| may_have_acted(attempt.end));
    let links: Vec<_> = earlier.map(|attempt| view! { " " {link(attempt.number)} }).collect();
    if links.is_empty() {
        return ().into_any();
    }
    view! { " The same key was sent before by" {links} "." }.into_any()
}

const fn may_have_acted(end: AttemptEnd) -> bool {
    matches!(end, AttemptEnd::Failed | AttemptEnd::Interrupted | AttemptEnd::Late)
}

fn result(page: &Page, detail: &ItemDetail) -> AnyView {
    match &detail.result {
        Some(record) => {
            let href = page.place.record(&record.kind, &record.key);
            let words = record.reference().to_string();
            view! { <p>"Resulting record: " <a href=href>{words}</a></p> }.into_any()
        }
        None => view! { <p>"The action left no record in a register."</p> }.into_any(),
    }
}

fn open(page: &Page, item: &Item) -> AnyView {
    let now = page.now;
    let precision = Precision::Second;
    let later = item.not_before > now && item.state == ItemState::Queued;
    let later = later.then(|| {
        let at = item.not_before;
        view! { <p>"Not before " <Timestamp at now precision relative=true /> "."</p> }
    });
    let lease = item.lease_until.map(|at| {
        view! {
            <p>
                "Its worker holds it until " <Timestamp at now precision relative=true />
                "; after that another may take it."
            </p>
        }
    });
    let failed = item.failure.as_ref().map(before);
    view! {
        <p>{words::state_means(item.state)}</p>
        {failed}
        {later}
        {lease}
    }
    .into_any()
}
