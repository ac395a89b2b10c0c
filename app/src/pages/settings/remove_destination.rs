//! Taking a destination off the list: what it means, and the form that does it.

use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        confirm_panel::ConfirmPanel,
        error_summary::ErrorSummary,
        page_header::{Crumb, PageHeader},
        tone::Tone,
    },
    fault::Fault,
    pages::in_workspace,
};

/// Asks before a destination is removed.
#[component]
pub fn RemoveDestinationPage() -> impl IntoView {
    in_workspace(Section::Destinations, async |page| {
        page.check_query(&["address"])?;
        let address = page.query_value("address").unwrap_or_default().to_owned();
        let listed = page.services.destinations(page.caller).await?;
        if !listed.iter().any(|destination| destination.to_string() == address) {
            return Err(Fault::not_found("destination"));
        }
        let crumbs =
            vec![Crumb::group("Settings"), Crumb::to("Destinations", page.place.destinations())];
        Ok(view! {
            <PageHeader title="Remove a destination" crumbs />
            <div class="stack settings">
                <ErrorSummary errors=page.form.errors() />
                <ConfirmPanel
                    title="Remove this destination?"
                    action=format!("{}/remove", page.place.destinations())
                    confirm="Remove the destination"
                    cancel_href=page.place.destinations()
                    tone=Tone::Danger
                >
                    <input type="hidden" name="address" value=address.clone() />
                    <p>
                        <code>{address.clone()}</code>
                        " can no longer be reached. Actions that send there fail from now on, until it is \
                         allowed again."
                    </p>
                </ConfirmPanel>
            </div>
        }
        .into_any())
    })
}
