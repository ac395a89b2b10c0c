//! A place with nothing in it: why, and what to do about it.

use leptos::prelude::*;

use super::{
    button::{LinkButton, Variant},
    icon::{Glyph, Icon},
};

/// Stands where a list would.
#[component]
pub fn EmptyState(
    /// What there is none of: `No runs match these filters`.
    #[prop(into)]
    title: String,
    /// Why that may be.
    #[prop(into)]
    text: String,
    /// A drawing of what is missing.
    glyph: Glyph,
    /// Ways on, as buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <Icon glyph />
            <h2>{title}</h2>
            <p>{text}</p>
            <div class="empty-state-actions">{children.map(|children| children())}</div>
        </div>
    }
    .into_any()
}

/// Stands where a list would, of which a filter hides everything.
#[component]
pub fn NothingMatches(
    /// Rows in the plural: `runs`.
    what: &'static str,
    /// What may be hidden.
    #[prop(into, default = "There may be others: the filter above hides them.".to_owned())]
    text: String,
    glyph: Glyph,
    /// The list without a filter.
    #[prop(into)]
    clear_href: String,
) -> impl IntoView {
    view! {
        <EmptyState title=format!("No {what} match these filters") text glyph>
            <LinkButton href=clear_href variant=Variant::Primary>
                "Clear all filters"
            </LinkButton>
        </EmptyState>
    }
    .into_any()
}
