//! A place with nothing in it: why, and what to do about it.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

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
