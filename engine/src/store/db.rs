//! Connections and transactions of either database.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use futures::future::BoxFuture;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, pool::PoolConnection};

use domain::{origin::Origin, window::Sight};

use super::{Backend, StoreError, spans::Ended};
use crate::{
    meter::{Figures, Meter},
    once, origin,
};

/// An SQLite file or a Postgres database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
    meter: Meter,
}

#[derive(Debug, Clone)]
pub(super) enum Pools {
    /// Many readers, one writer: SQLite has one writer at a time, and a queue is fairer than a race.
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
    },
    Postgres(PgPool),
}

/// A connection for the time of a few queries.
#[derive(Debug)]
pub struct Session {
    pub(super) link: Link,
    /// What queries about what happened are narrowed to: see [`super::sight`].
    pub(super) sight: Sight,
}

#[derive(Debug)]
pub(super) enum Link {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// Runs the same expression on whichever connection a session has: `sql!(self, |c| query.execute(c))`.
macro_rules! sql {
    ($session:expr, |$c:ident| $body:expr) => {
        match &mut $session.link {
            $crate::store::db::Link::Sqlite(connection) => {
                let $c = &mut **connection;
                $body.await
            }
            $crate::store::db::Link::Postgres(connection) => {
                let $c = &mut **connection;
                $body.await
            }
        }
    };
}
pub(super) use sql;

/// Runs a statement that changes rows and gives how many: `change!(self, query)`. Needs `?`-able
/// errors around it.
macro_rules! change {
    ($session:expr, $query:expr) => {
        match &mut $session.link {
            $crate::store::db::Link::Sqlite(connection) => {
                $query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
            $crate::store::db::Link::Postgres(connection) => {
                $query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
        }
        .map_err($crate::store::StoreError::from)
    };
}
pub(super) use change;

impl Store {
    pub(super) fn new(pools: Pools) -> Self {
        Self { pools, meter: Meter::default() }
    }

    /// What was committed here since the store was opened.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(super) fn pools(&self) -> &Pools {
        &self.pools
    }

    pub fn backend(&self) -> Backend {
        match self.pools {
            Pools::Sqlite { .. } => Backend::Sqlite,
            Pools::Postgres(_) => Backend::Postgres,
        }
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Session, StoreError> {
        let link = match &self.pools {
            Pools::Sqlite { read, .. } => Link::Sqlite(read.acquire().await?),
            Pools::Postgres(pool) => Link::Postgres(pool.acquire().await?),
        };
        Ok(Session { link, sight: Sight::All })
    }

    /// Begins a transaction. Dropped without [`Tx::commit`], it is rolled back.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let link = match &self.pools {
            Pools::Sqlite { write, .. } => Link::Sqlite(write.acquire().await?),
            Pools::Postgres(pool) => Link::Postgres(pool.acquire().await?),
        };
        // The guard exists before BEGIN is sent: however this future ends, the connection goes back
        // to its pool without an open transaction.
        let mut tx = Tx {
            session: Some(Session { link, sight: Sight::All }),
            origin: origin::current(),
            figures: Figures::default(),
            ended: Ended::default(),
            meter: self.meter.clone(),
        };
        tx.control(match self.backend() {
            Backend::Sqlite => "BEGIN IMMEDIATE",
            Backend::Postgres => "BEGIN",
        })
        .await?;
        Ok(tx)
    }

    /// Runs one business step in one transaction, to its end even when the caller is dropped: a
    /// browser that goes away never leaves a step half done.
    pub async fn write<T, E, F>(&self, step: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let (store, origin, claim) = (self.clone(), origin::current(), once::current());
        let task = tokio::spawn(async move {
            let mut tx = store.begin().await?;
            tx.origin = origin;
            let value = step(&mut tx).await?;
            if let Some(claim) = claim {
                tx.mark_idempotency_key(&claim).await?;
            }
            tx.commit().await?;
            Ok(value)
        });
        match task.await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(StoreError::Driver(sqlx::Error::PoolClosed).into()),
            },
        }
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction. All queries of [`Session`] can be asked of it.
#[derive(Debug)]
pub struct Tx {
    /// `None` once it ended.
    session: Option<Session>,
    /// What its audit entries name as the request behind them.
    pub(super) origin: Origin,
    /// What will have happened once it is committed.
    pub(crate) figures: Figures,
    /// What whoever collects traces will be told then.
    pub(crate) ended: Ended,
    meter: Meter,
}

/// How long a rollback may take before the connection is given up.
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(5);

impl Tx {
    async fn control(&mut self, statement: &'static str) -> Result<(), StoreError> {
        change!(self, sqlx::raw_sql(statement)).map(drop)
    }

    pub async fn commit(mut self) -> Result<(), StoreError> {
        let traced = self.traced().await?;
        self.control("COMMIT").await?;
        self.session = None;
        self.meter.add(&self.figures);
        traced.tell();
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Session;

    #[expect(clippy::expect_used, reason = "the session is taken only when the transaction ends")]
    fn deref(&self) -> &Session {
        self.session.as_ref().expect("the transaction is open")
    }
}

impl DerefMut for Tx {
    #[expect(clippy::expect_used, reason = "the session is taken only when the transaction ends")]
    fn deref_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect("the transaction is open")
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(roll_back(session))),
            Err(_) => session.discard(),
        }
    }
}

/// Rolls back; a connection that cannot even do that never returns to its pool.
async fn roll_back(mut session: Session) {
    let rollback = async { change!(session, sqlx::raw_sql("ROLLBACK")) };
    match tokio::time::timeout(ROLLBACK_TIMEOUT, rollback).await {
        Ok(Ok(_)) => {}
        // SQLite has already rolled back by itself after some errors.
        Ok(Err(StoreError::Driver(sqlx::Error::Database(error))))
            if error.message().contains("no transaction") => {}
        _ => session.discard(),
    }
}

impl Session {
    /// Closes the connection instead of giving it back.
    fn discard(self) {
        match self.link {
            Link::Sqlite(mut connection) => connection.close_on_drop(),
            Link::Postgres(mut connection) => connection.close_on_drop(),
        }
    }

    pub(super) fn backend(&self) -> Backend {
        match self.link {
            Link::Sqlite(_) => Backend::Sqlite,
            Link::Postgres(_) => Backend::Postgres,
        }
    }

    /// Chooses between the text for SQLite and the text for Postgres.
    pub(super) fn pick<T>(&self, [sqlite, postgres]: [T; 2]) -> T {
        match self.backend() {
            Backend::Sqlite => sqlite,
            Backend::Postgres => postgres,
        }
    }
}
