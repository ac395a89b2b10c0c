//! A page that could not be shown.

use leptos::prelude::*;

use super::safe_title::SafeTitle;

/// Fills the page: what happened, what to do, and the id to quote when asking for help.
#[component]
pub fn ErrorState(
    /// The HTTP status, for those who know it.
    code: u16,
    /// What happened, in a few words.
    #[prop(into)]
    title: String,
    /// What happened, in a sentence.
    #[prop(into)]
    happened: String,
    /// What to do now.
    #[prop(into)]
    next: String,
    /// The request's id, as the log has it.
    #[prop(optional_no_strip, into)]
    request_id: Option<String>,
    /// Ways on, as buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <SafeTitle text=title.clone() />
        <section class="error-state">
            <p class="error-state-code">{code}</p>
            <h1>{title}</h1>
            <p>{happened}</p>
            <p class="muted">{next}</p>
            {children.map(|children| view! { <div class="cluster">{children()}</div> })}
            {request_id
                .map(|id| {
                    view! {
                        <p class="error-state-request">
                            "If you ask for help, quote request " <code>{id}</code>
                        </p>
                    }
                })}
        </section>
    }
    .into_any()
}
