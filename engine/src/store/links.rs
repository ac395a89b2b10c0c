//! Single-use sign-in links, known by the digest of their token.

use domain::{Timestamp, id::AccountId};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

impl Session {
    /// Whose a link is, if it can still be used.
    pub async fn link_account(
        &mut self,
        digest: &str,
        now: Timestamp,
    ) -> Result<Option<AccountId>, StoreError> {
        let account: Option<Uuid> = sql!(self, |c| sqlx::query_scalar(
            "SELECT account_id FROM sign_in_link \
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2"
        )
        .bind(digest)
        .bind(now)
        .fetch_optional(c))?;
        Ok(account.map(AccountId::new))
    }
}

impl Tx {
    pub async fn insert_link(
        &mut self,
        digest: &str,
        account: AccountId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO sign_in_link (token_hash, account_id, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4)"
            )
            .bind(digest)
            .bind(account.uuid())
            .bind(now)
            .bind(expires_at)
        )
        .map(drop)
    }

    /// Uses a link up: of all who try, one is told that it was good.
    pub async fn use_link(&mut self, digest: &str, now: Timestamp) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE sign_in_link SET used_at = $2 \
                 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2"
            )
            .bind(digest)
            .bind(now)
        )?;
        Ok(changed == 1)
    }

    /// Takes back every link of an account that was not used.
    pub async fn revoke_links(&mut self, account: AccountId) -> Result<u64, StoreError> {
        change!(
            self,
            sqlx::query("DELETE FROM sign_in_link WHERE account_id = $1 AND used_at IS NULL")
                .bind(account.uuid())
        )
    }
}
