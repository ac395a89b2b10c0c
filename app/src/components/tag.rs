//! A word of the vocabulary set apart from running text.

use leptos::prelude::*;

/// A trigger kind, an actioner's class, a version: a word that is one of a few.
#[component]
pub fn Tag(children: Children) -> impl IntoView {
    view! { <span class="tag">{children()}</span> }
}
