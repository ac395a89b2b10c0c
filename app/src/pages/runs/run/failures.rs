//! What failed and why, and whether trying again is safe: the first thing an operator asks.

use domain::{
    incident::IncidentFilter,
    item::ItemState,
    permission::Permission,
    retry::{PlanVerdict, RetryPlan},
    run::Run,
};
use engine::services::ServiceError;
use leptos::prelude::*;

use super::{
    super::words,
    address::{Outcome, RunQuery},
    causes::{Cause, causes},
};
use crate::{
    components::{
        button::{LinkButton, Size, Variant},
        icon::Icon,
        panel::Panel,
        status_badge::{Status, StatusBadge},
    },
    context::Page,
    format,
};

/// Failed items that are looked at for their causes.
const LOOKED_AT: i64 = 1_000;

/// The panel; nothing where nothing failed.
pub async fn show(page: &Page, run: &Run) -> Result<Option<AnyView>, ServiceError> {
    if run.counts.failed == 0 {
        return Ok(None);
    }
    let failed = [ItemState::Failed];
    let (items, more) = page.services.items(page.caller, run.id, &failed, None, LOOKED_AT).await?;
    let plan = page.services.retry_plan(page.caller, run.id).await?;
    let causes = causes(&items, &plan).into_iter().map(|cause| entry(page, run, cause));
    let causes = causes.collect_view();
    let failed_href =
        RunQuery::items(Some(Outcome::Is(ItemState::Failed))).href(&page.place.run(run.id));
    let note = more.map(|_| format!("the first {} looked at", format::count(LOOKED_AT)));
    let actions = view! {
        <LinkButton href=failed_href size=Size::Small>
            "All failed items"
        </LinkButton>
    };
    let advice = advice(page, run, &plan);
    let title = format!("{} failed", format::plural(run.counts.failed, "item", "items"));
    Ok(Some(
        view! {
            <Panel
                title
                note=note.unwrap_or_else(|| "by cause".to_owned())
                actions=actions.into_any()
            >
                <ul class="run-causes">{causes}</ul>
                {advice}
            </Panel>
        }
        .into_any(),
    ))
}

fn entry(page: &Page, run: &Run, cause: Cause) -> AnyView {
    let status = words::failure_status(cause.kind);
    let shown = i64::try_from(cause.examples.len()).unwrap_or(i64::MAX);
    let others = cause.count - shown;
    let verdicts = verdicts(&cause);
    let said = cause.incident.entry();
    let incidents =
        IncidentFilter { causes: vec![cause.incident], ..IncidentFilter::of_run(run.id) };
    let incidents = format!("{}?{}", page.place.incidents(), incidents.query());
    let policy = cause.policy.as_deref().map(|key| {
        view! { " · " <a href=page.place.policy(key)>"The policy"</a> }
    });
    let examples = cause.examples.into_iter().map(|(item, key)| {
        view! {
            <li>
                <a href=page.place.item(run.id, item)>{key}</a>
            </li>
        }
    });
    view! {
        <li class="run-cause" data-tone=status.tone.as_str()>
            <div class="run-cause-head">
                <b class="run-cause-count">{format::count(cause.count)}</b>
                <code>{cause.code}</code>
                <StatusBadge status />
            </div>
            <p class="run-message">{cause.message}</p>
            <p class="muted">
                {said.means} " " {said.next} " " <a href=incidents>"Its incidents"</a> {policy}
            </p>
            <ul class="run-cause-items">
                {examples.collect_view()}
                {(others > 0)
                    .then(|| view! { <li class="quiet">"and " {format::count(others)} " more"</li> })}
            </ul>
            {verdicts}
        </li>
    }
    .into_any()
}

fn verdicts(cause: &Cause) -> AnyView {
    let parts = [
        (PlanVerdict::Safe, cause.safe, "safe to retry"),
        (PlanVerdict::Confirm, cause.confirm, "to confirm before a retry"),
        (PlanVerdict::Pointless, cause.pointless, "pointless to retry as it stands"),
    ];
    let parts = parts
        .into_iter()
        .filter(|(_, n, _)| *n > 0)
        .map(|(verdict, n, words)| verdict_count(verdict, n, words));
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| view! { <ul class="run-verdicts">{parts}</ul> }).into_any()
}

fn verdict_count(verdict: PlanVerdict, n: i64, means: &'static str) -> AnyView {
    let Status { glyph, tone, .. } = words::verdict_status(verdict);
    view! {
        <li class="status-badge" data-tone=tone.as_str()>
            <Icon glyph />
            {format::count(n)}
            " "
            {means}
        </li>
    }
    .into_any()
}

/// What to do now, in one sentence, with the way to it.
fn advice(page: &Page, run: &Run, plan: &RetryPlan) -> AnyView {
    let text = match (plan.items.is_empty(), run.may_retry()) {
        (true, _) | (_, false) => {
            "This run allows no retry: it was stopped, or it is still matching its subjects."
        }
        _ if plan.count(PlanVerdict::Safe) == plan.items.len() => {
            "Every failed item is safe to retry: nothing can happen twice."
        }
        _ if plan.count(PlanVerdict::Pointless) == plan.items.len() => {
            "No retry can help before the cause is mended."
        }
        _ => "The plan says item by item what a retry would do. Looking at it changes nothing.",
    };
    let leads_on = run.may_retry() && !plan.items.is_empty();
    let words = match page.may(Permission::RetryItems) {
        true => "Look at the retry plan",
        false => "Read the retry plan",
    };
    let href = page.place.retry(run.id);
    view! {
        <div class="run-advice">
            <p>{text}</p>
            {leads_on
                .then(|| {
                    view! {
                        <LinkButton href variant=Variant::Secondary size=Size::Small>
                            {words}
                        </LinkButton>
                    }
                })}
        </div>
    }
    .into_any()
}
