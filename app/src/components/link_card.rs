//! Ways onward that need a sentence.

use leptos::prelude::*;

/// A list of [`LinkCard`]s.
#[component]
pub fn LinkCards(children: Children) -> impl IntoView {
    view! { <ul class="link-card-list">{children()}</ul> }.into_any()
}

/// One way onward.
#[component]
pub fn LinkCard(
    /// Where it goes.
    #[prop(into)]
    href: String,
    /// What is there.
    #[prop(into)]
    title: String,
    /// A number that says whether to go.
    #[prop(optional, into)]
    figure: Option<String>,
    /// The sentence.
    children: Children,
) -> impl IntoView {
    view! {
        <li>
            <a class="link-card" href=href>
                <span class="link-card-title">
                    {title}
                    {figure.map(|figure| view! { <span class="link-card-figure">{figure}</span> })}
                </span>
                <span>{children()}</span>
            </a>
        </li>
    }
    .into_any()
}
