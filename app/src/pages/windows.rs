//! What an auditor is told about their windows, wherever a list is narrowed to them.

use domain::member::Role;
use engine::services::ServiceError;
use leptos::prelude::*;

use crate::{
    components::{empty_state::EmptyState, icon::Glyph},
    context::Page,
};

/// The periods a list is limited to; nothing for those who see all, or none.
pub fn line(page: &Page) -> Option<AnyView> {
    let limited = page.place.sight.periods().is_some_and(|periods| !periods.is_empty());
    limited.then(|| {
        let words = format!("You see {}", page.place.sight);
        view! { <p class="windows-line quiet small">{words}</p> }.into_any()
    })
}

/// What stands where a list has no rows: for an auditor without a window, whom to ask for one.
pub async fn nothing(
    page: &Page,
    otherwise: impl FnOnce() -> AnyView,
) -> Result<AnyView, ServiceError> {
    if !page.place.sight.is_blind() {
        return Ok(otherwise());
    }
    let members = page.services.members(page.caller).await?;
    let owners = members.iter().filter(|m| m.role == Role::Owner && m.removed_at.is_none());
    let owners: Vec<_> = owners.map(|owner| format!("{} ({})", owner.name, owner.email)).collect();
    let whom = match owners.is_empty() {
        true => "There is no owner who could grant one.".to_owned(),
        false => format!("Ask an owner for yours: {}.", owners.join(", ")),
    };
    let text = format!("An auditor sees the periods that were granted to them. {whom}");
    Ok(view! { <EmptyState title="No window was granted to you yet" text glyph=Glyph::Lock /> }
        .into_any())
}
