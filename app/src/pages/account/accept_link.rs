//! What a sign-in link leads to: choosing a password.

use engine::services::LinkInfo;
use leptos::prelude::*;

use super::secret_of;
use crate::{
    components::{
        button::{Button, Variant},
        error_summary::ErrorSummary,
        field::{InputKind, TextField},
        plain_frame::PlainFrame,
    },
    context,
    form_state::FormState,
    pages::fault::FaultPage,
};

/// A link is used by sending this form, not by opening it: mail scanners open links too.
#[component]
pub fn AcceptLinkPage() -> impl IntoView {
    let request = context::request();
    let token = secret_of(&request);
    Suspend::new(async move {
        match request.services.link_info(&token).await {
            Ok(link) => password_form(request.form, link, token).into_any(),
            Err(error) => view! { <FaultPage fault=error.into() /> }.into_any(),
        }
    })
}

/// Who has a password already may leave the fields empty and keep it.
fn password_form(form: FormState, link: LinkInfo, token: String) -> impl IntoView {
    let required = link.sets_password;
    let hint = match required {
        true => "At least 12 characters; a few words are a good choice.",
        false => "At least 12 characters. Leave it empty to keep the one you have.",
    };
    view! {
        <PlainFrame title="Choose a password">
            <p class="muted">"For " <strong>{link.email}</strong> ". The link works once."</p>
            <ErrorSummary errors=form.errors() />
            <form method="post" action="/accept-link" class="stack">
                <input type="hidden" name="token" value=token />
                <TextField
                    name="password"
                    label="New password"
                    kind=InputKind::Password
                    hint=hint.to_owned()
                    error=form.error("password")
                    autocomplete="new-password"
                    required=required
                />
                <TextField
                    name="repeated_password"
                    label="The same again"
                    kind=InputKind::Password
                    error=form.error("repeated_password")
                    autocomplete="new-password"
                    required=required
                />
                <Button variant=Variant::Primary>"Continue"</Button>
            </form>
        </PlainFrame>
    }
}
