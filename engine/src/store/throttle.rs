//! Failed sign-ins by account and by address, where all replicas see them.

use domain::Timestamp;

use super::{StoreError, Tx, change, dialect::locking, sql};

/// What is remembered of one account or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Throttle {
    /// Failures that are not forgiven yet.
    pub failures: i64,
    pub blocked_until: Timestamp,
    /// Forgiving is counted from here.
    pub updated_at: Timestamp,
}

impl Tx {
    /// What is remembered of a subject, which stays so until the transaction ends.
    pub async fn lock_throttle(
        &mut self,
        subject: &str,
        now: Timestamp,
    ) -> Result<Throttle, StoreError> {
        const SQL: [&str; 2] = locking!(
            "SELECT failures, blocked_until, updated_at FROM sign_in_throttle WHERE subject = $1"
        );
        change!(
            self,
            sqlx::query(
                "INSERT INTO sign_in_throttle (subject, failures, blocked_until, updated_at) \
                 VALUES ($1, 0, $2, $2) ON CONFLICT (subject) DO NOTHING"
            )
            .bind(subject)
            .bind(now)
        )?;
        let statement = self.pick(SQL);
        let throttle = sql!(self, |c| sqlx::query_as(statement).bind(subject).fetch_one(c))?;
        Ok(throttle)
    }

    pub async fn store_throttle(
        &mut self,
        subject: &str,
        throttle: &Throttle,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE sign_in_throttle SET failures = $2, blocked_until = $3, updated_at = $4 \
                 WHERE subject = $1"
            )
            .bind(subject)
            .bind(throttle.failures)
            .bind(throttle.blocked_until)
            .bind(throttle.updated_at)
        )?;
        StoreError::expect("the throttle of a subject", 1, changed)
    }

    /// Forgets what has not mattered since `before`, except what somebody else works on just now.
    pub async fn forget_throttles(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        const SQL: [&str; 2] = [
            "DELETE FROM sign_in_throttle WHERE updated_at < $1",
            "DELETE FROM sign_in_throttle WHERE subject IN (SELECT subject FROM sign_in_throttle \
             WHERE updated_at < $1 FOR UPDATE SKIP LOCKED)",
        ];
        let statement = self.pick(SQL);
        change!(self, sqlx::query(statement).bind(before))
    }
}
