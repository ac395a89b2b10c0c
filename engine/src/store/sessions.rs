//! Sessions of signed-in accounts, known by the digest of their secret.

use domain::{Timestamp, id::AccountId};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

/// A session as it is kept; whether it is still good is for the service to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredSession {
    pub account: AccountId,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    account_id: Uuid,
    created_at: Timestamp,
    seen_at: Timestamp,
    expires_at: Timestamp,
}

impl From<SessionRow> for StoredSession {
    fn from(row: SessionRow) -> Self {
        Self {
            account: AccountId::new(row.account_id),
            created_at: row.created_at,
            seen_at: row.seen_at,
            expires_at: row.expires_at,
        }
    }
}

impl Session {
    pub async fn session(&mut self, digest: &str) -> Result<Option<StoredSession>, StoreError> {
        let row: Option<SessionRow> = sql!(self, |c| sqlx::query_as(
            "SELECT account_id, created_at, seen_at, expires_at FROM session \
             WHERE token_hash = $1"
        )
        .bind(digest)
        .fetch_optional(c))?;
        Ok(row.map(StoredSession::from))
    }
}

impl Tx {
    pub async fn insert_session(
        &mut self,
        digest: &str,
        session: &StoredSession,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO session (token_hash, account_id, created_at, seen_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5)"
            )
            .bind(digest)
            .bind(session.account.uuid())
            .bind(session.created_at)
            .bind(session.seen_at)
            .bind(session.expires_at)
        )
        .map(drop)
    }

    /// Notes that a session was used. One that was ended meanwhile stays ended.
    pub async fn touch_session(&mut self, digest: &str, now: Timestamp) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query("UPDATE session SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2")
                .bind(digest)
                .bind(now)
        )
        .map(drop)
    }

    /// Ends a session and answers whose it was.
    pub async fn delete_session(&mut self, digest: &str) -> Result<Option<AccountId>, StoreError> {
        let account: Option<Uuid> = sql!(self, |c| sqlx::query_scalar(
            "DELETE FROM session WHERE token_hash = $1 RETURNING account_id"
        )
        .bind(digest)
        .fetch_optional(c))?;
        Ok(account.map(AccountId::new))
    }

    /// Ends all sessions of an account and answers how many there were.
    pub async fn delete_sessions(&mut self, account: AccountId) -> Result<u64, StoreError> {
        change!(self, sqlx::query("DELETE FROM session WHERE account_id = $1").bind(account.uuid()))
    }

    /// Forgets sessions of an account that nobody can use any more.
    pub async fn delete_stale_sessions(
        &mut self,
        account: AccountId,
        now: Timestamp,
        seen_before: Timestamp,
    ) -> Result<u64, StoreError> {
        change!(
            self,
            sqlx::query(
                "DELETE FROM session WHERE account_id = $1 \
                 AND (expires_at <= $2 OR seen_at <= $3)"
            )
            .bind(account.uuid())
            .bind(now)
            .bind(seen_before)
        )
    }
}
