//! Releasing a kill switch: what it means, and the form that asks for the password again.

use domain::{id::KillSwitchId, permission::Permission};
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        confirm_panel::ConfirmPanel,
        error_summary::ErrorSummary,
        field::{InputKind, TextField},
        kill_banner::Stopped,
        page_header::{Crumb, PageHeader},
        reason_field::ReasonField,
        tone::Tone,
    },
    context::Page,
    fault::Fault,
    pages::{in_workspace, runs::words},
};

/// Asks before a switch is released.
#[component]
pub fn ReleaseKillSwitchPage() -> impl IntoView {
    in_workspace(Section::KillSwitch, async |page| {
        page.check_query(&[])?;
        let id: KillSwitchId = page.param("switch")?;
        let found = page.place.stopped.iter().find(|stopped| stopped.switch.id == id);
        let stopped = found.cloned().ok_or_else(|| Fault::not_found("kill switch"))?;
        let crumbs =
            vec![Crumb::group("Settings"), Crumb::to("Kill switch", page.place.kill_switch())];
        let body = match page.may(Permission::ReleaseKillSwitch) {
            true => form(&page, &stopped),
            false => words::not_for(&page, "Releasing", Permission::ReleaseKillSwitch),
        };
        Ok(view! {
            <PageHeader title="Release the kill switch" crumbs />
            <div class="stack settings">
                <ErrorSummary errors=page.form.errors() />
                {body}
            </div>
        }
        .into_any())
    })
}

fn form(page: &Page, Stopped { what, switch }: &Stopped) -> AnyView {
    let (reason, wrong_reason) = (page.form.value("reason"), page.form.error("reason"));
    let wrong_password = page.form.error("password");
    let why = switch.reason.clone();
    view! {
        <ConfirmPanel
            title=format!("{what}: let it start again?")
            action=page.place.release_kill_switch(switch.id)
            confirm="Release the switch"
            cancel_href=page.place.kill_switch()
            tone=Tone::Warning
        >
            <p>"It was pressed for this reason: " <q>{why}</q></p>
            <p>
                "What comes from now on is carried out again. Nothing is made up for: killed runs stay \
                 killed, and events that were refused set nothing off."
            </p>
            <ReasonField value=reason error=wrong_reason required=true />
            <TextField
                name="password"
                label="Your password"
                kind=InputKind::Password
                hint="Releasing needs a fresh sign-in: give your password again."
                error=wrong_password
                required=true
                autocomplete="current-password"
            />
        </ConfirmPanel>
    }
    .into_any()
}
