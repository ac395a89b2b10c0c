//! What happened to one thing, in order.

use leptos::prelude::*;

use super::{icon::Icon, status_badge::Status};

/// An ordered list of [`Step`]s.
#[component]
pub fn Timeline(children: Children) -> impl IntoView {
    view! { <ol class="timeline">{children()}</ol> }.into_any()
}

/// One thing that happened.
#[component]
pub fn Step(
    /// How it came out; the shape in the margin.
    #[prop(into)]
    status: Status,
    /// What it was: `Attempt 2 failed`.
    #[prop(into)]
    title: String,
    /// When, by whom, how long.
    #[prop(optional, into)]
    meta: Option<AnyView>,
    /// What there is to say about it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <li class="timeline-entry" data-tone=status.tone.as_str()>
            <Icon glyph=status.glyph />
            <div class="timeline-head">
                <span class="timeline-title">{title}</span>
                {meta.map(|meta| view! { <span class="timeline-meta">{meta}</span> })}
            </div>
            <div class="timeline-body">{children.map(|children| children())}</div>
        </li>
    }
    .into_any()
}
