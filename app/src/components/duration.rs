//! A length of time.

use chrono::TimeDelta;
use leptos::prelude::*;

use crate::format;

/// How long something took, or a dash while it has not ended.
#[component]
pub fn Duration(
    /// The length, if it is over.
    #[prop(into)]
    length: Option<TimeDelta>,
) -> impl IntoView {
    view! {
        <span class="duration">{length.map_or_else(|| "–".to_owned(), format::duration)}</span>
    }
}
