//! Sign in.

use leptos::prelude::*;

use crate::{
    components::{
        button::{Button, Variant},
        error_summary::ErrorSummary,
        field::{InputKind, TextField},
        plain_frame::PlainFrame,
    },
    context,
};

/// E-mail address and password; where to go afterwards travels along.
#[component]
pub fn SignInPage() -> impl IntoView {
    let request = context::request();
    let form = request.form;
    let next = match form.value("next") {
        typed if !typed.is_empty() => Some(typed),
        _ => request.query.into_iter().find(|(name, _)| name == "next").map(|(_, path)| path),
    };
    view! {
        <PlainFrame title="Sign in">
            <ErrorSummary errors=form.errors() />
            <form method="post" action="/sign-in" class="stack">
                {next.map(|next| view! { <input type="hidden" name="next" value=next /> })}
                <TextField
                    name="email"
                    label="E-mail address"
                    kind=InputKind::Email
                    value=form.value("email")
                    error=form.error("email")
                    autocomplete="username"
                    required=true
                />
                <TextField
                    name="password"
                    label="Password"
                    kind=InputKind::Password
                    error=form.error("password")
                    autocomplete="current-password"
                    required=true
                />
                <Button variant=Variant::Primary>"Sign in"</Button>
            </form>
            <p class="muted">
                "Forgotten it, or new here? Ask an owner of your workspace for a sign-in link."
            </p>
        </PlainFrame>
    }
    .into_any()
}
