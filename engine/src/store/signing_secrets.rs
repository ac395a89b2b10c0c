//! What requests are signed with: sealed, and bound to the receiver it is for.

use domain::{
    Timestamp,
    id::{InboundId, SigningSecretId, WebhookId, WorkspaceId},
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};
use crate::vault::Sealed;

/// Whose requests a secret signs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signs {
    Webhook(WebhookId),
    /// Those of actioners to `scheme://host:port`.
    Destination(String),
    /// Requests that come to this endpoint.
    Inbound(InboundId),
}

impl Signs {
    fn webhook(&self) -> Option<Uuid> {
        match self {
            Self::Webhook(id) => Some(id.uuid()),
            _ => None,
        }
    }

    fn destination(&self) -> Option<&str> {
        match self {
            Self::Destination(address) => Some(address),
            _ => None,
        }
    }

    fn inbound(&self) -> Option<Uuid> {
        match self {
            Self::Inbound(id) => Some(id.uuid()),
            _ => None,
        }
    }
}

/// A secret as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSecret {
    pub id: SigningSecretId,
    pub workspace: WorkspaceId,
    pub signs: Signs,
    pub sealed: Sealed,
    pub created_at: Timestamp,
    /// Another took its place; until then it signs, too.
    pub ends_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct SecretRow {
    id: Uuid,
    workspace_id: Uuid,
    webhook_id: Option<Uuid>,
    destination: Option<String>,
    inbound_id: Option<Uuid>,
    key_id: String,
    sealed: Vec<u8>,
    created_at: Timestamp,
    ends_at: Option<Timestamp>,
}

impl From<SecretRow> for StoredSecret {
    fn from(row: SecretRow) -> Self {
        let signs = match (row.webhook_id, row.inbound_id) {
            (Some(id), _) => Signs::Webhook(WebhookId::new(id)),
            (None, Some(id)) => Signs::Inbound(InboundId::new(id)),
            (None, None) => Signs::Destination(row.destination.unwrap_or_default()),
        };
        Self {
            id: SigningSecretId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            signs,
            sealed: Sealed { key_id: row.key_id, bytes: row.sealed },
            created_at: row.created_at,
            ends_at: row.ends_at,
        }
    }
}

/// Every query that gives secrets begins like this.
macro_rules! select_secret {
    ($rest:literal) => {
        concat!(
            "SELECT id, workspace_id, webhook_id, destination, inbound_id, key_id, sealed, created_at, ",
            "ends_at FROM signing_secret ",
            $rest
        )
    };
}

impl Session {
    /// The secrets that sign at `now`, the newest first.
    pub async fn signing_secrets(
        &mut self,
        workspace: WorkspaceId,
        signs: &Signs,
        now: Timestamp,
    ) -> Result<Vec<StoredSecret>, StoreError> {
        let rows: Vec<SecretRow> = sql!(self, |c| {
            sqlx::query_as(select_secret!(
            "WHERE workspace_id = $1 AND (webhook_id = $2 OR destination = $3 OR inbound_id = $4) \
             AND (ends_at IS NULL OR ends_at > $5) ORDER BY id DESC"
        ))
        .bind(workspace.uuid())
        .bind(signs.webhook())
        .bind(signs.destination())
        .bind(signs.inbound())
        .bind(now)
        .fetch_all(c)
        })?;
        Ok(rows.into_iter().map(StoredSecret::from).collect())
    }

    /// All secrets that sign requests to destinations of a workspace at `now`, the newest first.
    pub async fn destination_secrets(
        &mut self,
        workspace: WorkspaceId,
        now: Timestamp,
    ) -> Result<Vec<StoredSecret>, StoreError> {
        let rows: Vec<SecretRow> = sql!(self, |c| sqlx::query_as(select_secret!(
            "WHERE workspace_id = $1 AND destination IS NOT NULL \
             AND (ends_at IS NULL OR ends_at > $2) ORDER BY id DESC"
        ))
        .bind(workspace.uuid())
        .bind(now)
        .fetch_all(c))?;
        Ok(rows.into_iter().map(StoredSecret::from).collect())
    }

    /// The secrets of every workspace that are not sealed with this key.
    pub async fn secrets_of_other_keys(
        &mut self,
        key_id: &str,
    ) -> Result<Vec<StoredSecret>, StoreError> {
        let rows: Vec<SecretRow> =
            sql!(self, |c| sqlx::query_as(select_secret!("WHERE key_id <> $1 ORDER BY id"))
                .bind(key_id)
                .fetch_all(c))?;
        Ok(rows.into_iter().map(StoredSecret::from).collect())
    }

    /// How many secrets there are in all workspaces, by the key they are sealed with.
    pub async fn secrets_by_key(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        let counted: Vec<(String, i64)> = sql!(self, |c| sqlx::query_as(
            "SELECT key_id, COUNT(*) FROM signing_secret GROUP BY key_id ORDER BY key_id"
        )
        .fetch_all(c))?;
        Ok(counted)
    }
}

impl Tx {
    pub async fn insert_signing_secret(&mut self, secret: &StoredSecret) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO signing_secret (id, workspace_id, webhook_id, destination, inbound_id, \
                 key_id, sealed, created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
            )
            .bind(secret.id.uuid())
            .bind(secret.workspace.uuid())
            .bind(secret.signs.webhook())
            .bind(secret.signs.destination())
            .bind(secret.signs.inbound())
            .bind(secret.sealed.key_id.as_str())
            .bind(secret.sealed.bytes.as_slice())
            .bind(secret.created_at)
            .bind(secret.ends_at)
        )
        .map(drop)
    }

    /// Has a secret end then.
    pub async fn end_signing_secret(
        &mut self,
        workspace: WorkspaceId,
        id: SigningSecretId,
        ends_at: Timestamp,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "UPDATE signing_secret SET ends_at = $3 WHERE workspace_id = $1 AND id = $2"
            )
            .bind(workspace.uuid())
            .bind(id.uuid())
            .bind(ends_at)
        )
        .map(drop)
    }

    /// Stores a secret that was sealed anew.
    pub async fn reseal_signing_secret(&mut self, secret: &StoredSecret) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "UPDATE signing_secret SET key_id = $3, sealed = $4 \
                 WHERE workspace_id = $1 AND id = $2"
            )
            .bind(secret.workspace.uuid())
            .bind(secret.id.uuid())
            .bind(secret.sealed.key_id.as_str())
            .bind(secret.sealed.bytes.as_slice())
        )
        .map(drop)
    }

    /// Forgets the secrets of a receiver that had ended then; all of them where no instant is named.
    pub async fn delete_signing_secrets(
        &mut self,
        workspace: WorkspaceId,
        signs: &Signs,
        ended: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        change!(
            self,
            sqlx::query(
                "DELETE FROM signing_secret WHERE workspace_id = $1 \
                 AND (webhook_id = $2 OR destination = $3 OR inbound_id = $4) \
                 AND ($5 IS NULL OR ends_at <= $5)"
            )
            .bind(workspace.uuid())
            .bind(signs.webhook())
            .bind(signs.destination())
            .bind(signs.inbound())
            .bind(ended)
        )
    }
}
