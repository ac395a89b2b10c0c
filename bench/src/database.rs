//! The databases that are measured, and bare connections to them.

use std::str::FromStr;

use anyhow::Result;
use engine::{
    store::Backend,
    testing::{TestStore, fresh},
};
use sqlx::{
    ConnectOptions, PgConnection, SqliteConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Database(pub Backend);

/// A connection without anything of ours in between.
pub enum Bare {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Runs the same expression on whichever connection it is.
macro_rules! bare {
    ($bare:expr, |$c:ident| $body:expr) => {
        match $bare {
            $crate::database::Bare::Sqlite(connection) => {
                let $c = &mut *connection;
                $body.await
            }
            $crate::database::Bare::Postgres(connection) => {
                let $c = &mut *connection;
                $body.await
            }
        }
    };
}
pub(crate) use bare;

impl Database {
    /// SQLite, and Postgres where there is one.
    pub async fn all() -> Result<Vec<Self>> {
        let mut all = vec![Self(Backend::Sqlite)];
        if engine::testing::postgres_address().is_some() {
            all.push(Self(Backend::Postgres));
        }
        Ok(all)
    }

    pub fn is_named(self, names: &str) -> bool {
        names.split(',').any(|name| name == self.name())
    }

    pub fn name(self) -> &'static str {
        self.0.as_str()
    }

    /// Chooses between the text for SQLite and the text for Postgres.
    pub fn pick<T>(self, sqlite: T, postgres: T) -> T {
        match self.0 {
            Backend::Sqlite => sqlite,
            Backend::Postgres => postgres,
        }
    }

    /// An empty, migrated database.
    pub async fn fresh(self) -> Result<TestStore> {
        fresh(self.0).await.ok_or_else(|| anyhow::anyhow!("there is no Postgres"))
    }

    /// A connection with the same settings as ours.
    pub async fn connect(self, address: &str) -> Result<Bare> {
        Ok(match self.0 {
            Backend::Sqlite => Bare::Sqlite(
                SqliteConnectOptions::from_str(address)?
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .pragma("temp_store", "memory")
                    .pragma("wal_autocheckpoint", "4000")
                    .pragma("cache_size", "-32768")
                    .disable_statement_logging()
                    .connect()
                    .await?,
            ),
            Backend::Postgres => Bare::Postgres(
                PgConnectOptions::from_str(address)?.disable_statement_logging().connect().await?,
            ),
        })
    }
}
