//! Giving a webhook another secret: what it means, and the form that does it.

use domain::{id::WebhookId, webhook::ROTATION_HOURS};
use leptos::prelude::*;

use super::{crumbs, must_manage};
use crate::{
    components::{
        app_frame::Section,
        confirm_panel::ConfirmPanel,
        error_summary::ErrorSummary,
        page_header::{Crumb, PageHeader},
    },
    pages::in_workspace,
};

/// Asks before a secret is exchanged.
#[component]
pub fn RotateSecretPage() -> impl IntoView {
    in_workspace(Section::Webhooks, async |page| {
        page.check_query(&[])?;
        must_manage(&page)?;
        let id: WebhookId = page.param("webhook")?;
        let webhook = page.services.webhook(page.caller, id).await?.webhook;
        let back = page.place.webhook(id);
        let mut crumbs = crumbs(&page);
        crumbs.push(Crumb::to(webhook.name.clone(), back.clone()));
        Ok(view! {
            <PageHeader title="Rotate a secret" crumbs />
            <div class="stack settings">
                <ErrorSummary errors=page.form.errors() />
                <ConfirmPanel
                    title=format!("Give {} another secret?", webhook.name)
                    action=format!("{back}/rotate")
                    confirm="Make a new secret"
                    cancel_href=back
                >
                    <p>
                        "The new secret is shown once. For " {ROTATION_HOURS}
                        " hours every request carries two signatures, one by the new secret and one by \
                         the old, so that the receiver can change over without missing any."
                    </p>
                </ConfirmPanel>
            </div>
        }
        .into_any())
    })
}
