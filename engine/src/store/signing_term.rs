//! Who signs: one replica at a time, for a term it has to renew.

use chrono::TimeDelta;
use domain::Timestamp;

use super::{StoreError, Tx, change, dialect::locking, sql};

/// How long a term lasts unless it is renewed. A replica that is gone is replaced after that.
pub const TERM: TimeDelta = TimeDelta::minutes(2);

#[derive(sqlx::FromRow)]
struct Term {
    holder: String,
    fence: i64,
    until: Timestamp,
}

impl Tx {
    async fn lock_term(&mut self) -> Result<Term, StoreError> {
        const SQL: [&str; 2] =
            locking!("SELECT holder, fence, until FROM signing_term WHERE id = 1");
        let statement = self.pick(SQL);
        let term = sql!(self, |c| sqlx::query_as(statement).fetch_one(c))?;
        Ok(term)
    }

    /// Begins or renews a term and answers with its fence; `None` while somebody else holds one,
    /// unless it is taken by force.
    pub async fn take_signing_term(
        &mut self,
        holder: &str,
        now: Timestamp,
        by_force: bool,
    ) -> Result<Option<i64>, StoreError> {
        let term = self.lock_term().await?;
        let own = term.holder == holder;
        if !own && term.until > now && !by_force {
            return Ok(None);
        }
        let fence = if own { term.fence } else { term.fence + 1 };
        self.store_term(holder, fence, now + TERM).await?;
        Ok(Some(fence))
    }

    /// Whether the term with this fence is still the present one; nobody begins another until the
    /// transaction ends.
    pub async fn holds_signing_term(&mut self, fence: i64) -> Result<bool, StoreError> {
        Ok(self.lock_term().await?.fence == fence)
    }

    /// Ends a term before its time.
    pub async fn end_signing_term(
        &mut self,
        holder: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let term = self.lock_term().await?;
        if term.holder == holder {
            self.store_term("", term.fence, now).await?;
        }
        Ok(())
    }

    async fn store_term(
        &mut self,
        holder: &str,
        fence: i64,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query("UPDATE signing_term SET holder = $1, fence = $2, until = $3 WHERE id = 1")
                .bind(holder)
                .bind(fence)
                .bind(until)
        )
        .map(drop)
    }
}
