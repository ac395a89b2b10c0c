//! Settings → Webhooks: who is told what, and what became of every delivery.

pub mod confirm;
pub mod delivery;
pub mod detail;
mod form;
pub mod inbound;
pub mod list;
pub mod log;
mod words;

use domain::permission::{self, Permission};
use engine::services::ServiceError;
use leptos::prelude::*;

use crate::{
    components::{
        alert::Alert,
        code_block::CodeBlock,
        page_header::Crumb,
        tabs::{Tab, Tabs},
        tone::Tone,
    },
    context::Page,
    fault::Fault,
};

/// Under which name a page is told a secret that was just made.
pub const SECRET: &str = "webhook-secret";

/// Under which name it is told until when the secret before signs, too.
pub const UNTIL: &str = "webhook-secret-until";

/// The way to a page below the list.
fn crumbs(page: &Page) -> Vec<Crumb> {
    vec![Crumb::group("Settings"), Crumb::to("Webhooks", page.place.webhooks())]
}

/// Refuses whoever may only look.
fn must_manage(page: &Page) -> Result<(), Fault> {
    permission::require(page.caller.principal, Permission::ManageWebhooks)
        .map_err(|refused| ServiceError::Refused(refused).into())
}

/// The views of the section.
fn tabs(page: &Page, at: &str) -> AnyView {
    let tab = |label: &str, href: String| Tab {
        label: label.to_owned(),
        href,
        count: None,
        current: label == at,
    };
    let tabs = vec![
        tab("Webhooks", page.place.webhooks()),
        tab("Deliveries", page.place.deliveries()),
        tab("Inbound", page.place.inbound()),
    ];
    view! { <Tabs label="Webhooks" tabs /> }.into_any()
}

/// A secret that was just made. It is nowhere else, and is not shown again.
pub(super) fn secret(page: &Page) -> Option<AnyView> {
    let secret = page.form.told(SECRET)?.to_owned();
    let both = page.form.told(UNTIL).map(|until| {
        let until = until.to_owned();
        view! {
            <p>
                "Until " {until}
                " the secret before signs, too: put the new one where the receiver finds it by then."
            </p>
        }
    });
    Some(
        view! {
            <Alert tone=Tone::Success title="Here is the signing secret, shown this once">
                <p>
                    "The receiver needs it to tell our requests from those of others, with any library \
                     for Standard Webhooks."
                </p>
                {both}
                <CodeBlock label="Signing secret" text=secret />
            </Alert>
        }
        .into_any(),
    )
}
