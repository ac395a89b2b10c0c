//! A moment in time.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::format;

/// How exactly a moment is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Precision {
    /// Lists.
    #[default]
    Minute,
    /// Attempts and audit entries.
    Second,
}

/// A moment in UTC, with how long ago it was in its title. The page's clock switch
/// ([`crate::islands::local_time`]) can show it in the reader's zone.
#[component]
pub fn Timestamp(
    /// The moment.
    at: DateTime<Utc>,
    /// The time of the request.
    now: DateTime<Utc>,
    /// How exactly.
    #[prop(optional)]
    precision: Precision,
    /// Shows how long ago it was beside it, for the moments a page is about.
    #[prop(optional)]
    relative: bool,
) -> impl IntoView {
    let text = match precision {
        Precision::Minute => format::minute(at),
        Precision::Second => format::second(at),
    };
    let ago = format::relative(at, now);
    view! {
        <time class="timestamp" datetime=format::machine(at) title=ago.clone()>
            <span>{text}</span>
            <span class="timestamp-zone">" UTC"</span>
        </time>
        {relative.then(|| view! { <span class="quiet nowrap">" · " {ago}</span> })}
    }
    .into_any()
}
