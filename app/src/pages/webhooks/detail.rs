//! One webhook: how it stands, its secrets, its last deliveries, and everything that can be done with it.

use domain::{
    id::WebhookId,
    page::Seek,
    permission::Permission,
    webhook::{DeliveryFilter, DisabledBecause, EventKind, Webhook},
};
use engine::services::{SecretInfo, WebhookDetail};
use leptos::prelude::*;

use super::{crumbs, form, log, secret, words};
use crate::{
    components::{
        alert::Alert,
        app_frame::Section,
        button::{Button, LinkButton, Size, Variant},
        digest::Digest,
        error_summary::ErrorSummary,
        key_value::{Entry, KeyValue},
        page_header::PageHeader,
        panel::Panel,
        status_badge::StatusBadge,
        tag::Tag,
        timestamp::Timestamp,
        tone::Tone,
    },
    context::Page,
    pages::{in_workspace, mentions},
};

/// How many deliveries are shown before one has to look into the log.
const LAST: i64 = 5;

/// A webhook.
#[component]
pub fn WebhookPage() -> impl IntoView {
    in_workspace(Section::Webhooks, async |page| {
        page.check_query(&[])?;
        let id: WebhookId = page.param("webhook")?;
        let detail = page.services.webhook(page.caller, id).await?;
        let filter = DeliveryFilter { webhook: Some(id), ..DeliveryFilter::default() };
        let last = page.services.deliveries(page.caller, &filter, Seek::First, LAST).await?;
        let last = match last.rows.is_empty() {
            true => view! { <p class="muted">"Nothing was sent to it yet."</p> }.into_any(),
            false => log::table(&page, &last.rows, None),
        };
        let all = format!("{}?{}", page.place.deliveries(), filter.query());
        let all = view! { <LinkButton href=all size=Size::Small>"All deliveries"</LinkButton> };
        let webhook = &detail.webhook;
        let may = page.may(Permission::ManageWebhooks);
        // Those of the form below stand in it.
        let errors = if form::was_sent(&page) { Vec::new() } else { page.form.errors() };
        Ok(view! {
            <PageHeader
                title=webhook.name.clone()
                crumbs=crumbs(&page)
                beside=view! { <StatusBadge status=words::standing(webhook) size=Size::Large /> }
                    .into_any()
                actions=may.then(|| actions(&page, webhook))
            />
            <div class="stack-wide">
                {secret(&page)}
                <ErrorSummary errors />
                {disabled(webhook)}
                {facts(&page, &detail)}
                <Panel title="Last deliveries" actions=all.into_any()>
                    {last}
                </Panel>
                {may.then(|| change(&page, webhook))}
            </div>
        }
        .into_any())
    })
}

fn actions(page: &Page, webhook: &Webhook) -> AnyView {
    let address = page.place.webhook(webhook.id);
    let enabled = webhook.disabled.is_none();
    let (value, word) = if enabled { ("no", "Disable") } else { ("yes", "Enable") };
    let test = enabled.then(|| {
        view! {
            <form method="post" action=format!("{address}/test")>
                <Button variant=Variant::Primary>"Send a test"</Button>
            </form>
        }
    });
    view! {
        {test}
        <form method="post" action=format!("{address}/enabled")>
            <Button name="enabled" value=value>
                {word}
            </Button>
        </form>
        <LinkButton href=format!("{address}/remove") variant=Variant::Danger>
            "Remove"
        </LinkButton>
    }
    .into_any()
}

fn disabled(webhook: &Webhook) -> Option<AnyView> {
    let disabled = webhook.disabled?;
    let (title, text) = match disabled.because {
        DisabledBecause::Asked => (
            "This webhook is disabled",
            "It is never told of what happens meanwhile. What was queued before waits until it is enabled \
             again.",
        ),
        DisabledBecause::Gone => (
            "The receiver is gone",
            "It answered with 410 Gone, so it was disabled. Mend its address, or remove it; what was \
             queued before waits until it is enabled again.",
        ),
    };
    let tone = match disabled.because {
        DisabledBecause::Asked => Tone::Info,
        DisabledBecause::Gone => Tone::Warning,
    };
    Some(
        view! {
            <Alert tone title>
                <p>{text}</p>
            </Alert>
        }
        .into_any(),
    )
}

fn facts(page: &Page, detail: &WebhookDetail) -> AnyView {
    let WebhookDetail { webhook, secrets } = detail;
    let (at, now) = (webhook.created_at, page.now);
    let (url, id) = (webhook.url.clone(), webhook.id.to_string());
    let tag = |event: EventKind| view! { <Tag>{words::event(event)}</Tag> };
    let events = webhook.events.iter().copied().map(tag).collect_view();
    let secrets = secrets.iter().map(|secret| one_secret(page, *secret)).collect_view();
    let rotate = page.may(Permission::ManageWebhooks).then(|| {
        let href = format!("{}/rotate", page.place.webhook(webhook.id));
        view! {
            <LinkButton href size=Size::Small>
                "Rotate the secret"
            </LinkButton>
        }
    });
    let entries = mentions::entries(page, "object", &id);
    view! {
        <Panel title="Facts" boxed=true actions=entries>
            <KeyValue>
                <Entry term="Address">
                    <code class="webhooks-address">{url}</code>
                </Entry>
                <Entry term="Told of">
                    <span class="cluster">{events}</span>
                </Entry>
                <Entry term="Signed with">
                    <ul class="webhooks-secrets">{secrets}</ul>
                    {rotate}
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

fn one_secret(page: &Page, secret: SecretInfo) -> AnyView {
    let (at, now) = (secret.created_at, page.now);
    let ends = secret.ends_at.map(|at| {
        view! { ", which signs, too, until " <Timestamp at now /> }
    });
    view! { <li>"A secret of " <Timestamp at now /> {ends}</li> }.into_any()
}

fn change(page: &Page, webhook: &Webhook) -> AnyView {
    let form = form::fields(page, Some(webhook), page.place.webhook(webhook.id), "Save");
    view! {
        <Panel title="Change it" id="change" boxed=true>
            {form}
        </Panel>
    }
    .into_any()
}
