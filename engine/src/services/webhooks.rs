//! Webhooks: receivers that are told what happens in a workspace. Owners say which and of what.

mod deliveries;

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::WebhookId,
    permission::{self, Permission},
    webhook::{Delivery, Disabled, DisabledBecause, EventKind, Notice, Webhook},
};
use serde_json::{Value, json};

pub use self::deliveries::DeliveryDetail;
use super::{
    Caller, ServiceError, Services,
    form::{self, Form},
    signing_secrets::{SecretInfo, exchange},
};
use crate::{
    net::Guard,
    secret::{Secret, digest},
    store::{Signs, Tx},
};

/// Webhooks of one workspace.
const MOST_WEBHOOKS: usize = 50;

/// A webhook as somebody wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewWebhook {
    /// What people call it.
    pub name: String,
    /// Its host has to be among the allowed destinations.
    pub url: String,
    pub events: Vec<EventKind>,
    /// The address of this Assize, for links; empty where it is not known.
    pub site: String,
}

/// A webhook and its new secret, which is told this once.
#[derive(Debug, Clone)]
pub struct CreatedWebhook {
    pub webhook: Webhook,
    pub secret: Secret,
    /// Until when the secret before signs, too; none if there was none.
    pub until: Option<Timestamp>,
}

/// A webhook and the secrets that sign for it, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDetail {
    pub webhook: Webhook,
    pub secrets: Vec<SecretInfo>,
}

impl Services {
    /// The webhooks, oldest first; without the paths of their addresses for those who may not change
    /// them.
    pub async fn webhooks(&self, caller: Caller) -> Result<Vec<Webhook>, ServiceError> {
        self.require(caller, Permission::ViewWebhooks).await?;
        let found = self.store.read().await?.webhooks(caller.workspace).await?;
        Ok(found.into_iter().map(|webhook| shown(caller, webhook)).collect())
    }

    /// One webhook.
    pub async fn webhook(
        &self,
        caller: Caller,
        id: WebhookId,
    ) -> Result<WebhookDetail, ServiceError> {
        self.require(caller, Permission::ViewWebhooks).await?;
        let mut session = self.store.read().await?;
        let webhook = session.webhook(caller.workspace, id).await?;
        let webhook = webhook.ok_or(ServiceError::NotFound("webhook"))?;
        let (signs, now) = (Signs::Webhook(id), self.clock.now());
        let secrets = session.signing_secrets(caller.workspace, &signs, now).await?;
        let secrets = secrets.into_iter().map(SecretInfo::from).collect();
        Ok(WebhookDetail { webhook: shown(caller, webhook), secrets })
    }

    /// Adds a webhook. It is told of what happens from now on.
    ///
    /// # Errors
    /// `Invalid` naming `name`, `url` or `events`; the conflicts `too-many-webhooks`,
    /// `no-place-for-secrets` and `secrets-key-unusable`.
    pub async fn create_webhook(
        &self,
        caller: Caller,
        new: NewWebhook,
    ) -> Result<CreatedWebhook, ServiceError> {
        self.require(caller, Permission::ManageWebhooks).await?;
        let keys = self.sealing_keys().await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let NewWebhook { name, url, events, site } = check(tx, caller, new).await?;
                let webhook = Webhook {
                    id: WebhookId::new(ids.uuid(now)),
                    workspace: caller.workspace,
                    url,
                    name,
                    events,
                    site,
                    created_at: now,
                    disabled: None,
                };
                if tx.webhooks(caller.workspace).await?.len() >= MOST_WEBHOOKS {
                    let message = format!(
                        "a workspace has at most {MOST_WEBHOOKS} webhooks; remove one first"
                    );
                    return Err(ServiceError::conflict("too-many-webhooks", message));
                }
                tx.insert_webhook(&webhook).await?;
                let signs = Signs::Webhook(webhook.id);
                let made = exchange(tx, &keys, &ids, caller, signs, now).await?;
                let draft = about(caller, Verb::WebhookCreated, webhook.id)
                    .with(json!({"after": portrait(&webhook)}));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(CreatedWebhook { webhook, secret: made.secret, until: None })
            })
        })
        .await
    }

    /// Changes name, address and events. What is queued goes to the new address.
    pub async fn change_webhook(
        &self,
        caller: Caller,
        id: WebhookId,
        new: NewWebhook,
    ) -> Result<Webhook, ServiceError> {
        self.require(caller, Permission::ManageWebhooks).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let before = locked(tx, caller, id).await?;
                let NewWebhook { name, url, events, site } = check(tx, caller, new).await?;
                let site = if site.is_empty() { before.site.clone() } else { site };
                let after = Webhook { name, url, events, site, ..before.clone() };
                if after == before {
                    return Ok(before);
                }
                tx.update_webhook(&after).await?;
                let draft = about(caller, Verb::WebhookChanged, id)
                    .with(json!({"before": portrait(&before), "after": portrait(&after)}));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(after)
            })
        })
        .await
    }

    /// Has a webhook told again, beginning with what is queued; or no longer. What happens while it is
    /// disabled it is never told.
    pub async fn set_webhook_enabled(
        &self,
        caller: Caller,
        id: WebhookId,
        enabled: bool,
    ) -> Result<Webhook, ServiceError> {
        self.require(caller, Permission::ManageWebhooks).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let before = locked(tx, caller, id).await?;
                if before.disabled.is_none() == enabled {
                    return Ok(before);
                }
                let because = DisabledBecause::Asked;
                let (verb, disabled, due_at) = match enabled {
                    true => (Verb::WebhookEnabled, None, Some(now)),
                    false => (Verb::WebhookDisabled, Some(Disabled { at: now, because }), None),
                };
                let after = Webhook { disabled, ..before };
                tx.update_webhook(&after).await?;
                tx.hold_deliveries(caller.workspace, id, due_at).await?;
                let draft = about(caller, verb, id);
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(after)
            })
        })
        .await
    }

    /// Removes a webhook with its secrets. What is queued for it is given up; what was delivered stays
    /// in the log.
    pub async fn remove_webhook(
        &self,
        caller: Caller,
        id: WebhookId,
    ) -> Result<Webhook, ServiceError> {
        self.require(caller, Permission::ManageWebhooks).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let before = locked(tx, caller, id).await?;
                tx.remove_webhook(caller.workspace, id, now).await?;
                tx.delete_signing_secrets(caller.workspace, &Signs::Webhook(id), None).await?;
                let given_up = tx.give_up_deliveries(caller.workspace, id, now).await?;
                let draft = about(caller, Verb::WebhookRemoved, id)
                    .with(json!({"before": portrait(&before), "given_up": given_up}));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(before)
            })
        })
        .await
    }

    /// Gives a webhook another secret. For a day the one before signs, too.
    pub async fn rotate_webhook_secret(
        &self,
        caller: Caller,
        id: WebhookId,
    ) -> Result<CreatedWebhook, ServiceError> {
        self.require(caller, Permission::ManageWebhooks).await?;
        let keys = self.sealing_keys().await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let webhook = locked(tx, caller, id).await?;
                let made = exchange(tx, &keys, &ids, caller, Signs::Webhook(id), now).await?;
                let draft = about(caller, Verb::WebhookSecretRotated, id).with(json!({
                    "before": made.before,
                    "after": made.id,
                    "until": domain::audit::instant(made.until),
                }));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                let until = Some(made.until).filter(|_| !made.before.is_empty());
                Ok(CreatedWebhook { webhook, secret: made.secret, until })
            })
        })
        .await
    }

    /// Sends a test to a webhook, on the same way as everything else.
    ///
    /// # Errors
    /// The conflict `webhook-disabled`.
    pub async fn test_webhook(
        &self,
        caller: Caller,
        id: WebhookId,
    ) -> Result<Delivery, ServiceError> {
        self.require(caller, Permission::ManageWebhooks).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let webhook = locked(tx, caller, id).await?;
                let notice = Notice::test(webhook.id);
                let queued = tx.announce_to(caller.workspace, id, &ids, now, &notice).await?;
                let delivery = queued.ok_or_else(disabled)?;
                let draft =
                    about(caller, Verb::WebhookTested, id).with(json!({"delivery": delivery}));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                let queued = tx.delivery(caller.workspace, delivery).await?;
                queued.ok_or(ServiceError::NotFound("delivery"))
            })
        })
        .await
    }
}

/// As the caller may see it.
fn shown(caller: Caller, webhook: Webhook) -> Webhook {
    match permission::require(caller.principal, Permission::ManageWebhooks) {
        Ok(()) => webhook,
        Err(_) => webhook.without_path(),
    }
}

async fn locked(tx: &mut Tx, caller: Caller, id: WebhookId) -> Result<Webhook, ServiceError> {
    let found = tx.lock_webhook(caller.workspace, id).await?;
    found.ok_or(ServiceError::NotFound("webhook"))
}

/// What is wanted as it is to be stored, if all of it is as it should be.
async fn check(tx: &mut Tx, caller: Caller, new: NewWebhook) -> Result<NewWebhook, ServiceError> {
    let guard = Guard::new(tx.destinations(caller.workspace).await?);
    let NewWebhook { name, url, events, site } = new;
    let url = url.trim().to_owned();
    let mut form = Form::default();
    let name = form.take("name", form::name(&name));
    form.take("url", check_url(&guard, &url));
    let events = form.take("events", check_events(&events));
    form.finish()?;
    Ok(NewWebhook { name, url, events, site })
}

fn check_url(guard: &Guard, url: &str) -> Result<(), String> {
    guard.check(url).map(drop).map_err(|error| match error.code {
        "net-destination-not-listed" | "net-scheme-not-allowed" => {
            format!("{error}; an owner has to allow it under Destinations first")
        }
        _ => error.to_string(),
    })
}

/// Each once, in the order of the list.
fn check_events(wanted: &[EventKind]) -> Result<Vec<EventKind>, String> {
    if wanted.contains(&EventKind::Test) {
        return Err("tests are sent on purpose; nobody listens to them".to_owned());
    }
    let chosen = EventKind::LISTENED.into_iter().filter(|event| wanted.contains(event));
    let chosen: Vec<_> = chosen.collect();
    if chosen.is_empty() { Err("choose at least one".to_owned()) } else { Ok(chosen) }
}

fn disabled() -> ServiceError {
    let message = "the webhook is disabled, so nothing is sent to it; enable it first";
    ServiceError::conflict("webhook-disabled", message)
}

fn about(caller: Caller, verb: Verb, id: WebhookId) -> Draft {
    Draft::new(caller.principal, verb, Object::new("webhook", id))
}

/// A webhook as entries show it: what follows the host may be a secret of the receiver's.
fn portrait(webhook: &Webhook) -> Value {
    json!({
        "name": webhook.name,
        "events": webhook.events,
        "address": webhook.address(),
        "url_digest": digest(&webhook.url),
    })
}
