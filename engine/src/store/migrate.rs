//! The schema: both folders of migrations are inside the binary.

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

use super::{Backend, Store, StoreError, db::Pools, sql};

/// Number, name, text for SQLite, text for Postgres. Never edit one that was released.
macro_rules! migrations {
    ($($number:literal $name:literal),+ $(,)?) => {
        &[$((
            $number,
            $name,
            include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
            include_str!(concat!("../../../migrations/postgres/", $name, ".sql")),
        )),+]
    };
}

type Embedded = (i64, &'static str, &'static str, &'static str);

const MIGRATIONS: &[Embedded] = migrations![
    1 "0001_init",
    2 "0002_checkpoints",
    3 "0003_bundles",
    4 "0004_windows",
    5 "0005_reports",
    6 "0006_tokens",
    7 "0007_holds",
    8 "0008_outbound",
    9 "0009_guards",
    10 "0010_policies",
    11 "0011_settlements",
    12 "0012_reported",
    13 "0013_inbound",
    14 "0014_retention",
    15 "0015_health",
    16 "0016_inbound_places",
    17 "0017_log_retention",
];

fn migrator(backend: Backend) -> Migrator {
    let migration = |&(number, name, sqlite, postgres): &Embedded| {
        let text = match backend {
            Backend::Sqlite => sqlite,
            Backend::Postgres => postgres,
        };
        let simple = MigrationType::Simple;
        Migration::new(number, name.into(), simple, text.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().map(migration).collect())
}

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("the schema: {0}")]
    Failed(#[from] sqlx::migrate::MigrateError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    pub number: i64,
    pub name: String,
    pub applied: bool,
}

impl Store {
    /// Applies what is missing. Refuses a database that is newer than this binary.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        let migrator = migrator(self.backend());
        match self.pools() {
            Pools::Sqlite { write, .. } => migrator.run(write).await?,
            Pools::Postgres(pool) => migrator.run(pool).await?,
        }
        Ok(())
    }

    /// Every migration of this binary, oldest first.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        let applied = self.applied().await?;
        let state = |&(number, name, ..): &Embedded| MigrationState {
            number,
            name: name.to_owned(),
            applied: applied.contains(&number),
        };
        Ok(MIGRATIONS.iter().map(state).collect())
    }

    async fn applied(&self) -> Result<Vec<i64>, StoreError> {
        // A new database has no table of migrations; a writer's connection sees an SQLite file that
        // was only just created.
        let mut session = self.begin().await?;
        let exists = match session.backend() {
            Backend::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
            Backend::Postgres => {
                "SELECT COUNT(*) FROM pg_tables WHERE tablename = '_sqlx_migrations' \
                 AND schemaname = ANY (current_schemas(false))"
            }
        };
        let tables: i64 = sql!(session, |c| sqlx::query_scalar(exists).fetch_one(c))?;
        if tables == 0 {
            return Ok(Vec::new());
        }
        let numbers: Vec<i64> = sql!(session, |c| sqlx::query_scalar(
            "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version"
        )
        .fetch_all(c))?;
        Ok(numbers)
    }
}
