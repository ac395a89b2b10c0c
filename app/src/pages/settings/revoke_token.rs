//! Revoking a token: what it means, and the form that does it.

use domain::id::TokenId;
use leptos::prelude::*;

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

/// Asks before a token is revoked.
#[component]
pub fn RevokeTokenPage() -> impl IntoView {
    in_workspace(Section::Tokens, async |page| {
        page.check_query(&[])?;
        let id: TokenId = page.param("token")?;
        let token = page.services.token(page.caller, id).await?;
        let crumbs = vec![Crumb::group("Settings"), Crumb::to("Tokens", page.place.tokens())];
        Ok(view! {
            <PageHeader title="Revoke a token" crumbs />
            <div class="stack settings">
                <ErrorSummary errors=page.form.errors() />
                <ConfirmPanel
                    title=format!("Revoke {}?", token.name)
                    action=format!("{}/{id}/revoke", page.place.tokens())
                    confirm="Revoke the token"
                    cancel_href=page.place.tokens()
                    tone=Tone::Danger
                >
                    <p>
                        "A program that shows it is refused from its next request on. This cannot be \
                         taken back; make another token instead."
                    </p>
                </ConfirmPanel>
            </div>
        }
        .into_any())
    })
}
