//! Removing a webhook: what it means, and the form that does it.

use domain::id::WebhookId;
use leptos::prelude::*;

use super::{crumbs, must_manage};
use crate::{
    components::{
        app_frame::Section,
        confirm_panel::ConfirmPanel,
        error_summary::ErrorSummary,
        page_header::{Crumb, PageHeader},
        tone::Tone,
    },
    pages::in_workspace,
};

/// Asks before a webhook is removed.
#[component]
pub fn RemoveWebhookPage() -> impl IntoView {
    in_workspace(Section::Webhooks, async |page| {
        page.check_query(&[])?;
        must_manage(&page)?;
        let id: WebhookId = page.param("webhook")?;
        let webhook = page.services.webhook(page.caller, id).await?.webhook;
        let back = page.place.webhook(id);
        let mut crumbs = crumbs(&page);
        crumbs.push(Crumb::to(webhook.name.clone(), back.clone()));
        Ok(view! {
            <PageHeader title="Remove a webhook" crumbs />
            <div class="stack settings">
                <ErrorSummary errors=page.form.errors() />
                <ConfirmPanel
                    title=format!("Remove {}?", webhook.name)
                    action=format!("{back}/remove")
                    confirm="Remove the webhook"
                    cancel_href=back
                    tone=Tone::Danger
                >
                    <p>
                        "Nothing more is sent to it, and its secrets are forgotten. What is queued for it \
                         is given up; what was delivered stays in the log. This cannot be taken back; \
                         disable it instead to go on later."
                    </p>
                </ConfirmPanel>
            </div>
        }
        .into_any())
    })
}
