//! Having requests to a destination signed: what it means, and the forms that begin, renew and end it.

use domain::webhook::ROTATION_HOURS;
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        button::{Button, Variant},
        confirm_panel::ConfirmPanel,
        error_summary::ErrorSummary,
        page_header::{Crumb, PageHeader},
        panel::Panel,
        tone::Tone,
    },
    context::Page,
    fault::Fault,
    pages::{in_workspace, webhooks},
};

/// Says what signing is before a secret is made.
#[component]
pub fn SignDestinationPage() -> impl IntoView {
    in_workspace(Section::Destinations, async |page| {
        page.check_query(&["address"])?;
        let address = page.query_value("address").unwrap_or_default().to_owned();
        let listed = page.services.destinations(page.caller).await?;
        if !listed.iter().any(|destination| destination.to_string() == address) {
            return Err(Fault::not_found("destination"));
        }
        let secrets = page.services.destination_secrets(page.caller).await?;
        let signed = secrets.contains_key(&address);
        let crumbs =
            vec![Crumb::group("Settings"), Crumb::to("Destinations", page.place.destinations())];
        Ok(view! {
            <PageHeader title="Sign requests" crumbs />
            <div class="stack settings">
                {webhooks::secret(&page)}
                <ErrorSummary errors=page.form.errors() />
                {make(&page, &address, signed)}
                {signed.then(|| end(&page, &address))}
            </div>
        }
        .into_any())
    })
}

fn make(page: &Page, address: &str, signed: bool) -> AnyView {
    let (title, confirm) = match signed {
        true => ("Give it another secret?", "Make a new secret"),
        false => ("Sign requests to this destination?", "Sign the requests"),
    };
    let text = match signed {
        true => format!(
            "The new secret is shown once. For {ROTATION_HOURS} hours requests carry two signatures, by \
             the new secret and by the old, so that the receiver can change over without missing any."
        ),
        false => "What actioners send there is signed by Standard Webhooks from now on, with a secret \
                  that is shown once, so that the receiver can tell our requests from those of others."
            .to_owned(),
    };
    let action = format!("{}/sign", page.place.destinations());
    let shown = address.to_owned();
    let address = address.to_owned();
    view! {
        <ConfirmPanel
            title
            action
            confirm
            cancel_href=page.place.destinations()
            tone=Tone::Info
        >
            <input type="hidden" name="address" value=address />
            <p>
                <code>{shown}</code>
            </p>
            <p>{text}</p>
        </ConfirmPanel>
    }
    .into_any()
}

fn end(page: &Page, address: &str) -> AnyView {
    let (action, address) = (format!("{}/unsign", page.place.destinations()), address.to_owned());
    view! {
        <Panel title="Stop signing" boxed=true>
            <form class="form" method="post" action=action>
                <input type="hidden" name="address" value=address />
                <p>
                    "The secrets are forgotten at once. A receiver that insists on a signature refuses \
                     requests from then on."
                </p>
                <div class="form-actions">
                    <Button variant=Variant::Danger>"Stop signing"</Button>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}
