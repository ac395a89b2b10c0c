//! One run: what went wrong first, then what it was, did and is doing.

mod address;
mod causes;
mod cost;
mod facts;
mod failures;
mod items;
mod notices;
mod numbers;
mod reported;
mod reports;

use domain::{
    concern::Concern, id::RunId, incident::IncidentFilter, permission::Permission,
    rollup::started_order, run::Run,
};
use engine::services::RunDetail;
use leptos::prelude::*;

use self::address::RunQuery;
use super::{
    crumbs,
    words::{concern, who_may},
};
use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Size, Variant},
        icon::Glyph,
        page_header::PageHeader,
        status_badge::StatusBadge,
        tag::Tag,
    },
    context::Page,
    format,
    islands::live::RunNow,
    pages::{in_workspace, incidents::panel},
};

/// Governance → Automation → Runs → one run.
#[component]
pub fn RunPage() -> impl IntoView {
    in_workspace(Section::Runs, async |page| {
        let id: RunId = page.param("run")?;
        let asked = RunQuery::parse(&page)?;
        let detail = page.services.run(page.caller, id).await?;
        let run = &detail.run;
        let version =
            page.services.automation_version(page.caller, run.automation, run.version).await?;
        let notices = notices::show(&page, &asked, &detail).await?;
        let failures = failures::show(&page, run).await?;
        let incidents = match run.tally.incidents {
            0 => None,
            _ => panel::show(&page, IncidentFilter::of_run(id)).await?,
        };
        let reports = reports::show(&page, run).await?;
        let told = reported::show(&page, &asked, &detail).await?;
        let items = match run.is_reported() {
            true => None,
            false => Some(items::show(&page, &asked, run).await?),
        };
        Ok(view! {
            {header(&page, &detail)}
            <div class="stack-wide">
                {notices}
                {failures}
                {incidents}
                {run.told.is_none().then(|| numbers::show(&page, &run_now(&detail), run, &version))}
                {told}
                {cost::show(run, &version)}
                {reports}
                {facts::surroundings(&page, &detail, &version)}
                {items}
                {facts::onward(&page, &detail)}
            </div>
        }
        .into_any())
    })
}

fn header(page: &Page, detail: &RunDetail) -> AnyView {
    let run = &detail.run;
    let status = run.status;
    let beside = view! {
        <span class="live-badge" data-live="status">
            <StatusBadge status size=Size::Large />
        </span>
        {run.told.map(|_| view! { <Tag>"Reported"</Tag> })}
        <span class="live-badge" data-live="concern">
            {concern(run).map(|status| view! { <StatusBadge status size=Size::Large /> })}
        </span>
    };
    let lead = view! {
        {lead(run)}
        {refusals(page, run).map(|why| view! { <span class="run-refusals">{why}</span> })}
    };
    view! {
        <PageHeader
            title=detail.automation.name.clone()
            crumbs=crumbs::to_list(&page.place)
            beside=beside.into_any()
            lead=lead.into_any()
            actions=actions(page, run)
        />
    }
    .into_any()
}

/// The run as islands begin with it.
fn run_now(detail: &RunDetail) -> RunNow {
    let RunDetail { run, automation, .. } = detail;
    let length = run.completed_at.map(|ended| ended - started_order(run));
    RunNow {
        id: run.id.to_string(),
        automation_key: automation.key.clone(),
        trigger_kind: run.trigger_kind.to_string(),
        status: run.status,
        concern: Concern::of(run),
        counts: run.counts,
        matched: run.matched,
        duration_seconds: length.map(|length| length.num_milliseconds() as f64 / 1_000.0),
    }
}

fn lead(run: &Run) -> String {
    let when = match run.started_at {
        Some(at) => format!("started {}", format::absolute(at)),
        None => format!("created {}, not started", format::absolute(run.created_at)),
    };
    let kind = format::label(run.trigger_kind.as_str()).to_lowercase();
    let round = match run.round {
        0 => String::new(),
        round => format!(", round {round}"),
    };
    if run.is_reported() {
        return format!("Reported by those who run it, {when}. Assize did not execute it.");
    }
    format!("Run of version {}, {when}, by {kind}{round}.", run.version)
}

/// What can be done about a run as it stands, whoever asks.
fn possible(run: &Run) -> Vec<(Permission, &'static str)> {
    let retry = run.may_retry() && run.counts.failed > 0;
    let cancel = !run.is_reported() && !run.status.is_terminal() && !run.is_stopping();
    [
        (retry, Permission::RetryItems, "retry"),
        (run.is_held(), Permission::CloseRuns, "close"),
        (cancel, Permission::CancelRuns, "cancel"),
    ]
    .into_iter()
    .filter_map(|(possible, permission, word)| possible.then_some((permission, word)))
    .collect()
}

fn actions(page: &Page, run: &Run) -> AnyView {
    let button = |(permission, _)| {
        let (href, variant, icon, words) = match permission {
            Permission::RetryItems => {
                (page.place.retry(run.id), Variant::Primary, Glyph::Replay, "Retry…")
            }
            Permission::CloseRuns => {
                (page.place.close(run.id), Variant::Secondary, Glyph::Lock, "Close…")
            }
            _ => (page.place.cancel(run.id), Variant::Danger, Glyph::Barred, "Cancel…"),
        };
        view! {
            <LinkButton href variant icon>
                {words}
            </LinkButton>
        }
    };
    let may = |(permission, _): &(Permission, _)| page.may(*permission);
    possible(run).into_iter().filter(may).map(button).collect_view().into_any()
}

/// Why the member finds no button for what could be done.
fn refusals(page: &Page, run: &Run) -> Option<String> {
    let refused = possible(run).into_iter().filter(|(permission, _)| !page.may(*permission));
    let refused: Vec<_> = refused.collect();
    let (permission, _) = *refused.first()?;
    let words: Vec<_> = refused.iter().map(|(_, word)| *word).collect();
    Some(format!(
        " It takes one of the {} to {} it; your role is {}.",
        who_may(permission),
        words.join(" or "),
        page.place.member.role
    ))
}
