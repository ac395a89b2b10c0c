//! Erasing what the audit log says about a run beyond its leaves.

use domain::{id::RunId, permission::Permission, run::Run};
use leptos::prelude::*;

use super::{acting, words};
use crate::{
    components::{
        app_frame::Section, confirm_panel::ConfirmPanel, reason_field::ReasonField, tone::Tone,
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
        let body = body(&page, &detail.run);
        let lead = "What the audit log says about this run beyond its leaves.";
        Ok(acting::frame(&page, &detail, "Erase payloads", lead, body))
    })
}

fn body(page: &Page, run: &Run) -> AnyView {
    let back = page.place.run(run.id);
    if !run.status.is_terminal() {
        let text = "What the log says about it can be erased once it has.";
        return acting::not_now("This run has not ended", text, back);
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
