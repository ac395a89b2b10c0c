//! Words for screen readers where sight has a shape or a position.

use leptos::prelude::*;

/// Text that is read out but not seen.
#[component]
pub fn VisuallyHidden(children: Children) -> impl IntoView {
    view! { <span class="visually-hidden">{children()}</span> }
}
