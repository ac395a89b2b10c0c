//! One delivery: what it says, what was sent with it, every attempt, and sending it again.

use domain::{
    id::DeliveryId,
    permission::Permission,
    webhook::{Delivery, DeliveryAttempt, DeliveryState, Webhook},
};
use engine::services::DeliveryDetail;
use leptos::prelude::*;
use serde_json::Value;

use super::{crumbs, words};
use crate::{
    components::{
        app_frame::Section,
        button::{Button, Size, Variant},
        code_block::CodeBlock,
        digest::Digest,
        error_summary::ErrorSummary,
        icon::Glyph,
        json_view::JsonView,
        key_value::{Entry, KeyValue},
        page_header::{Crumb, PageHeader},
        panel::Panel,
        status_badge::{Status, StatusBadge},
        timeline::{Step, Timeline},
        timestamp::{Precision, Timestamp},
        tone::Tone,
    },
    context::Page,
    format,
    pages::in_workspace,
};

/// A delivery.
#[component]
pub fn DeliveryPage() -> impl IntoView {
    in_workspace(Section::Webhooks, async |page| {
        page.check_query(&[])?;
        let id: DeliveryId = page.param("delivery")?;
        let detail = page.services.delivery(page.caller, id).await?;
        let delivery = &detail.delivery;
        let mut crumbs = crumbs(&page);
        crumbs.push(Crumb::to("Deliveries", page.place.deliveries()));
        let body = serde_json::from_str::<Value>(&delivery.body).unwrap_or_default();
        Ok(view! {
            <PageHeader
                title=words::event(delivery.event)
                crumbs
                beside=view! { <StatusBadge status=words::state(delivery.state) size=Size::Large /> }
                    .into_any()
                actions=actions(&page, &detail)
            />
            <div class="stack-wide">
                <ErrorSummary errors=page.form.errors() />
                {facts(&page, &detail)}
                {attempts(&page, &detail.attempts)}
                <Panel title="Body">
                    <JsonView label="What is signed and sent, as compact JSON" value=body />
                </Panel>
                {headers(delivery, detail.attempts.last())}
            </div>
        }
        .into_any())
    })
}

/// Sending it again, where there is somebody to send it to.
fn actions(page: &Page, detail: &DeliveryDetail) -> Option<AnyView> {
    let (delivery, webhook) = (&detail.delivery, detail.webhook.as_ref()?);
    let sending = delivery.state == DeliveryState::Sending;
    if webhook.disabled.is_some() || sending || !page.may(Permission::ManageWebhooks) {
        return None;
    }
    let action = format!("{}/replay", page.place.delivery(delivery.id));
    let word =
        if delivery.state == DeliveryState::Queued { "Send it now" } else { "Send it again" };
    Some(
        view! {
            <form method="post" action=action>
                <Button variant=Variant::Primary icon=Glyph::Replay>
                    {word}
                </Button>
            </form>
        }
        .into_any(),
    )
}

fn facts(page: &Page, detail: &DeliveryDetail) -> AnyView {
    let DeliveryDetail { delivery, webhook, attempts } = detail;
    let (id, now) = (delivery.id.to_string(), page.now);
    let count = format::plural(attempts.len() as i64, "attempt", "attempts");
    let receiver = receiver(page, webhook.as_ref());
    let link = about(&delivery.body).map(|href| {
        let shown = href.clone();
        view! {
            <Entry term="About">
                <a href=href class="webhooks-address">{shown}</a>
            </Entry>
        }
    });
    let ended = delivery.ended_at.map(|at| {
        let term = match delivery.state {
            DeliveryState::Delivered => "Delivered",
            _ => "Given up",
        };
        view! {
            <Entry term>
                <Timestamp at now precision=Precision::Second relative=true />
            </Entry>
        }
    });
    let next = next(page, delivery, webhook.as_ref());
    let (event, created) = (delivery.event, delivery.created_at);
    view! {
        <Panel title="Facts" boxed=true>
            <KeyValue>
                <Entry term="To">{receiver}</Entry>
                <Entry term="Tells of">
                    <code>{event.as_str()}</code>
                    ": "
                    {words::event_means(event)}
                </Entry>
                {link}
                <Entry term="Created">
                    <Timestamp at=created now precision=Precision::Second relative=true />
                </Entry>
                {ended}
                {next}
                <Entry term="Tried">{count}</Entry>
                <Entry term="Id">
                    <Digest value=id whole=true />
                </Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}

fn receiver(page: &Page, webhook: Option<&Webhook>) -> AnyView {
    match webhook {
        Some(webhook) => {
            let (href, name) = (page.place.webhook(webhook.id), webhook.name.clone());
            let url = webhook.url.clone();
            view! {
                <a href=href>{name}</a>
                " "
                <code class="webhooks-address quiet">{url}</code>
            }
            .into_any()
        }
        None => view! { <span class="quiet">"A webhook that was removed"</span> }.into_any(),
    }
}

/// When it is tried next, while it is queued.
fn next(page: &Page, delivery: &Delivery, webhook: Option<&Webhook>) -> Option<AnyView> {
    let now = page.now;
    if delivery.state != DeliveryState::Queued {
        return None;
    }
    let when = match delivery.due_at {
        Some(at) => {
            view! { <Timestamp at now precision=Precision::Second relative=true /> }.into_any()
        }
        None => {
            let href = webhook.map(|webhook| page.place.webhook(webhook.id));
            view! { "When " <a href=href>"the webhook"</a> " is enabled again" }.into_any()
        }
    };
    Some(view! { <Entry term="Next attempt">{when}</Entry> }.into_any())
}

/// Where the body links to, inside this Assize.
fn about(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let url = body.pointer("/data/url")?.as_str()?;
    url.find("/w/").map(|path| url[path..].to_owned())
}

fn attempts(page: &Page, attempts: &[DeliveryAttempt]) -> AnyView {
    if attempts.is_empty() {
        return view! {
            <Panel title="Attempts">
                <p class="muted">"It was not sent yet. Look again in a moment."</p>
            </Panel>
        }
        .into_any();
    }
    let steps = attempts.iter().rev().map(|attempt| step(page, attempt)).collect_view();
    view! {
        <Panel title="Attempts" note="the last one first" boxed=true>
            <Timeline>{steps}</Timeline>
        </Panel>
    }
    .into_any()
}

fn step(page: &Page, attempt: &DeliveryAttempt) -> AnyView {
    let (at, now) = (attempt.started_at, page.now);
    let status = match (&attempt.failure, attempt.status) {
        (None, _) => Status::new("delivered", Glyph::Done, Tone::Success),
        (Some(_), Some(_)) => Status::new("refused", Glyph::Cross, Tone::Danger),
        (Some(_), None) => Status::new("not answered", Glyph::Broken, Tone::Warning),
    };
    let title = match attempt.status {
        Some(status) => format!("Attempt {} was answered with {status}", attempt.number),
        None => format!("Attempt {} was not answered", attempt.number),
    };
    let took = format::duration(attempt.ended_at - attempt.started_at);
    let meta = view! {
        <Timestamp at now precision=Precision::Second />
        {format!(" · {took}")}
    };
    let failure = attempt.failure.clone().map(|failure| {
        view! {
            <p>
                <code>{failure.code}</code>
            </p>
            <p class="webhooks-message">{failure.message}</p>
        }
    });
    let response = attempt.response.clone().map(|text| {
        view! { <CodeBlock label="The beginning of the answer" text /> }
    });
    view! {
        <Step status title meta=meta.into_any()>
            {failure}
            {response}
        </Step>
    }
    .into_any()
}

/// What is sent beside the body; signature and time are those of the last attempt.
fn headers(delivery: &Delivery, last: Option<&DeliveryAttempt>) -> AnyView {
    let id = delivery.id;
    let sent = last.and_then(|attempt| Some((attempt.started_at, attempt.signature.clone()?)));
    let mut text = format!("content-type: application/json\nwebhook-id: {id}\n");
    let note = match sent {
        Some((at, signature)) => {
            text += &format!("webhook-timestamp: {}\n", at.timestamp());
            text += &format!("webhook-signature: {signature}\n");
            "as they were sent last"
        }
        None => "time and signature come with the first attempt",
    };
    view! {
        <Panel title="Headers" note=note>
            <CodeBlock label="Beside those of HTTP itself" text />
        </Panel>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_links_to_a_page_of_this_workspace() {
        let body = r#"{"data": {"url": "https://assize.example/w/north/audit-log"}}"#;
        assert_eq!(about(body).as_deref(), Some("/w/north/audit-log"));
        for other in ["", "{}", r#"{"data": {"url": "javascript:alert(1)"}}"#] {
            assert_eq!(about(other), None, "{other}");
        }
    }
}
