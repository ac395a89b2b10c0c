//! The facts of one thing, as a description list.

use leptos::prelude::*;

/// A list of [`Entry`]s.
#[component]
pub fn KeyValue(children: Children) -> impl IntoView {
    view! { <dl class="key-value">{children()}</dl> }.into_any()
}

/// One fact.
#[component]
pub fn Entry(
    /// Its name.
    #[prop(into)]
    term: String,
    /// Its value.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="key-value-entry">
            <dt>{term}</dt>
            <dd>{children()}</dd>
        </div>
    }
    .into_any()
}
