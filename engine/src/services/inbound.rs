//! Inbound endpoints: owners make them, and tools tell them what happened.

mod proof;
mod receive;
mod refusals;

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::InboundId,
    inbound::{IdFrom, Inbound, InboundCheck, Pointer, SubjectFrom},
    permission::Permission,
    trigger::TriggerKind,
};
use serde_json::{Value, json};

pub use self::receive::{InboundError, InboundRequest};
pub(crate) use self::refusals::Refusals;
use super::{
    Caller, ServiceError, Services,
    events::{OWN_SOURCES, check_text},
    form::{self, Form},
    signing_secrets::{SecretInfo, exchange},
};
use crate::{
    secret::Secret,
    signature::SigningSecret,
    store::{Signs, Tx},
};

/// Endpoints of one workspace.
const MOST_ENDPOINTS: usize = 50;

/// An endpoint as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInbound {
    pub name: String,
    pub check: InboundCheck,
    pub kind: TriggerKind,
    /// Who tells, as events will say.
    pub source: String,
    pub event_type: String,
    pub id_from: IdFrom,
    pub subject_from: Option<SubjectFrom>,
    pub time_from: Option<Pointer>,
}

/// An endpoint and its new secret, which is told this once.
#[derive(Debug, Clone)]
pub struct CreatedInbound {
    pub endpoint: Inbound,
    pub secret: Secret,
    /// Until when the secret before is good, too; none if there was none.
    pub until: Option<Timestamp>,
}

/// An endpoint and its secrets, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundDetail {
    pub endpoint: Inbound,
    pub secrets: Vec<SecretInfo>,
}

impl Services {
    /// The endpoints, oldest first.
    pub async fn inbound_endpoints(&self, caller: Caller) -> Result<Vec<Inbound>, ServiceError> {
        self.require(caller, Permission::ViewWebhooks).await?;
        Ok(self.store.read().await?.inbound(caller.workspace).await?)
    }

    /// One endpoint.
    pub async fn inbound_endpoint(
        &self,
        caller: Caller,
        id: InboundId,
    ) -> Result<InboundDetail, ServiceError> {
        self.require(caller, Permission::ViewWebhooks).await?;
        let mut session = self.store.read().await?;
        let endpoint = session.inbound_by_id(id).await?;
        let endpoint = endpoint.filter(|endpoint| endpoint.workspace == caller.workspace);
        let endpoint = endpoint.ok_or(ServiceError::NotFound("inbound endpoint"))?;
        let (signs, now) = (Signs::Inbound(id), self.clock.now());
        let secrets = session.signing_secrets(caller.workspace, &signs, now).await?;
        let secrets = secrets.into_iter().map(SecretInfo::from).collect();
        Ok(InboundDetail { endpoint, secrets })
    }

    /// Makes an endpoint.
    ///
    /// # Errors
    /// `Invalid` naming `name`, `kind`, `source` or `type`; the conflicts `too-many-endpoints`,
    /// `no-place-for-secrets` and `secrets-key-unusable`.
    pub async fn create_inbound(
        &self,
        caller: Caller,
        new: NewInbound,
    ) -> Result<CreatedInbound, ServiceError> {
        self.require(caller, Permission::ManageWebhooks).await?;
        let keys = self.sealing_keys().await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let endpoint = Inbound { id: InboundId::new(ids.uuid(now)), ..check(caller, new, now)? };
        self.write(move |tx| {
            Box::pin(async move {
                if tx.inbound(caller.workspace).await?.len() >= MOST_ENDPOINTS {
                    let message =
                        format!("a workspace has at most {MOST_ENDPOINTS}; remove one first");
                    return Err(ServiceError::conflict("too-many-endpoints", message));
                }
                tx.insert_inbound(&endpoint).await?;
                let signs = Signs::Inbound(endpoint.id);
                let made = exchange(tx, &keys, &ids, caller, signs, now).await?;
                let draft = about(caller, Verb::InboundCreated, endpoint.id)
                    .with(json!({"after": portrait(&endpoint)}));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                let secret = shown(endpoint.check, &made.made);
                Ok(CreatedInbound { endpoint, secret, until: None })
            })
        })
        .await
    }

    /// Gives an endpoint another secret. For a day the one before is good, too.
    pub async fn rotate_inbound_secret(
        &self,
        caller: Caller,
        id: InboundId,
    ) -> Result<CreatedInbound, ServiceError> {
        self.require(caller, Permission::ManageWebhooks).await?;
        let keys = self.sealing_keys().await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let endpoint = locked(tx, caller, id).await?;
                let made = exchange(tx, &keys, &ids, caller, Signs::Inbound(id), now).await?;
                let draft = about(caller, Verb::InboundSecretRotated, id).with(json!({
                    "before": made.before,
                    "after": made.id,
                    "until": domain::audit::instant(made.until),
                }));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                let until = Some(made.until).filter(|_| !made.before.is_empty());
                Ok(CreatedInbound { secret: shown(endpoint.check, &made.made), endpoint, until })
            })
        })
        .await
    }

    /// Removes an endpoint with its secrets. What it was told stays.
    pub async fn remove_inbound(
        &self,
        caller: Caller,
        id: InboundId,
    ) -> Result<Inbound, ServiceError> {
        self.require(caller, Permission::ManageWebhooks).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let before = locked(tx, caller, id).await?;
                tx.remove_inbound(caller.workspace, id, now).await?;
                tx.delete_signing_secrets(caller.workspace, &Signs::Inbound(id), None).await?;
                let draft = about(caller, Verb::InboundRemoved, id)
                    .with(json!({"before": portrait(&before)}));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(before)
            })
        })
        .await
    }
}

/// The form of a secret that the sender of such requests takes.
fn shown(check: InboundCheck, secret: &SigningSecret) -> Secret {
    match check {
        InboundCheck::StandardWebhooks => secret.text(),
        InboundCheck::Github | InboundCheck::Secret => secret.hex(),
    }
}

async fn locked(tx: &mut Tx, caller: Caller, id: InboundId) -> Result<Inbound, ServiceError> {
    let unknown = || ServiceError::NotFound("inbound endpoint");
    if !tx.touch_inbound(caller.workspace, id).await? {
        return Err(unknown());
    }
    tx.inbound_by_id(id).await?.ok_or_else(unknown)
}

fn check(caller: Caller, new: NewInbound, now: Timestamp) -> Result<Inbound, ServiceError> {
    let NewInbound { name, check, kind, source, event_type, id_from, subject_from, time_from } =
        new;
    let mut form = Form::default();
    let name = form.take("name", form::name(&name));
    let own = matches!(kind, TriggerKind::Schedule | TriggerKind::ManualRequest);
    form.take("kind", if own { Err("Assize itself makes those".to_owned()) } else { Ok(()) });
    form.take(
        "source",
        match source.starts_with(OWN_SOURCES) {
            true => Err(format!("sources that begin with {OWN_SOURCES} are Assize itself")),
            false => check_text(&source),
        },
    );
    form.take("type", check_text(&event_type));
    form.finish()?;
    Ok(Inbound {
        id: InboundId::new(uuid::Uuid::nil()),
        workspace: caller.workspace,
        name,
        check,
        kind,
        source,
        event_type,
        id_from,
        subject_from,
        time_from,
        created_at: now,
        refused: 0,
        refusal: None,
    })
}

fn about(caller: Caller, verb: Verb, id: InboundId) -> Draft {
    Draft::new(caller.principal, verb, Object::new("inbound", id))
}

/// An endpoint as entries show it.
fn portrait(endpoint: &Inbound) -> Value {
    json!({
        "name": endpoint.name,
        "check": endpoint.check,
        "kind": endpoint.kind,
        "source": endpoint.source,
        "type": endpoint.event_type,
        "id_from": endpoint.id_from,
        "subject_from": endpoint.subject_from,
        "time_from": endpoint.time_from,
    })
}
