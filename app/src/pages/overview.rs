//! Governance → Automation → Overview: what needs somebody now, what failed last and why, and how each
//! automation goes.

mod anomalies;
mod failure;
mod health;
mod needs;

use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        page_header::{Crumb, PageHeader},
    },
    pages::{in_workspace, windows},
};

/// The page.
#[component]
pub fn OverviewPage() -> impl IntoView {
    in_workspace(Section::Overview, async |page| {
        page.check_query(&[])?;
        let needs = needs::show(&page).await?;
        let anomalies = anomalies::show(&page).await?;
        let failure = failure::show(&page).await?;
        let health = health::show(&page).await?;
        Ok(view! {
            <PageHeader
                title="Overview"
                crumbs=vec![Crumb::group("Governance"), Crumb::group("Automation")]
            />
            {windows::line(&page)}
            <div class="stack-wide">
                {needs}
                {anomalies}
                {failure}
                {health}
            </div>
        }
        .into_any())
    })
}
