//! A connection that knows nothing of the engine: what an operator with a shell has.

use std::time::Duration;

use engine::{store::Backend, testing::TestStore};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, query_scalar, raw_sql};

pub enum Bare {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Bare {
    pub async fn open(db: &TestStore) -> Self {
        Self::connect(db.store.backend(), &db.address).await
    }

    pub async fn connect(backend: Backend, address: &str) -> Self {
        match backend {
            Backend::Sqlite => Self::Sqlite(SqliteConnection::connect(address).await.unwrap()),
            Backend::Postgres => Self::Postgres(PgConnection::connect(address).await.unwrap()),
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Runs statements.
    pub async fn run(&mut self, statements: &str) -> Result<(), sqlx::Error> {
        let statements = raw_sql(AssertSqlSafe(statements.to_owned()));
        match self {
            Self::Sqlite(connection) => statements.execute(connection).await.map(drop),
            Self::Postgres(connection) => statements.execute(connection).await.map(drop),
        }
    }

    /// A statement that has to be refused; answers with what the database says.
    pub async fn refused(&mut self, statement: &str) -> String {
        match self.run(statement).await {
            Ok(()) => panic!("not refused: {statement}"),
            Err(error) => error.to_string(),
        }
    }

    /// The first column of a query, which is text.
    pub async fn texts(&mut self, query: &str) -> Vec<String> {
        let query = AssertSqlSafe(query.to_owned());
        match self {
            Self::Sqlite(connection) => query_scalar(query).fetch_all(connection).await.unwrap(),
            Self::Postgres(connection) => query_scalar(query).fetch_all(connection).await.unwrap(),
        }
    }

    /// The one number a query answers with.
    pub async fn number(&mut self, query: &str) -> i64 {
        let query = AssertSqlSafe(query.to_owned());
        match self {
            Self::Sqlite(connection) => query_scalar(query).fetch_one(connection).await.unwrap(),
            Self::Postgres(connection) => query_scalar(query).fetch_one(connection).await.unwrap(),
        }
    }

    /// Waits until a query answers with this number. Less than the 15 seconds after which Postgres
    /// ends a forgotten transaction by itself.
    pub async fn until(&mut self, expected: i64, query: &str) {
        let waiting = async {
            while self.number(query).await != expected {
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        assert!(waited.is_ok(), "never {expected}: {query}");
    }

    /// A new id, as an expression.
    pub fn new_id(&self) -> &'static str {
        if self.is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" }
    }
}
