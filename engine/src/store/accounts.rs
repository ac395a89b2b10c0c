//! Accounts: how a person signs in, whatever workspaces they are a member of.

use domain::{Timestamp, id::AccountId};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, dialect::locking, sql};
use crate::secret::Secret;

/// A person's means of signing in.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: AccountId,
    /// In lower case.
    pub email: String,
    /// A PHC string; `None` until a first password is set.
    pub password_hash: Option<Secret>,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    id: Uuid,
    email: String,
    password_hash: Option<String>,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: AccountId::new(row.id),
            email: row.email,
            password_hash: row.password_hash.map(Secret::new),
        }
    }
}

impl Session {
    pub async fn account(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let row: Option<AccountRow> = sql!(self, |c| sqlx::query_as(
            "SELECT id, email, password_hash FROM account WHERE id = $1"
        )
        .bind(id.uuid())
        .fetch_optional(c))?;
        Ok(row.map(Account::from))
    }

    /// Finds an account by its address in lower case.
    pub async fn account_by_email(&mut self, email: &str) -> Result<Option<Account>, StoreError> {
        let row: Option<AccountRow> = sql!(self, |c| sqlx::query_as(
            "SELECT id, email, password_hash FROM account WHERE email = $1"
        )
        .bind(email)
        .fetch_optional(c))?;
        Ok(row.map(Account::from))
    }
}

impl Tx {
    /// Reads an account and keeps it as it is until the transaction ends. Whatever decides over
    /// memberships, links or sessions of an account locks it first.
    pub async fn lock_account(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        const SQL: [&str; 2] =
            locking!("SELECT id, email, password_hash FROM account WHERE id = $1");
        let statement = self.pick(SQL);
        let row: Option<AccountRow> =
            sql!(self, |c| sqlx::query_as(statement).bind(id.uuid()).fetch_optional(c))?;
        Ok(row.map(Account::from))
    }

    /// The account with this address, locked; a new one, with the id `id`, if there was none.
    pub async fn ensure_account(
        &mut self,
        id: AccountId,
        email: &str,
        now: Timestamp,
    ) -> Result<Account, StoreError> {
        const SQL: [&str; 2] =
            locking!("SELECT id, email, password_hash FROM account WHERE email = $1");
        change!(
            self,
            sqlx::query(
                "INSERT INTO account (id, email, created_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (email) DO NOTHING"
            )
            .bind(id.uuid())
            .bind(email)
            .bind(now)
        )?;
        let statement = self.pick(SQL);
        let row: AccountRow = sql!(self, |c| sqlx::query_as(statement).bind(email).fetch_one(c))?;
        Ok(row.into())
    }

    pub async fn set_password_hash(
        &mut self,
        id: AccountId,
        hash: &Secret,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query("UPDATE account SET password_hash = $2 WHERE id = $1")
                .bind(id.uuid())
                .bind(hash.expose())
        )?;
        StoreError::expect("the account of a password", 1, changed)
    }
}
