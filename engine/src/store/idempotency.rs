//! What requests with a key came to.

use domain::{Timestamp, id::WorkspaceId};

use super::{Session, StoreError, Tx, change, dialect::locking, sql};
use crate::once::Claim;

/// A key as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Of the request it was used for first.
    pub digest: String,
    pub attempt: i64,
    pub lease_until: Timestamp,
    /// Something was committed for it.
    pub changed: bool,
    pub answer: Option<Answer>,
}

/// What a request was answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    pub location: Option<String>,
    pub body: String,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    digest: String,
    attempt: i64,
    lease_until: Timestamp,
    changed: bool,
    status: Option<i64>,
    content_type: Option<String>,
    location: Option<String>,
    body: Option<String>,
}

impl TryFrom<KeyRow> for StoredKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        let wrong = |error| StoreError::inconsistent("idempotency_key", "status", error);
        let status = row.status.map(u16::try_from).transpose().map_err(wrong)?;
        let (content_type, location) = (row.content_type, row.location);
        let body = row.body.unwrap_or_default();
        Ok(Self {
            digest: row.digest,
            attempt: row.attempt,
            lease_until: row.lease_until,
            changed: row.changed,
            answer: status.map(|status| Answer { status, content_type, location, body }),
        })
    }
}

impl Session {
    /// A key as it stands; within a transaction nobody else changes it until the end.
    pub async fn idempotency_key(
        &mut self,
        workspace: WorkspaceId,
        principal: &str,
        key: &str,
    ) -> Result<Option<StoredKey>, StoreError> {
        const SQL: [&str; 2] = locking!(
            "SELECT digest, attempt, lease_until, changed, status, content_type, location, body \
             FROM idempotency_key WHERE workspace_id = $1 AND principal = $2 AND key = $3"
        );
        let statement = self.pick(SQL);
        let row: Option<KeyRow> = sql!(self, |c| sqlx::query_as(statement)
            .bind(workspace.uuid())
            .bind(principal)
            .bind(key)
            .fetch_optional(c))?;
        row.map(StoredKey::try_from).transpose()
    }
}

impl Tx {
    /// Forgets what was asked in this workspace before an instant.
    pub async fn forget_idempotency_keys(
        &mut self,
        workspace: WorkspaceId,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        change!(
            self,
            sqlx::query("DELETE FROM idempotency_key WHERE workspace_id = $1 AND created_at < $2")
                .bind(workspace.uuid())
                .bind(before)
        )
    }

    /// Takes a key that nobody has used. Answers whether it was so; waits for another transaction
    /// that is taking the same one.
    pub async fn take_idempotency_key(
        &mut self,
        claim: &Claim,
        digest: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let taken = change!(
            self,
            sqlx::query(
                "INSERT INTO idempotency_key \
                 (workspace_id, principal, key, digest, attempt, created_at, lease_until, changed) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                 ON CONFLICT (workspace_id, principal, key) DO NOTHING"
            )
            .bind(claim.workspace.uuid())
            .bind(claim.principal.as_str())
            .bind(claim.key.as_str())
            .bind(digest)
            .bind(claim.attempt)
            .bind(now)
            .bind(lease_until)
            .bind(false)
        )?;
        Ok(taken == 1)
    }

    /// Takes over a key whose last holder never came to an end. `claim` has the next attempt.
    pub async fn take_over_idempotency_key(
        &mut self,
        claim: &Claim,
        lease_until: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE idempotency_key SET attempt = $4, lease_until = $5 \
                 WHERE workspace_id = $1 AND principal = $2 AND key = $3 AND attempt = $4 - 1 \
                 AND status IS NULL AND NOT changed"
            )
            .bind(claim.workspace.uuid())
            .bind(claim.principal.as_str())
            .bind(claim.key.as_str())
            .bind(claim.attempt)
            .bind(lease_until)
        )?;
        StoreError::expect("an idempotency key to take over", 1, changed)
    }

    /// Marks, in the transaction of the change, that something was done. A claim that was taken over
    /// meanwhile commits nothing.
    pub async fn mark_idempotency_key(&mut self, claim: &Claim) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE idempotency_key SET changed = $5 \
                 WHERE workspace_id = $1 AND principal = $2 AND key = $3 AND attempt = $4 \
                 AND status IS NULL"
            )
            .bind(claim.workspace.uuid())
            .bind(claim.principal.as_str())
            .bind(claim.key.as_str())
            .bind(claim.attempt)
            .bind(true)
        )?;
        StoreError::expect("an idempotency key to mark", 1, changed)
    }

    /// Keeps what the request was answered with. Answers whether the claim still held.
    pub async fn answer_idempotency_key(
        &mut self,
        claim: &Claim,
        answer: &Answer,
    ) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE idempotency_key SET status = $5, content_type = $6, location = $7, \
                 body = $8 WHERE workspace_id = $1 AND principal = $2 AND key = $3 \
                 AND attempt = $4 AND status IS NULL"
            )
            .bind(claim.workspace.uuid())
            .bind(claim.principal.as_str())
            .bind(claim.key.as_str())
            .bind(claim.attempt)
            .bind(i64::from(answer.status))
            .bind(answer.content_type.as_deref())
            .bind(answer.location.as_deref())
            .bind(answer.body.as_str())
        )?;
        Ok(changed == 1)
    }

    /// Gives a key back for which nothing was committed.
    pub async fn release_idempotency_key(&mut self, claim: &Claim) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "DELETE FROM idempotency_key WHERE workspace_id = $1 AND principal = $2 \
                 AND key = $3 AND attempt = $4 AND status IS NULL AND NOT changed"
            )
            .bind(claim.workspace.uuid())
            .bind(claim.principal.as_str())
            .bind(claim.key.as_str())
            .bind(claim.attempt)
        )?;
        Ok(changed == 1)
    }
}
