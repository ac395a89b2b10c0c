//! One run item: its subject, what came of it, why, and every attempt.

mod approvals;
mod attempts;
mod facts;
mod outcome;

use domain::{
    id::{ItemId, RunId},
    incident::IncidentFilter,
};
use engine::services::ItemDetail;
use leptos::prelude::*;

use super::crumbs;
use crate::{
    components::{
        app_frame::Section, button::Size, json_view::JsonView, page_header::PageHeader,
        panel::Panel, status_badge::StatusBadge,
    },
    context::Page,
    format,
    pages::{in_workspace, incidents::panel},
};

/// Governance → Automation → Runs → a run → one of its items.
#[component]
pub fn ItemPage() -> impl IntoView {
    in_workspace(Section::Runs, async |page| {
        let run: RunId = page.param("run")?;
        let item: ItemId = page.param("item")?;
        page.check_query(&[])?;
        let detail = page.services.item(page.caller, run, item).await?;
        let approvals = page.services.approvals_of_item(page.caller, item).await?;
        let incidents = match detail.run.tally.incidents {
            0 => None,
            _ => panel::show(&page, IncidentFilter::of_item(item)).await?,
        };
        let cost = page.services.item_cost(page.caller, run, item).await?;
        Ok(view! {
            {header(&page, &detail)}
            <div class="stack-wide">
                {outcome::show(&page, &detail, &approvals)}
                {incidents}
                <div class="columns">
                    {facts::subject(&page, &detail, cost)}
                    {facts::key(&page, &detail)}
                </div>
                {parameters(&detail)}
                {attempts::show(&page, &detail)}
                {approvals::show(&page, &approvals)}
            </div>
        }
        .into_any())
    })
}

fn header(page: &Page, detail: &ItemDetail) -> AnyView {
    let ItemDetail { item, run, automation, .. } = detail;
    let state = item.state;
    let lead = format!(
        "{} on {}/{}, item {} of {} in a run of {}.",
        item.actioner,
        item.subject_kind,
        item.subject_key,
        format::count(item.position + 1),
        format::count(run.counts.subjects_matched),
        run.started_at.map(format::absolute).unwrap_or_default(),
    );
    view! {
        <PageHeader
            title=item.subject_key.clone()
            crumbs=crumbs::of(&page.place, run.id, &automation.name)
            beside=view! { <StatusBadge status=state size=Size::Large /> }.into_any()
            lead=lead.into_any()
        />
    }
    .into_any()
}

/// What the actioner was, or would be, called with.
fn parameters(detail: &ItemDetail) -> AnyView {
    let shown = match (&detail.item.parameters, &detail.run.pruned) {
        (Some(value), _) => {
            let value = value.clone();
            view! { <JsonView label="Parameters, as resolved then" value /> }.into_any()
        }
        (None, Some(pruned)) => {
            let words = format!("They were {pruned}; their digest stays.");
            view! { <p class="muted">{words}</p> }.into_any()
        }
        (None, None) => view! {
            <p class="muted">
                "They are resolved when the item is first about to act, and it never was."
            </p>
        }
        .into_any(),
    };
    view! {
        <Panel title="Parameters at the time" note="the same for every attempt">
            {shown}
        </Panel>
    }
    .into_any()
}
