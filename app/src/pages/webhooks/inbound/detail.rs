//! One inbound endpoint: where it is, how it stands, and the forms that change it.

use domain::{id::InboundId, permission::Permission, webhook::ROTATION_HOURS};
use engine::services::InboundDetail;
use leptos::prelude::*;

use super::{path, words, worth};
use crate::{
    components::{
        alert::Alert,
        app_frame::Section,
        button::Button,
        code_block::CodeBlock,
        confirm_panel::ConfirmPanel,
        digest::Digest,
        key_value::{Entry, KeyValue},
        page_header::{Crumb, PageHeader},
        panel::Panel,
        timestamp::Timestamp,
        tone::Tone,
    },
    context::Page,
    pages::{
        in_workspace, mentions,
        webhooks::{SECRET, UNTIL},
    },
};

/// An endpoint.
#[component]
pub fn InboundEndpointPage() -> impl IntoView {
    in_workspace(Section::Webhooks, async |page| {
        page.check_query(&[])?;
        let id: InboundId = page.param("endpoint")?;
        let detail = page.services.inbound_endpoint(page.caller, id).await?;
        let name = detail.endpoint.name.clone();
        let crumbs =
            vec![Crumb::group("Settings"), Crumb::to("Inbound endpoints", page.place.inbound())];
        let changes = page.may(Permission::ManageWebhooks).then(|| changes(&page, &detail));
        Ok(view! {
            <PageHeader title=name crumbs />
            <div class="stack-wide">{told(&page)} {facts(&page, &detail)} {changes}</div>
        }
        .into_any())
    })
}

/// A secret that was just made. It is nowhere else, and is not shown again.
fn told(page: &Page) -> Option<AnyView> {
    let secret = page.form.told(SECRET)?.to_owned();
    let both = page.form.told(UNTIL).map(|until| {
        let until = until.to_owned();
        view! { <p>"Until " {until} " the secret before is good, too."</p> }
    });
    Some(
        view! {
            <Alert tone=Tone::Success title="Here is the secret, shown this once">
                <p>"Whoever sends to this endpoint needs it."</p>
                {both}
                <CodeBlock label="Secret" text=secret />
            </Alert>
        }
        .into_any(),
    )
}

fn facts(page: &Page, InboundDetail { endpoint, secrets }: &InboundDetail) -> AnyView {
    let (now, at, id) = (page.now, endpoint.created_at, endpoint.id.to_string());
    let event = format!("{} {} from {}", endpoint.kind, endpoint.event_type, endpoint.source);
    let count = endpoint.refused;
    let refused = match endpoint.refusal {
        None => view! { "None" }.into_any(),
        Some((at, because)) => view! {
            {count} ", the last of them " <Timestamp at now relative=true /> ": "
            {because.as_str()}
        }
        .into_any(),
    };
    let secrets = secrets.iter().map(move |secret| {
        let (at, ends) = (secret.created_at, secret.ends_at);
        let ends = ends.map(move |at| view! { ", good until " <Timestamp at now /> });
        view! { <li>"A secret of " <Timestamp at now /> {ends}</li> }
    });
    let secrets = secrets.collect_view();
    let (path, id_from) = (path(endpoint), endpoint.id_from.to_string());
    let place = |place: Option<String>, none: &'static str| match place {
        Some(place) => view! { <code>{place}</code> }.into_any(),
        None => view! { {none} }.into_any(),
    };
    let subject = place(endpoint.subject_from.clone().map(String::from), "None");
    let time = place(endpoint.time_from.clone().map(String::from), "When it was first told");
    let (proof, means) = (words(endpoint.check), worth(endpoint.check));
    let entries = mentions::entries(page, "object", &id);
    view! {
        <Panel title="Facts" boxed=true actions=entries>
            <KeyValue>
                <Entry term="Address">
                    <code class="webhooks-address">{path}</code>
                </Entry>
                <Entry term="Proof">
                    {proof} ". " {means}
                </Entry>
                <Entry term="Becomes">{event}</Entry>
                <Entry term="Id of an event">
                    <code>{id_from}</code>
                </Entry>
                <Entry term="Record of an event">{subject}</Entry>
                <Entry term="Time of an event">{time}</Entry>
                <Entry term="Refused">{refused}</Entry>
                <Entry term="Secrets">
                    <ul class="webhooks-secrets">{secrets}</ul>
                </Entry>
                <Entry term="Added">
                    <Timestamp at now relative=true />
                </Entry>
                <Entry term="Id">
                    <Digest value=id whole=true />
                </Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}

fn changes(page: &Page, InboundDetail { endpoint, .. }: &InboundDetail) -> AnyView {
    let address = page.place.inbound_endpoint(endpoint.id);
    let (rotate, remove) = (format!("{address}/rotate"), format!("{address}/remove"));
    let (title, back) = (format!("Remove {}?", endpoint.name), page.place.inbound());
    view! {
        <Panel title="Another secret" boxed=true>
            <form class="form" method="post" action=rotate>
                <p>
                    "The new secret is shown once. For " {ROTATION_HOURS}
                    " hours the one before is good, too."
                </p>
                <div class="form-actions">
                    <Button>"Make a new secret"</Button>
                </div>
            </form>
        </Panel>
        <ConfirmPanel
            title
            action=remove
            confirm="Remove the endpoint"
            cancel_href=back
            tone=Tone::Danger
        >
            <p>
                "Nothing more is taken in there, and its secrets are forgotten. What it was told stays. \
                 This cannot be taken back."
            </p>
        </ConfirmPanel>
    }
    .into_any()
}
