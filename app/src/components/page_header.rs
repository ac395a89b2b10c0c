//! The head of a page: its name, where it hangs, what can be done on it.

use leptos::prelude::*;

use super::safe_title::SafeTitle;

/// A step on the way to this page.
#[derive(Debug, Clone)]
pub struct Crumb {
    /// The page's name.
    pub label: String,
    /// Its address; a step without a page of its own has none.
    pub href: Option<String>,
}

impl Crumb {
    /// A step with a page.
    pub fn to(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    /// A step that only names a group.
    pub fn group(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

/// The head of a page; it also names the browser's tab.
#[component]
pub fn PageHeader(
    /// The page's name.
    #[prop(into)]
    title: String,
    /// The way to it, from the section on.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// A sentence about it.
    #[prop(optional_no_strip, into)]
    lead: Option<AnyView>,
    /// Status and the like, beside the name.
    #[prop(optional_no_strip, into)]
    beside: Option<AnyView>,
    /// Buttons.
    #[prop(optional_no_strip, into)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let crumbs = (!crumbs.is_empty()).then(|| {
        let steps = crumbs.into_iter().map(|crumb| match crumb.href {
            Some(href) => view! { <li><a href=href>{crumb.label}</a></li> }.into_any(),
            None => view! { <li class="quiet">{crumb.label}</li> }.into_any(),
        });
        view! {
            <nav aria-label="Breadcrumb">
                <ol class="page-header-crumbs">{steps.collect_view()}</ol>
            </nav>
        }
    });
    view! {
        <SafeTitle text=title.clone() />
        <header class="page-header">
            {crumbs}
            <div class="page-header-row">
                <div class="page-header-title">
                    <h1>{title}</h1>
                    {beside}
                </div>
                {actions.map(|actions| view! { <div class="page-header-actions">{actions}</div> })}
            </div>
            {lead.map(|lead| view! { <p class="page-header-lead">{lead}</p> })}
        </header>
    }
    .into_any()
}
