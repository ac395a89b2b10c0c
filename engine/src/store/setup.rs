//! The one row that says how the first owner comes in.

use domain::Timestamp;

use super::{Session, StoreError, Tx, change, dialect::locking, sql};

/// The way in for the first owner.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Setup {
    /// Digest of the token.
    pub token_hash: String,
    pub expires_at: Timestamp,
    /// Once set, the way is closed for ever.
    pub claimed_at: Option<Timestamp>,
}

impl Session {
    pub async fn setup(&mut self) -> Result<Option<Setup>, StoreError> {
        let setup = sql!(self, |c| sqlx::query_as(
            "SELECT token_hash, expires_at, claimed_at FROM setup WHERE id = 1"
        )
        .fetch_optional(c))?;
        Ok(setup)
    }
}

impl Tx {
    /// Reads the row; nobody else claims it until the transaction ends.
    pub async fn lock_setup(&mut self) -> Result<Option<Setup>, StoreError> {
        const SQL: [&str; 2] =
            locking!("SELECT token_hash, expires_at, claimed_at FROM setup WHERE id = 1");
        let statement = self.pick(SQL);
        let setup = sql!(self, |c| sqlx::query_as(statement).fetch_optional(c))?;
        Ok(setup)
    }

    /// Puts a new token in place of any before, and answers whether it could: not once it is claimed.
    pub async fn offer_setup(
        &mut self,
        digest: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "INSERT INTO setup (id, token_hash, created_at, expires_at) \
                 VALUES (1, $1, $2, $3) \
                 ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, \
                 created_at = excluded.created_at, expires_at = excluded.expires_at \
                 WHERE setup.claimed_at IS NULL"
            )
            .bind(digest)
            .bind(now)
            .bind(expires_at)
        )?;
        Ok(changed == 1)
    }

    /// Closes the way.
    pub async fn close_setup(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query("UPDATE setup SET claimed_at = $1 WHERE id = 1 AND claimed_at IS NULL")
                .bind(now)
        )?;
        StoreError::expect("the setup to claim", 1, changed)
    }
}
