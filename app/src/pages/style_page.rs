//! The style page of development builds: every component in every state, with texts as long and as
//! odd as real ones get. What looks wrong here looks wrong in the product.

mod forms;
mod lists;
mod messages;
mod parts;

use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;

use crate::components::{
    app_frame::{AppFrame, Section, Viewer},
    button::{Button, LinkButton, Size, Variant},
    icon::Glyph,
    page_header::{Crumb, PageHeader},
    status_badge::StatusBadge,
};
use domain::run::RunStatus;

/// A name as long as a member may make it.
const LONG: &str = "Weekly know-your-customer review of accounts with a changed beneficial owner, \
                    dormant accounts and everything imported from the predecessor’s register";

/// The moment the page pretends it is.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default()
}

/// A moment this many minutes before [`now`].
fn ago(minutes: i64) -> DateTime<Utc> {
    now() - TimeDelta::minutes(minutes)
}

/// The whole design system on one page.
#[component]
pub fn StylePage() -> impl IntoView {
    let viewer = Viewer {
        workspace: "Harbour Credit Union".to_owned(),
        slug: "harbour".to_owned(),
        member: "Member with a rather long name".to_owned(),
        role: "operator",
        waiting: 18,
        stream: None,
        stopped: Vec::new(),
    };
    let actions = view! {
        <LinkButton href="#" icon=Glyph::Download>
            "Export"
        </LinkButton>
        <Button variant=Variant::Primary>"Retry 18 items"</Button>
    };
    let beside = view! { <StatusBadge status=RunStatus::CompletedWithFailures size=Size::Large /> };
    view! {
        <AppFrame viewer current=Some(Section::Runs)>
            <PageHeader
                title="Style page"
                crumbs=vec![
                    Crumb::group("Governance"),
                    Crumb::group("Automation"),
                    Crumb::to("Runs", "#"),
                ]
                lead="Every component in every state, with texts as long and as odd as real ones get."
                    .into_any()
                beside=beside.into_any()
                actions=actions.into_any()
            />
            <div class="stack-wide">
                <lists::Lists />
                <parts::Parts />
                <messages::Messages />
                <forms::Forms />
            </div>
        </AppFrame>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        components::testing::render_document,
        shell::{Assets, shell},
    };

    #[tokio::test]
    async fn no_component_needs_what_the_content_security_policy_forbids() {
        let assets = Assets { css: "/style.css".to_owned(), ..Assets::default() };
        let html = render_document(move || shell(&assets, || view! { <StylePage /> })).await;
        assert!(html.contains("Every component"), "{html}");
        assert!(!html.contains(" style="), "inline style");
        assert!(!html.contains(" onclick="), "inline handler");
    }
}
