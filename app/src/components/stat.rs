//! A few numbers that matter, side by side.

use leptos::prelude::*;

use super::tone::Tone;

/// A row of [`Stat`]s.
#[component]
pub fn Stats(children: Children) -> impl IntoView {
    view! { <dl class="stats">{children()}</dl> }.into_any()
}

/// One number and what it counts.
#[component]
pub fn Stat(
    /// What it counts.
    #[prop(into)]
    label: String,
    /// The number, formatted.
    #[prop(into)]
    value: String,
    /// What to know about it.
    #[prop(optional_no_strip, into)]
    note: Option<String>,
    /// Colours the number when it asks for attention.
    #[prop(optional)]
    tone: Tone,
    /// What an island calls it that fills it in again.
    #[prop(optional, into)]
    live: Option<&'static str>,
) -> impl IntoView {
    view! {
        <div class="stat" data-live=live data-tone=(tone != Tone::Neutral).then(|| tone.as_str())>
            <dt>{label}</dt>
            <dd>{value}</dd>
            {note.map(|note| view! { <dd class="stat-note">{note}</dd> })}
        </div>
    }
    .into_any()
}
