//! The first page of a new server: its first workspace and its first owner.

use leptos::prelude::*;

use super::secret_of;
use crate::{
    components::{
        button::{Button, Variant},
        error_summary::ErrorSummary,
        field::{InputKind, TextField},
        plain_frame::PlainFrame,
    },
    context::{self, Request},
    fault::Fault,
    pages::fault::FaultPage,
};

/// Names the workspace and the owner. The link that leads here was printed where the server runs;
/// once it was used there is nothing here any more.
#[component]
pub fn SetupPage() -> impl IntoView {
    let request = context::request();
    Suspend::new(async move {
        match request.services.setup_is_open().await {
            Ok(true) => setup_form(request).into_any(),
            Ok(false) => view! { <FaultPage fault=Fault::not_found("page") /> }.into_any(),
            Err(error) => view! { <FaultPage fault=error.into() /> }.into_any(),
        }
    })
}

fn setup_form(request: Request) -> impl IntoView {
    view! {
        <PlainFrame title="Set up Assize">
            <p class="muted">
                "You become the owner of the first workspace. The link to this page works once."
            </p>
            <ErrorSummary errors=request.form.errors() />
            <form method="post" action="/setup" class="stack">
                <input type="hidden" name="token" value=secret_of(&request) />
                {workspace_fields(&request)} {owner_fields(&request)}
                <Button variant=Variant::Primary>"Create the workspace"</Button>
            </form>
        </PlainFrame>
    }
}

fn workspace_fields(request: &Request) -> impl IntoView + use<> {
    let form = &request.form;
    view! {
        <TextField
            name="workspace_name"
            label="Workspace"
            hint="The organisation or unit whose automations are governed here."
            value=form.value("workspace_name")
            error=form.error("workspace_name")
            required=true
        />
        <TextField
            name="workspace_slug"
            label="Its short name in addresses"
            hint="Lower-case letters, digits and hyphens, such as north-branch."
            value=form.value("workspace_slug")
            error=form.error("workspace_slug")
            required=true
        />
    }
}

fn owner_fields(request: &Request) -> impl IntoView + use<> {
    let form = &request.form;
    view! {
        <TextField
            name="name"
            label="Your name"
            value=form.value("name")
            error=form.error("name")
            autocomplete="name"
            required=true
        />
        <TextField
            name="email"
            label="Your e-mail address"
            kind=InputKind::Email
            value=form.value("email")
            error=form.error("email")
            autocomplete="username"
            required=true
        />
        <TextField
            name="password"
            label="A password"
            kind=InputKind::Password
            hint="At least 12 characters; a few words are a good choice."
            error=form.error("password")
            autocomplete="new-password"
            required=true
        />
    }
}
