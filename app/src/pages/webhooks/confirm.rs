//! The steps before a webhook is removed, or given another secret: what it means, and the form that
//! does it.

use domain::{id::WebhookId, webhook::ROTATION_HOURS};
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
    context::Page,
    fault::Fault,
    pages::in_workspace,
};

/// A change that is asked about first.
struct Change {
    title: &'static str,
    /// The last part of the address that does it.
    act: &'static str,
    confirm: &'static str,
    tone: Tone,
}

/// Asks before a webhook is removed.
#[component]
pub fn RemoveWebhookPage() -> impl IntoView {
    in_workspace(Section::Webhooks, async |page| {
        let change = Change {
            title: "Remove a webhook",
            act: "remove",
            confirm: "Remove the webhook",
            tone: Tone::Danger,
        };
        let means = view! {
            <p>
                "Nothing more is sent to it, and its secrets are forgotten. What is queued for it is given \
                 up; what was delivered stays in the log. This cannot be taken back; disable it instead to \
                 go on later."
            </p>
        };
        ask(&page, change, |name| format!("Remove {name}?"), means.into_any()).await
    })
}

/// Asks before a secret is exchanged.
#[component]
pub fn RotateSecretPage() -> impl IntoView {
    in_workspace(Section::Webhooks, async |page| {
        let change = Change {
            title: "Rotate a secret",
            act: "rotate",
            confirm: "Make a new secret",
            tone: Tone::Info,
        };
        let means = view! {
            <p>
                "The new secret is shown once. For " {ROTATION_HOURS}
                " hours every request carries two signatures, one by the new secret and one by the old, so \
                 that the receiver can change over without missing any."
            </p>
        };
        ask(&page, change, |name| format!("Give {name} another secret?"), means.into_any()).await
    })
}

async fn ask(
    page: &Page,
    change: Change,
    question: impl FnOnce(&str) -> String,
    means: AnyView,
) -> Result<AnyView, Fault> {
    page.check_query(&[])?;
    must_manage(page)?;
    let id: WebhookId = page.param("webhook")?;
    let webhook = page.services.webhook(page.caller, id).await?.webhook;
    let back = page.place.webhook(id);
    let mut crumbs = crumbs(page);
    crumbs.push(Crumb::to(webhook.name.clone(), back.clone()));
    let Change { title, act, confirm, tone } = change;
    Ok(view! {
        <PageHeader title crumbs />
        <div class="stack settings">
            <ErrorSummary errors=page.form.errors() />
            <ConfirmPanel
                title=question(&webhook.name)
                action=format!("{back}/{act}")
                confirm
                cancel_href=back
                tone
            >
                {means}
            </ConfirmPanel>
        </div>
    }
    .into_any())
}
