//! The brief: a period on a few sheets of paper, for the audit committee.

mod failed;
mod incidents;
mod period;
mod runs;
mod trail;

use domain::permission::Permission;
use engine::services::Brief;
use leptos::prelude::*;

use self::period::Asked;
use super::in_workspace;
use crate::{
    components::{
        app_frame::Section,
        page_header::{Crumb, PageHeader},
        stat::{Stat, Stats},
        tone::Tone,
    },
    context::Page,
    format,
};

/// Governance → Automation → Brief.
#[component]
pub fn BriefPage() -> impl IntoView {
    in_workspace(Section::Brief, async |page| {
        let asked = Asked::read(&page)?;
        let brief = page.services.brief(page.caller, asked.period).await?;
        let names = page.services.member_names(page.caller).await?;
        let root = match page.may(Permission::ViewAuditLog) {
            true => Some(page.services.audit_root(page.caller).await?),
            false => None,
        };
        Ok(view! {
            {header(&page, &asked)}
            {period::choice(&page, &asked)}
            <div class="stack-wide brief">
                {totals(&brief)}
                {runs::by_definition(&page, &asked, &brief)}
                {failed::items(&brief)}
                {incidents::by_severity(&page, &asked, &brief)}
                {trail::approvals(&brief)}
                {trail::changes(&page, &brief, &names)}
                {trail::log(&page, root)}
            </div>
        }
        .into_any())
    })
}

fn header(page: &Page, asked: &Asked) -> AnyView {
    let workspace = page.place.workspace.name.clone();
    let (period, printed) = (asked.period, format::absolute(page.now));
    let lead = view! {
        "Governed automation in "
        <b>{workspace}</b>
        ": runs that started from "
        {period.from.to_string()}
        " to "
        {period.last_day().to_string()}
        ", UTC. As of "
        {printed}
        "."
    };
    view! {
        <PageHeader
            title=format!("Brief {period}")
            crumbs=vec![Crumb::group("Governance"), Crumb::group("Automation")]
            lead=lead.into_any()
        />
    }
    .into_any()
}

fn totals(brief: &Brief) -> AnyView {
    let (runs, counts) = (brief.total.runs, brief.total.counts);
    let alarm = |n: i64, tone| if n > 0 { tone } else { Tone::Neutral };
    view! {
        <Stats>
            <Stat label="Runs" value=format::count(runs) />
            <Stat label="Items" value=format::count(counts.subjects_matched) />
            <Stat label="Actions" value=format::count(counts.actions_invoked) />
            <Stat
                label="Failed"
                value=format::count(counts.failed)
                tone=alarm(counts.failed, Tone::Danger)
            />
            <Stat
                label="Awaiting approval"
                value=format::count(counts.awaiting_approval)
                tone=alarm(counts.awaiting_approval, Tone::Warning)
            />
        </Stats>
    }
    .into_any()
}
