//! A list without rows: because nothing has run, or because a filter hides everything.

use domain::{automation::Automation, filter::RunFilter, page::Seek, window::Sight};
use engine::services::ServiceError;
use leptos::prelude::*;

use super::{may_define, query::ListQuery};
use crate::{
    components::{
        button::{LinkButton, Variant},
        empty_state::{EmptyState, NothingMatches},
        icon::Glyph,
    },
    context::Page,
    format,
    pages::windows,
};

/// Says why there is nothing, and what to do about it.
pub async fn show(
    page: &Page,
    path: &str,
    list: &ListQuery,
    known: &[Automation],
) -> Result<AnyView, ServiceError> {
    if list.seek != Seek::First {
        return Ok(beyond(list.at(Seek::First).href(path)));
    }
    if !list.filter.narrows() {
        return windows::nothing(page, || none_at_all(page, known)).await;
    }
    let groups = page.services.run_groups(page.caller, &RunFilter::default()).await?;
    let all: i64 = groups.iter().map(|(_, group)| group.total.runs).sum();
    match all {
        0 => windows::nothing(page, || none_at_all(page, known)).await,
        all => Ok(hidden(page, all, list.cleared().href(path))),
    }
}

fn hidden(page: &Page, all: i64, clear_href: String) -> AnyView {
    let place = match page.place.sight {
        Sight::All => "in this workspace",
        Sight::Only(_) => "in the periods you see",
    };
    let text = match all {
        1 => format!("There is one run {place}; the filter above hides it."),
        all => format!(
            "There are {} {place}; the filter above hides all of them.",
            format::plural(all, "run", "runs")
        ),
    };
    view! {
        <NothingMatches what="runs" text glyph=Glyph::Runs clear_href />
    }
    .into_any()
}

fn none_at_all(page: &Page, known: &[Automation]) -> AnyView {
    let definitions = page.place.definitions();
    let text = match (known.is_empty(), may_define(page)) {
        (false, _) if page.place.sight != Sight::All => "No run started in the periods you see.",
        (true, true) => {
            "A run is one firing of an automation, and no automation is defined yet. Apply a \
             definition file with `assize apply`; its runs appear here."
        }
        (true, false) => {
            "A run is one firing of an automation, and no automation is defined yet. Owners and \
             operators apply definitions."
        }
        (false, _) => {
            "Nothing has fired yet. A run appears here as soon as a trigger event arrives that a \
             definition listens to."
        }
    };
    let words = if known.is_empty() { "Definitions" } else { "See what is defined" };
    view! {
        <EmptyState title="No runs yet" text glyph=Glyph::Runs>
            <LinkButton href=definitions variant=Variant::Primary>
                {words}
            </LinkButton>
        </EmptyState>
    }
    .into_any()
}

fn beyond(first_href: String) -> AnyView {
    view! {
        <EmptyState
            title="No runs on this page"
            text="The runs that stood here have moved: their time or status has changed."
            glyph=Glyph::Runs
        >
            <LinkButton href=first_href variant=Variant::Primary>
                "First page"
            </LinkButton>
        </EmptyState>
    }
    .into_any()
}
