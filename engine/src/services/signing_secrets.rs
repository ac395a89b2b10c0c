//! What requests to a receiver are signed with: made here, sealed at once, told once, and exchanged
//! without a moment in which a receiver knows neither the old nor the new one.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::{SigningSecretId, WorkspaceId},
    member::Principal,
    webhook::ROTATION_HOURS,
};
use serde_json::json;
use tracing::error;

use super::{Caller, ServiceError, Services};
use crate::{
    ids::Ids,
    secret::Secret,
    signature::SigningSecret,
    store::{Signs, StoredSecret, Tx},
    vault::{Keyring, Vault, VaultError},
};

/// A secret as it is listed: without itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretInfo {
    pub id: SigningSecretId,
    pub created_at: Timestamp,
    /// Another took its place; until then it signs, too.
    pub ends_at: Option<Timestamp>,
}

impl From<StoredSecret> for SecretInfo {
    fn from(stored: StoredSecret) -> Self {
        let StoredSecret { id, created_at, ends_at, .. } = stored;
        Self { id, created_at, ends_at }
    }
}

/// A secret that was put in the place of others.
pub(super) struct Exchanged {
    pub id: SigningSecretId,
    pub made: SigningSecret,
    pub secret: Secret,
    /// Those that sign until then, too.
    pub before: Vec<SigningSecretId>,
    pub until: Timestamp,
}

/// What requests to destinations are signed with, by destination. Where it cannot be read, nothing may
/// be sent unsigned.
pub(crate) type DestinationSecrets = BTreeMap<String, Result<Vec<SigningSecret>, VaultError>>;

impl Services {
    fn vault(&self) -> Result<&Vault, ServiceError> {
        self.vault.as_ref().ok_or_else(|| {
            let message = "this process was started without a place for the key of secrets";
            ServiceError::conflict("no-place-for-secrets", message)
        })
    }

    /// The keys to seal with. The first is made here, unless there are secrets of one that is lost.
    pub(super) async fn sealing_keys(&self) -> Result<Keyring, ServiceError> {
        let vault = self.vault()?.clone();
        if vault.keys().map_err(unusable)?.is_none() {
            let lost = !self.store.read().await?.secrets_by_key().await?.is_empty();
            if lost {
                return Err(unusable(VaultError::Missing(vault.path().to_owned())));
            }
        }
        let ids = self.ids.clone();
        let made = tokio::task::spawn_blocking(move || vault.keys_or_new(&ids)).await;
        made.map_err(|error| ServiceError::conflict("no-place-for-secrets", error.to_string()))?
            .map_err(unusable)
    }

    /// What requests to a receiver are signed with at `now`.
    pub(crate) async fn open_secrets(
        &self,
        workspace: WorkspaceId,
        signs: &Signs,
        now: Timestamp,
    ) -> Result<Vec<SigningSecret>, ServiceError> {
        let stored = self.store.read().await?.signing_secrets(workspace, signs, now).await?;
        if stored.is_empty() {
            return Ok(Vec::new());
        }
        let keys = self.vault()?.keys_there().map_err(unusable)?;
        stored.iter().map(|stored| open(&keys, stored).map_err(unusable)).collect()
    }

    /// What requests to the destinations of a workspace are signed with at `now`.
    pub(crate) async fn open_destination_secrets(
        &self,
        workspace: WorkspaceId,
        now: Timestamp,
    ) -> Result<DestinationSecrets, ServiceError> {
        let stored = self.store.read().await?.destination_secrets(workspace, now).await?;
        let mut found = DestinationSecrets::new();
        if stored.is_empty() {
            return Ok(found);
        }
        let keys = self.vault()?.keys_there();
        for stored in stored {
            let Signs::Destination(destination) = &stored.signs else { continue };
            let secret = match &keys {
                Ok(keys) => open(keys, &stored),
                Err(_) => Err(VaultError::Missing(self.vault()?.path().to_owned())),
            };
            let all = found.entry(destination.clone()).or_insert_with(|| Ok(Vec::new()));
            match (all, secret) {
                (Ok(all), Ok(secret)) => all.push(secret),
                (all @ Ok(_), Err(error)) => *all = Err(error),
                (Err(_), _) => {}
            }
        }
        Ok(found)
    }

    /// Puts a new key in the place of the one that secrets are sealed with, and seals all of them anew.
    /// Answers how many there are. Something for the host: it concerns every workspace.
    pub async fn rotate_secrets_key(&self) -> Result<i64, ServiceError> {
        let (vault, ids, now) = (self.vault()?.clone(), self.ids.clone(), self.clock.now());
        self.sealing_keys().await?;
        let keys = vault.add_key(&ids).map_err(unusable)?;
        self.write(move |tx| {
            Box::pin(async move {
                let stale = tx.secrets_of_other_keys(keys.current()).await?;
                let mut sealed: BTreeMap<WorkspaceId, i64> = BTreeMap::new();
                for mut stored in stale {
                    let secret = open(&keys, &stored).map_err(unusable)?;
                    let (workspace, id) = (stored.workspace, stored.id);
                    stored.sealed =
                        keys.seal(&ids, workspace, id, secret.bytes()).map_err(unusable)?;
                    tx.reseal_signing_secret(&stored).await?;
                    *sealed.entry(workspace).or_default() += 1;
                }
                for (&workspace, secrets) in &sealed {
                    let object = Object::new("workspace", workspace);
                    let draft = Draft::new(Principal::Host, Verb::SecretsKeyRotated, object)
                        .with(json!({"key": keys.current(), "secrets": secrets}));
                    tx.append_audit(workspace, &ids, now, &[draft]).await?;
                }
                Ok(sealed.values().sum())
            })
        })
        .await
    }
}

fn open(keys: &Keyring, stored: &StoredSecret) -> Result<SigningSecret, VaultError> {
    let bytes = keys.open(stored.workspace, stored.id, &stored.sealed)?;
    SigningSecret::of_bytes(&bytes).ok_or(VaultError::Damaged)
}

/// Makes a secret for a receiver. Those it has go on signing for a while.
pub(super) async fn exchange(
    tx: &mut Tx,
    keys: &Keyring,
    ids: &Ids,
    caller: Caller,
    signs: Signs,
    now: Timestamp,
) -> Result<Exchanged, ServiceError> {
    let workspace = caller.workspace;
    let until = now + TimeDelta::hours(ROTATION_HOURS);
    tx.delete_signing_secrets(workspace, &signs, Some(now)).await?;
    let mut before = Vec::new();
    for old in tx.signing_secrets(workspace, &signs, now).await? {
        if old.ends_at.is_none() {
            tx.end_signing_secret(workspace, old.id, until).await?;
            before.push(old.id);
        }
    }
    let (id, secret) = (SigningSecretId::new(ids.uuid(now)), SigningSecret::new(ids));
    let sealed = keys.seal(ids, workspace, id, secret.bytes()).map_err(unusable)?;
    let stored = StoredSecret { id, workspace, signs, sealed, created_at: now, ends_at: None };
    tx.insert_signing_secret(&stored).await?;
    Ok(Exchanged { id, secret: secret.text(), made: secret, before, until })
}

/// Says to whoever asked that the host has to see to it, and to the host's log what there is to see.
fn unusable(error: VaultError) -> ServiceError {
    error!(%error, "secrets cannot be sealed or opened");
    let message =
        "the key that secrets are sealed with cannot be used; `assize doctor` on the host says why";
    ServiceError::conflict("secrets-key-unusable", message)
}
