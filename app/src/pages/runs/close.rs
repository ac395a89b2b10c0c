//! Closing a run that is held open: accepting its failed items as they are.

use domain::{id::RunId, permission::Permission, run::Run};
use leptos::prelude::*;

use super::{acting, words};
use crate::{
    components::{
        app_frame::Section, confirm_panel::ConfirmPanel, reason_field::ReasonField, tone::Tone,
    },
    context::Page,
    format,
    pages::in_workspace,
};

/// Runs → a run → close.
#[component]
pub fn ClosePage() -> impl IntoView {
    in_workspace(Section::Runs, async |page| {
        let id: RunId = page.param("run")?;
        page.check_query(&[])?;
        let detail = page.services.run(page.caller, id).await?;
        let body = body(&page, &detail.run);
        let lead = "Its definition holds it open for its failed items. Closing accepts them.";
        Ok(acting::frame(&page, &detail, "Close this run", lead, body))
    })
}

fn body(page: &Page, run: &Run) -> AnyView {
    let back = page.place.run(run.id);
    if !run.is_held() {
        let text = "Only a run that waits for nothing but its failed items can be closed.";
        return acting::not_now("This run is not held open", text, back);
    }
    if !page.may(Permission::CloseRuns) {
        return words::not_for(page, "Closing", Permission::CloseRuns);
    }
    let failed = format::plural(run.counts.failed, "failed item", "failed items");
    let (reason, error) = (page.form.value("reason"), page.form.error("reason"));
    view! {
        <ConfirmPanel
            title=format!("Accept {failed}?")
            action=page.place.close(run.id)
            confirm="Close run"
            cancel_href=back
            tone=Tone::Warning
        >
            <p>
                "The run ends as completed with failures. Its failed items keep their causes and can \
                 still be retried later, which opens the run again."
            </p>
            <ReasonField value=reason error required=true />
        </ConfirmPanel>
    }
    .into_any()
}
