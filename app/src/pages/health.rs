//! Governance → Automation → Health: how automations go over a period, what is usual, and what is not. All of it
//! lives in the address.

mod anomalies;
mod automations;
mod causes;
mod charts;
mod figures;
mod period;
mod usage;

use domain::health::HealthQuery;
use engine::services::Health;
use leptos::prelude::*;

pub use self::anomalies::{list as anomaly_list, standing};
use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Size},
        empty_state::EmptyState,
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        status_badge::StatusBadge,
    },
    context::Page,
    fault::Fault,
    pages::{in_workspace, windows},
};

/// All automations together.
#[component]
pub fn HealthPage() -> impl IntoView {
    in_workspace(Section::Health, async |page| show(&page, None).await)
}

/// One automation.
#[component]
pub fn AutomationHealthPage() -> impl IntoView {
    in_workspace(Section::Health, async |page| {
        let key: String = page.param("key")?;
        show(&page, Some(key)).await
    })
}

/// What is asked for, and of what.
pub(super) struct Asked {
    pub query: HealthQuery,
    /// The address of this page.
    pub path: String,
}

impl Asked {
    fn read(page: &Page, key: Option<String>) -> Result<Self, Fault> {
        let names = ["since", "from", "to", "compare"];
        page.check_query(&names)?;
        let pairs = page.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query = HealthQuery::parse(pairs)?;
        let path =
            key.as_deref().map_or_else(|| page.place.health(), |key| page.place.health_of(key));
        Ok(Self { query: HealthQuery { automation: key, ..query }, path })
    }

    /// This page, asked something else.
    fn href(&self, query: HealthQuery) -> String {
        match (HealthQuery { automation: None, ..query }).query() {
            none if none.is_empty() => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }
}

async fn show(page: &Page, key: Option<String>) -> Result<AnyView, Fault> {
    let asked = Asked::read(page, key)?;
    // A key that is not there is a page that is not there.
    if let Some(key) = &asked.query.automation {
        page.services.automation_by_key(page.caller, key).await?;
    }
    let health = page.services.health(page.caller, &asked.query).await?;
    let period = asked.query.period(page.now.date_naive())?;
    let content = match health.now.total().runs() == 0 && health.anomalies().is_empty() {
        true => nothing(page, &asked),
        false => content(page, &asked, &health),
    };
    Ok(view! {
        {header(page, &asked, &health)}
        {windows::line(page)}
        {period::choice(&asked, period)}
        <div class="stack-wide health">{content}</div>
    }
    .into_any())
}

fn content(page: &Page, asked: &Asked, health: &Health) -> AnyView {
    let automations =
        asked.query.automation.is_none().then(|| automations::strips(page, asked, health));
    view! {
        {anomalies::panel(page, health)}
        {figures::stats(health)}
        {charts::outcomes(page, asked, health)}
        {automations}
        {charts::lengths(health)}
        {charts::costs(health)}
        {usage::panels(health)}
        {causes::panel(page, asked, health)}
    }
    .into_any()
}

fn header(page: &Page, asked: &Asked, health: &Health) -> AnyView {
    let crumbs = vec![Crumb::group("Governance"), Crumb::group("Automation")];
    let badge = view! { <StatusBadge status=standing(health.standing()) size=Size::Large /> };
    let Some(key) = &asked.query.automation else {
        let lead = "How automations go, what is usual for each of them, and what is not.";
        return view! {
            <PageHeader title="Health" crumbs lead=lead.into_any() beside=badge.into_any() />
        }
        .into_any();
    };
    let name = health.automations.first().map_or(key, |of| &of.automation.name);
    let crumbs = [crumbs, vec![Crumb::to("Health", page.place.health())]].concat();
    let actions = view! {
        <LinkButton href=page.place.definition(key)>"Definition"</LinkButton>
        <LinkButton href=format!("{}?definition={key}", page.place.runs())>"Runs"</LinkButton>
    };
    view! {
        <PageHeader
            title=format!("Health of {name}")
            crumbs
            beside=badge.into_any()
            actions=actions.into_any()
        />
    }
    .into_any()
}

fn nothing(page: &Page, asked: &Asked) -> AnyView {
    let since =
        HealthQuery { since: Some(365), compare: asked.query.compare, ..HealthQuery::default() };
    let (year, runs) = (asked.href(since), page.place.runs());
    view! {
        <EmptyState
            title="No runs in this period"
            text="Charts begin with the first run. What is usual is known after six days or weeks with runs."
            glyph=Glyph::Health
        >
            <LinkButton href=year>"Look at the last year"</LinkButton>
            <LinkButton href=runs>"Runs"</LinkButton>
        </EmptyState>
    }
    .into_any()
}
