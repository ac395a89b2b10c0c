//! What the pages have in common that ask before something is done to a whole run.

use engine::services::RunDetail;
use leptos::prelude::*;

use super::crumbs;
use crate::{
    components::{
        button::{LinkButton, Variant},
        empty_state::EmptyState,
        error_summary::ErrorSummary,
        icon::Glyph,
        page_header::PageHeader,
    },
    context::Page,
};

/// The page: what is done, to which run, what was wrong with the form, and the form.
pub fn frame(
    page: &Page,
    detail: &RunDetail,
    title: &'static str,
    lead: &'static str,
    body: AnyView,
) -> AnyView {
    view! {
        <PageHeader
            title
            crumbs=crumbs::of(&page.place, detail.run.id, &detail.automation.name)
            lead=lead.into_any()
        />
        <div class="stack">
            <ErrorSummary errors=page.form.errors() />
            {body}
        </div>
    }
    .into_any()
}

/// In place of the form: why this cannot be done now.
pub fn not_now(title: &'static str, text: &'static str, back: String) -> AnyView {
    view! {
        <EmptyState title text glyph=Glyph::Lock>
            <LinkButton href=back variant=Variant::Primary>
                "Back to the run"
            </LinkButton>
        </EmptyState>
    }
    .into_any()
}
