//! Digests, keys and ids: short to look at, whole to copy.

use leptos::prelude::*;

use crate::{format, islands::copy::Copy};

/// A digest, an id or a key.
#[component]
pub fn Digest(
    /// The whole of it.
    #[prop(into)]
    value: String,
    /// Shows the whole of it, not the beginning.
    #[prop(optional)]
    whole: bool,
) -> impl IntoView {
    let shown = if whole { value.clone() } else { format::short_digest(&value) };
    view! {
        <span class="digest">
            <code title=value.clone()>{shown}</code>
            <Copy text=value />
        </span>
    }
    .into_any()
}
