//! From an address to a store.

use std::{str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{
        SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions,
        SqliteSynchronous,
    },
};
use tracing::log::LevelFilter;

use super::{Store, StoreError, db::Pools};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// The oldest SQLite without the defect that corrupts a database under write-ahead logging.
pub const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// The oldest Postgres that is tested.
pub const OLDEST_POSTGRES: i64 = 150_000;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(
        "a database address begins with sqlite: or postgres:, such as sqlite:assize.sqlite or \
         postgres://user@host/name"
    )]
    UnknownScheme,
    #[error("the database address cannot be read: {0}")]
    InvalidAddress(sqlx::Error),
    #[error("SQLite {0} is too old: versions before 3.51.3 can corrupt a database")]
    OldSqlite(String),
    #[error("Postgres {0} is too old: 15 or newer is needed")]
    OldPostgres(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many connections there are at most.
struct Width {
    /// Of SQLite, beside the one that writes.
    readers: u32,
    /// Of Postgres.
    all: u32,
}

impl Store {
    /// Opens `sqlite:path`, `sqlite::memory:` is not offered, or `postgres://…`. Creates a missing SQLite file.
    pub async fn connect(address: &str) -> Result<Self, ConnectError> {
        Self::connect_with(address, Width { readers: readers(), all: 20 }).await
    }

    /// The same with one connection to lend, for tests of what becomes of it.
    #[cfg(any(test, feature = "testing"))]
    pub async fn connect_narrow(address: &str) -> Result<Self, ConnectError> {
        Self::connect_with(address, Width { readers: 1, all: 1 }).await
    }

    /// Whether the connection that is lent next has no open transaction, for tests.
    #[cfg(any(test, feature = "testing"))]
    pub async fn is_at_rest(&self) -> Result<bool, StoreError> {
        if self.backend() == Backend::Sqlite {
            // A transaction does not begin within another.
            return self.begin().await.map(|_| true);
        }
        let mut session = self.read().await?;
        // Only within a transaction there is something to go back to.
        let probe = super::change!(session, sqlx::raw_sql("SAVEPOINT probe"));
        Ok(matches!(probe, Err(StoreError::Driver(sqlx::Error::Database(_)))))
    }

    async fn connect_with(address: &str, width: Width) -> Result<Self, ConnectError> {
        let store = if address.starts_with("sqlite:") {
            connect_sqlite(address, width.readers).await?
        } else if address.starts_with("postgres:") || address.starts_with("postgresql:") {
            connect_postgres(address, width.all).await?
        } else {
            return Err(ConnectError::UnknownScheme);
        };
        store.check_version().await?;
        Ok(store)
    }

    /// The version of the database, for people.
    pub async fn version(&self) -> Result<String, StoreError> {
        let mut session = self.read().await?;
        let statement = match self.backend() {
            Backend::Sqlite => "SELECT sqlite_version()",
            Backend::Postgres => "SELECT current_setting('server_version')",
        };
        let version: String = super::sql!(session, |c| sqlx::query_scalar(statement).fetch_one(c))?;
        Ok(version)
    }

    /// Makes an empty schema in Postgres, for tests that share a server.
    #[cfg(any(test, feature = "testing"))]
    pub async fn create_schema(&self, name: &str) -> Result<(), StoreError> {
        self.create(format!("CREATE SCHEMA \"{name}\"")).await
    }

    /// Makes a database in Postgres, empty or as `template` is, to which nobody may be connected.
    #[cfg(any(test, feature = "testing"))]
    pub async fn create_database(
        &self,
        name: &str,
        template: Option<&str>,
    ) -> Result<(), StoreError> {
        let template = template.unwrap_or("template1");
        self.create(format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\"")).await
    }

    /// From now on there is room for next to nothing, as on a full disk: SQLite takes a few pages more,
    /// and Postgres refuses records with the code that it has for this.
    #[cfg(any(test, feature = "testing"))]
    pub async fn fill_disk(&self) -> Result<(), StoreError> {
        const REFUSE: &str = "CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$; \
             CREATE TRIGGER full_disk BEFORE INSERT ON record \
             FOR EACH ROW EXECUTE FUNCTION disk_is_full()";
        let mut tx = self.begin().await?;
        let statement = match self.backend() {
            Backend::Postgres => REFUSE.to_owned(),
            Backend::Sqlite => {
                let pages =
                    super::sql!(tx, |c| sqlx::query_scalar("PRAGMA page_count").fetch_one(c));
                let pages: i64 = pages?;
                format!("PRAGMA max_page_count = {}", pages + 4)
            }
        };
        super::change!(tx, sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone())))?;
        tx.commit().await
    }

    /// There is room again.
    #[cfg(any(test, feature = "testing"))]
    pub async fn free_disk(&self) -> Result<(), StoreError> {
        let statement = match self.backend() {
            Backend::Postgres => "DROP TRIGGER full_disk ON record; DROP FUNCTION disk_is_full()",
            Backend::Sqlite => "PRAGMA max_page_count = 4294967294",
        };
        let mut tx = self.begin().await?;
        super::change!(tx, sqlx::raw_sql(statement))?;
        tx.commit().await
    }

    #[cfg(any(test, feature = "testing"))]
    async fn create(&self, statement: String) -> Result<(), StoreError> {
        let mut session = self.read().await?;
        super::change!(session, sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone()))).map(drop)
    }

    async fn check_version(&self) -> Result<(), ConnectError> {
        let version = self.version().await?;
        let mut numbers = version.split(['.', ' ']).map_while(|part| part.parse::<u32>().ok());
        let mut next = || numbers.next().unwrap_or(0);
        let found = (next(), next(), next());
        match self.backend() {
            Backend::Sqlite if found < OLDEST_SQLITE => Err(ConnectError::OldSqlite(version)),
            Backend::Postgres if i64::from(found.0) * 10_000 < OLDEST_POSTGRES => {
                Err(ConnectError::OldPostgres(version))
            }
            _ => Ok(()),
        }
    }
}

async fn connect_sqlite(address: &str, readers: u32) -> Result<Store, ConnectError> {
    let options = SqliteConnectOptions::from_str(address)
        .map_err(ConnectError::InvalidAddress)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // The audit log acknowledges what it wrote; that must survive a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("journal_size_limit", "67108864")
        // The rows of a statement and what undoes it stay in memory: a batch is small.
        .pragma("temp_store", "memory")
        // A batch writes some megabytes; copying the log back after every batch would write the
        // same pages again and again.
        .pragma("wal_autocheckpoint", "4000")
        .statement_cache_capacity(256)
        .log_statements(LevelFilter::Trace)
        .log_slow_statements(LevelFilter::Warn, Duration::from_secs(1));
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .connect_with(
            options
                .clone()
                // Of a new file: what is free can be given back in steps.
                .auto_vacuum(SqliteAutoVacuum::Incremental)
                .pragma("cache_size", "-32768"),
        )
        .await
        .map_err(StoreError::from)?;
    let read = SqlitePoolOptions::new().max_connections(readers).connect_lazy_with(
        options.read_only(true).create_if_missing(false).pragma("cache_size", "-8192"),
    );
    Ok(Store::new(Pools::Sqlite { read, write }))
}

/// As many readers as there are cores, and some for those that wait for the disk.
fn readers() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    u32::try_from(cores).unwrap_or(2).clamp(2, 30) + 2
}

async fn connect_postgres(address: &str, connections: u32) -> Result<Store, ConnectError> {
    let options = PgConnectOptions::from_str(address)
        .map_err(ConnectError::InvalidAddress)?
        .application_name("assize")
        .options([
            ("idle_in_transaction_session_timeout", "15s"),
            ("lock_timeout", "10s"),
            ("statement_timeout", "60s"),
        ])
        .statement_cache_capacity(256)
        .log_statements(LevelFilter::Trace)
        .log_slow_statements(LevelFilter::Warn, Duration::from_secs(1));
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(30))
        .connect_with(options)
        .await
        .map_err(StoreError::from)?;
    Ok(Store::new(Pools::Postgres(pool)))
}
