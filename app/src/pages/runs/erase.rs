//! Erasing what the audit log says about a run beyond its leaves.

use domain::{id::RunId, permission::Permission, run::Run};
use leptos::prelude::*;

use super::{crumbs, words};
use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Variant},
        confirm_panel::ConfirmPanel,
        empty_state::EmptyState,
        error_summary::ErrorSummary,
        icon::Glyph,
        page_header::PageHeader,
        reason_field::ReasonField,
        tone::Tone,
    },
    context::Page,
    pages::in_workspace,
};

/// Runs → a run → erase.
#[component]
pub fn ErasePage() -> impl IntoView {
    in_workspace(Section::Runs, async |page| {
        let id: RunId = page.param("run")?;
        page.check_query(&[])?;
        let detail = page.services.run(page.caller, id).await?;
        Ok(view! {
            <PageHeader
                title="Erase payloads"
                crumbs=crumbs::of(&page.place, id, &detail.automation.name)
                lead="What the audit log says about this run beyond its leaves."
                    .into_any()
            />
            <div class="stack">
                <ErrorSummary errors=page.form.errors() />
                {body(&page, &detail.run)}
            </div>
        }
        .into_any())
    })
}

fn body(page: &Page, run: &Run) -> AnyView {
    let back = page.place.run(run.id);
    if !run.status.is_terminal() {
        return view! {
            <EmptyState
                title="This run has not ended"
                text="What the log says about it can be erased once it has."
                glyph=Glyph::Lock
            >
                <LinkButton href=back variant=Variant::Primary>
                    "Back to the run"
                </LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    if !page.may(Permission::ErasePayloads) {
        return words::not_for(page, "Erasing", Permission::ErasePayloads);
    }
    let (reason, error) = (page.form.value("reason"), page.form.error("reason"));
    view! {
        <ConfirmPanel
            title="Erase the payloads of all entries about this run?"
            action=page.place.erase(run.id)
            confirm="Erase the payloads"
            cancel_href=back
            tone=Tone::Danger
        >
            <p>
                "Parameters, reasons and what stood before and after cannot be read in the audit log any \
                 more, by anybody. Every entry keeps its place and its leaf, so every proof still holds; \
                 an entry says who erased, when and why. The run and its items stay as they are."
            </p>
            <p>"A legal hold over this run prevents it."</p>
            <ReasonField value=reason error required=true />
        </ConfirmPanel>
    }
    .into_any()
}
