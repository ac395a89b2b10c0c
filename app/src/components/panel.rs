//! A part of a page with a name.

use leptos::prelude::*;

/// A section with a heading.
#[component]
pub fn Panel(
    /// Its heading.
    #[prop(into)]
    title: String,
    /// Its id, for links to it.
    #[prop(optional, into)]
    id: Option<String>,
    /// A few words beside the heading.
    #[prop(optional, into)]
    note: Option<String>,
    /// Puts its content on a sheet; tables bring their own.
    #[prop(optional)]
    boxed: bool,
    /// Buttons at the end of the heading's line.
    #[prop(optional_no_strip, into)]
    actions: Option<AnyView>,
    /// Its content.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel" id=id data-boxed=boxed.then_some("")>
            <div class="panel-head">
                <h2>{title}</h2>
                {note.map(|note| view! { <span class="panel-note">{note}</span> })}
                {actions.map(|actions| view! { <div class="panel-actions">{actions}</div> })}
            </div>
            <div class="panel-body">{children()}</div>
        </section>
    }
    .into_any()
}
