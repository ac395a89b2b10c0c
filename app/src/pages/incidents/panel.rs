//! The incidents of one run or item, on its page.

use domain::{incident::IncidentFilter, page::Seek};
use engine::services::ServiceError;
use leptos::prelude::*;

use super::table;
use crate::{
    components::{
        button::{LinkButton, Size},
        panel::Panel,
    },
    context::Page,
    format,
};

/// Incidents that are shown before there is a link to all.
const SHOWN: i64 = 5;

/// The panel; nothing where there are none.
pub async fn show(page: &Page, filter: IncidentFilter) -> Result<Option<AnyView>, ServiceError> {
    let found = page.services.incidents(page.caller, &filter, Seek::First, SHOWN).await?;
    let (incidents, settled) = (found.page.rows, found.settled);
    if incidents.is_empty() {
        return Ok(None);
    }
    let href = format!("{}?{}", page.place.incidents(), filter.query());
    let more = found.page.next.is_some();
    let actions = more.then(|| {
        view! {
            <LinkButton href size=Size::Small>
                "All incidents"
            </LinkButton>
        }
        .into_any()
    });
    let count = format::plural(incidents.len() as i64, "incident", "incidents");
    let note = if more { format!("the latest {SHOWN}") } else { count };
    let table = table::show(page, "Incidents", &incidents, &settled, None);
    Ok(Some(
        view! {
            <Panel title="Incidents" id="incidents" note actions>
                {table}
            </Panel>
        }
        .into_any(),
    ))
}
