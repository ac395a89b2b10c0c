//! Forms, their errors, and the step before a change.

use leptos::prelude::*;

use crate::components::{
    button::{Button, Variant},
    confirm_panel::ConfirmPanel,
    error_summary::ErrorSummary,
    field::{CheckField, InputKind, SelectField, TextField},
    panel::Panel,
    reason_field::ReasonField,
    tone::Tone,
};

/// Forms in every state.
#[component]
pub fn Forms() -> impl IntoView {
    let roles = ["owner", "operator", "approver", "auditor", "viewer"]
        .map(|role| (role.to_owned(), crate::format::label(role)));
    let errors = vec![
        ("email".to_owned(), "“anna@” is not an e-mail address".to_owned()),
        (String::new(), "The workspace already has 50 members".to_owned()),
    ];
    view! {
        <div class="columns">
            <Panel title="A form that was refused">
                <form class="form" method="post" action="#">
                    <ErrorSummary errors />
                    <TextField
                        name="email"
                        label="E-mail"
                        kind=InputKind::Email
                        value="anna@"
                        hint="They sign in with it."
                        error="“anna@” is not an e-mail address".to_owned().to_owned()
                        required=true
                    />
                    <TextField name="name" label="Name" />
                    <TextField
                        name="password"
                        label="Password"
                        kind=InputKind::Password
                        autocomplete="new-password"
                        hint="At least 12 characters."
                        required=true
                    />
                    <SelectField name="role" label="Role" options=roles.into() value="auditor" />
                    <div class="form-actions">
                        <Button variant=Variant::Primary>"Add member"</Button>
                    </div>
                </form>
            </Panel>
            <div class="stack">
                <ConfirmPanel
                    title="Retry 18 items?"
                    action="#"
                    confirm="Retry 18 items"
                    cancel_href="#"
                >
                    <p>
                        "16 are safe: the receiver still honours their key. 2 have an unknown outcome and need \
                         your word."
                    </p>
                    <CheckField name="confirm" value="item_1" required=true>
                        "Acct 20418: nobody knows whether the request arrived. Send it again."
                    </CheckField>
                    <ReasonField />
                </ConfirmPanel>
                <ConfirmPanel
                    title="Cancel this run?"
                    action="#"
                    confirm="Cancel run"
                    cancel_href="#"
                    tone=Tone::Danger
                >
                    <p>"46 items that have not started will be skipped. 1 in flight will finish."</p>
                </ConfirmPanel>
            </div>
        </div>
    }
    .into_any()
}
