//! What came of an event, in a line.

use std::collections::HashMap;

use domain::{automation::Automation, id::AutomationId, run::Run};
use leptos::prelude::*;

use crate::{
    components::{
        icon::Glyph,
        status_badge::{Status, StatusBadge},
        tone::Tone,
    },
    context::Page,
    format,
};

/// Runs a line names.
const NAMED: usize = 3;

/// How an event stands without runs: nobody listened to it, or none of its runs is seen.
pub fn nothing(page: &Page) -> Status {
    let word = if page.place.sight.periods().is_some() { "none-seen" } else { "unmatched" };
    Status::new(word, Glyph::Dash, Tone::Neutral)
}

/// The automations it set off, each with how its run stands; or that there were none.
pub fn line(page: &Page, runs: &[Run], known: &HashMap<AutomationId, Automation>) -> AnyView {
    if runs.is_empty() {
        return view! { <StatusBadge status=nothing(page) /> }.into_any();
    }
    let named = runs.iter().take(NAMED).map(|run| {
        let name = known.get(&run.automation).map(|a| a.name.clone()).unwrap_or_default();
        let (href, status) = (page.place.run(run.id), run.status);
        view! {
            <li>
                <a href=href>{name}</a>
                " "
                <StatusBadge status />
            </li>
        }
    });
    let more = runs.len().saturating_sub(NAMED) as i64;
    let more =
        (more > 0).then(|| view! { <li class="quiet">"and " {format::count(more)} " more"</li> });
    view! {
        <ul class="events-runs">
            {named.collect_view()}
            {more}
        </ul>
    }
    .into_any()
}
