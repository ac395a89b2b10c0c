//! The frame of pages before sign-in: one sheet, no script.

use leptos::prelude::*;

use super::{icon::Mark, safe_title::SafeTitle};

/// A narrow sheet with a heading.
#[component]
pub fn PlainFrame(
    /// The heading, and the name of the browser's tab.
    #[prop(into)]
    title: String,
    /// The rest.
    children: Children,
) -> impl IntoView {
    view! {
        <SafeTitle text=title.clone() />
        <main class="plain-frame">
            <p class="plain-frame-brand">
                <Mark />
                "Assize"
            </p>
            <section class="plain-frame-sheet">
                <h1>{title}</h1>
                {children()}
            </section>
        </main>
    }
    .into_any()
}
