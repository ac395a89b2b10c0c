//! Views of one thing, as links: each has its own address.

use leptos::prelude::*;

use crate::format;

/// One view.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Its name.
    pub label: String,
    /// Its address.
    pub href: String,
    /// How many things it holds, if that is known without counting.
    pub count: Option<i64>,
    /// It is shown now.
    pub current: bool,
}

/// A row of views.
#[component]
pub fn Tabs(
    /// What they are views of.
    #[prop(into)]
    label: String,
    /// The views.
    tabs: Vec<Tab>,
) -> impl IntoView {
    let links = tabs.into_iter().map(|tab| {
        view! {
            <li>
                <a href=tab.href aria-current=tab.current.then_some("page")>
                    {tab.label}
                    {tab
                        .count
                        .map(|n| view! { <span class="tabs-count">{format::count(n)}</span> })}
                </a>
            </li>
        }
    });
    view! {
        <nav class="tabs" aria-label=label>
            <ul>{links.collect_view()}</ul>
        </nav>
    }
    .into_any()
}
