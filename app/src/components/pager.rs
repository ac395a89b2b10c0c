//! Keyset paging: there is a newer and an older page, never a page number.

use leptos::prelude::*;

use super::{
    button::{LinkButton, Size},
    icon::{Glyph, Icon},
};

/// A page size on offer.
#[derive(Debug, Clone)]
pub struct PageSize {
    /// Rows a page.
    pub rows: u32,
    /// The same list with that size, from its start.
    pub href: String,
    /// It is the size now.
    pub current: bool,
}

/// The foot of a list.
#[component]
pub fn Pager(
    /// What is shown: `50 runs, newest first`.
    #[prop(into)]
    summary: String,
    /// The page before this one, if there is one.
    #[prop(into)]
    newer: Option<String>,
    /// The page after this one, if there is one.
    #[prop(into)]
    older: Option<String>,
    /// What the two ways are called, where the list is not one of times.
    #[prop(default = ("Newer", "Older"))]
    words: (&'static str, &'static str),
    /// Page sizes on offer; none hides the choice.
    #[prop(optional)]
    sizes: Vec<PageSize>,
) -> impl IntoView {
    let sizes = (!sizes.is_empty()).then(|| {
        let links = sizes.into_iter().map(|size| match size.current {
            true => view! { <span aria-current="true">{size.rows}</span> }.into_any(),
            false => view! { <a href=size.href>{size.rows}</a> }.into_any(),
        });
        view! { <div class="pager-sizes" role="group" aria-label="Rows a page">"Rows" {links.collect_view()}</div> }
    });
    view! {
        <nav class="pager" aria-label="Pages">
            <span>{summary}</span>
            {sizes}
            <div class="pager-steps">
                {newer
                    .map(|href| {
                        view! {
                            <LinkButton href size=Size::Small icon=Glyph::Left>
                                {words.0}
                            </LinkButton>
                        }
                    })}
                {older
                    .map(|href| {
                        view! {
                            <LinkButton href size=Size::Small>
                                {words.1}
                                <Icon glyph=Glyph::Right />
                            </LinkButton>
                        }
                    })}
            </div>
        </nav>
    }
    .into_any()
}
