//! Releasing a hold: what it means, and the form that does it.

use domain::{hold::Hold, id::HoldId};
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        confirm_panel::ConfirmPanel,
        error_summary::ErrorSummary,
        page_header::{Crumb, PageHeader},
        reason_field::ReasonField,
        tone::Tone,
    },
    fault::Fault,
    pages::in_workspace,
};

/// Asks before a hold is released.
#[component]
pub fn ReleaseHoldPage() -> impl IntoView {
    in_workspace(Section::Holds, async |page| {
        page.check_query(&[])?;
        let id: HoldId = page.param("hold")?;
        let holds = page.services.holds(page.caller).await?;
        let found = holds.into_iter().find(|hold| hold.id == id);
        let hold = found.filter(Hold::stands).ok_or_else(|| Fault::not_found("hold"))?;
        let crumbs = vec![Crumb::group("Settings"), Crumb::to("Holds", page.place.holds())];
        let (reason, error) = (page.form.value("reason"), page.form.error("reason"));
        Ok(view! {
            <PageHeader title="Release a hold" crumbs />
            <div class="stack settings">
                <ErrorSummary errors=page.form.errors() />
                <ConfirmPanel
                    title="Release this hold?"
                    action=format!("{}/{id}/release", page.place.holds())
                    confirm="Release the hold"
                    cancel_href=page.place.holds()
                    tone=Tone::Danger
                >
                    <p>"It was placed for this reason: " {hold.reason}</p>
                    <p>
                        "What only this hold keeps can be erased from then on. It cannot be placed again; \
                         another one can."
                    </p>
                    <ReasonField value=reason error required=true />
                </ConfirmPanel>
            </div>
        }
        .into_any())
    })
}
