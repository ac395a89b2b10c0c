//! Webhooks: receivers that are told what happens.

mod deliveries;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::{permission::Permission, webhook};
use engine::services::{CreatedWebhook, NewWebhook, SecretInfo, WebhookDetail};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    automations::Enabled,
    body::Body,
    describe::{Api, delete, get, post, put},
    keyed::Kept,
    problem::Problem,
    schema,
};
use crate::web::state::AppState;

/// A receiver, and what it is told of
#[derive(Debug, Serialize, ToSchema)]
pub struct Webhook {
    id: schema::WebhookId,
    /// Without `manage-webhooks` only scheme, host and port: the rest may be a secret of the receiver's
    url: String,
    name: String,
    events: Vec<schema::EventKind>,
    /// What links in deliveries begin with
    site: String,
    created_at: schema::Time,
    /// `null` while it is told
    disabled: Option<Disabled>,
}

/// Since when nothing is sent, and why
#[derive(Debug, Serialize, ToSchema)]
pub struct Disabled {
    at: schema::Time,
    /// `gone`: the receiver answered with 410
    because: schema::DisabledBecause,
}

impl From<webhook::Webhook> for Webhook {
    fn from(webhook: webhook::Webhook) -> Self {
        let disabled = webhook
            .disabled
            .map(|disabled| Disabled { at: disabled.at.into(), because: disabled.because.into() });
        Self {
            id: webhook.id.into(),
            url: webhook.url,
            name: webhook.name,
            events: webhook.events.into_iter().map(Into::into).collect(),
            site: webhook.site,
            created_at: webhook.created_at.into(),
            disabled,
        }
    }
}

/// A webhook with its secrets, without what they are
#[derive(Debug, Serialize, ToSchema)]
pub struct DetailedWebhook {
    webhook: Webhook,
    /// Those that sign at present, the newest first
    secrets: Vec<SigningSecret>,
}

/// A secret that deliveries are signed with
#[derive(Debug, Serialize, ToSchema)]
pub struct SigningSecret {
    id: schema::SigningSecretId,
    created_at: schema::Time,
    /// Another took its place; until then it signs, too
    ends_at: Option<schema::Time>,
}

impl From<WebhookDetail> for DetailedWebhook {
    fn from(detail: WebhookDetail) -> Self {
        let secrets = detail.secrets.into_iter().map(SigningSecret::from);
        Self { secrets: secrets.collect(), webhook: detail.webhook.into() }
    }
}

impl From<SecretInfo> for SigningSecret {
    fn from(secret: SecretInfo) -> Self {
        Self {
            id: secret.id.into(),
            created_at: secret.created_at.into(),
            ends_at: schema::maybe(secret.ends_at),
        }
    }
}

/// A webhook as it is to be
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhook)]
pub struct New {
    /// What people call it, at most 120 characters
    name: String,
    /// Its host has to be among the allowed destinations
    url: String,
    /// At least one
    events: Vec<schema::EventKind>,
}

impl New {
    fn of(self, state: &AppState) -> NewWebhook {
        let events = self.events.into_iter().map(|schema::EventKind(event)| event).collect();
        let site = state.config().origin.to_string();
        NewWebhook { name: self.name, url: self.url, events, site }
    }
}

/// A webhook that was just given a secret
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedWebhook)]
pub struct Told {
    webhook: Webhook,
    /// What deliveries are signed with, `whsec_…`. Told this once; `null` where the answer is repeated
    secret: Option<String>,
    /// Until when the secret before signs, too
    until: Option<schema::Time>,
}

const TAG: &str = "Webhooks";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/webhooks", "listWebhooks", "Webhooks, oldest first")
            .needs(Permission::ViewWebhooks)
            .lists::<Webhook>(),
        list,
    )
    .add(
        TAG,
        post("/webhooks", "createWebhook", "Tell a receiver of what happens")
            .about(
                "Deliveries are signed by Standard Webhooks and tried \
                 for three days. What they hold: `docs/API.md`.",
            )
            .needs(Permission::ManageWebhooks)
            .takes::<New>()
            .gives::<Told>("201"),
        create,
    )
    .add(
        TAG,
        get("/webhooks/{webhook}", "getWebhook", "A webhook")
            .needs(Permission::ViewWebhooks)
            .gives::<DetailedWebhook>("200")
            .tagged(),
        one,
    )
    .add(
        TAG,
        put("/webhooks/{webhook}", "changeWebhook", "Change a webhook")
            .about("What is queued goes to the new address.")
            .needs(Permission::ManageWebhooks)
            .takes::<New>()
            .gives::<Webhook>("200"),
        change,
    )
    .add(
        TAG,
        put("/webhooks/{webhook}/enabled", "enableWebhook", "Enable or disable it")
            .about("What happens while it is disabled it is never told; what is queued waits.")
            .needs(Permission::ManageWebhooks)
            .takes::<Enabled>()
            .gives::<Webhook>("200"),
        enable,
    )
    .add(
        TAG,
        post("/webhooks/{webhook}/rotate", "rotateWebhookSecret", "Give it another signing secret")
            .about("For 24 hours the secret before signs, too: deliveries carry both signatures.")
            .needs(Permission::ManageWebhooks)
            .gives::<Told>("200"),
        rotate,
    )
    .add(
        TAG,
        post("/webhooks/{webhook}/test", "testWebhook", "Queue a test delivery")
            .needs(Permission::ManageWebhooks)
            .gives::<deliveries::Delivery>("202"),
        deliveries::test,
    )
    .add(
        TAG,
        delete("/webhooks/{webhook}", "removeWebhook", "Remove a webhook")
            .about("What is queued for it is given up; what was delivered stays in the log.")
            .needs(Permission::ManageWebhooks)
            .gives::<Webhook>("200"),
        remove,
    )
    .and(deliveries::routes)
}

async fn list(asked: Asked) -> Result<Json<Listed<Webhook>>, Problem> {
    let found = asked.services().webhooks(asked.caller()).await?;
    Ok(Json(Listed::whole(found.into_iter().map(Webhook::from))))
}

async fn one(asked: Asked) -> Result<Json<DetailedWebhook>, Problem> {
    let found = asked.services().webhook(asked.caller(), asked.part("webhook")?).await?;
    Ok(Json(found.into()))
}

async fn create(
    State(state): State<AppState>,
    asked: Asked,
    Body(new): Body<New>,
) -> Result<Response, Problem> {
    let made = asked.services().create_webhook(asked.caller(), new.of(&state)).await?;
    let place = format!("{}/webhooks/{}", asked.address(), made.webhook.id);
    let told = tell(made)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], told).into_response())
}

async fn change(
    State(state): State<AppState>,
    asked: Asked,
    Body(new): Body<New>,
) -> Result<Json<Webhook>, Problem> {
    let id = asked.part("webhook")?;
    let changed = asked.services().change_webhook(asked.caller(), id, new.of(&state)).await?;
    Ok(Json(changed.into()))
}

async fn enable(asked: Asked, Body(wanted): Body<Enabled>) -> Result<Json<Webhook>, Problem> {
    let (id, enabled) = (asked.part("webhook")?, wanted.enabled);
    let changed = asked.services().set_webhook_enabled(asked.caller(), id, enabled).await?;
    Ok(Json(changed.into()))
}

async fn rotate(asked: Asked) -> Result<Response, Problem> {
    let id = asked.part("webhook")?;
    tell(asked.services().rotate_webhook_secret(asked.caller(), id).await?)
}

async fn remove(asked: Asked) -> Result<Json<Webhook>, Problem> {
    let removed = asked.services().remove_webhook(asked.caller(), asked.part("webhook")?).await?;
    Ok(Json(removed.into()))
}

/// Tells a secret, this once: what is kept for a repetition does not hold it.
fn tell(made: CreatedWebhook) -> Result<Response, Problem> {
    let secret = made.secret.expose().to_owned();
    let (webhook, until) = (made.webhook.into(), schema::maybe(made.until));
    let mut told = Told { webhook, secret: None, until };
    let kept = serde_json::to_string(&told).map_err(Problem::internal)?;
    told.secret = Some(secret);
    let mut response = Json(told).into_response();
    response.extensions_mut().insert(Kept(kept));
    Ok(response)
}
