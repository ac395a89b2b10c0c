//! Transactions end, whatever becomes of whoever began them.

use std::{future::Future, pin::pin, task::Poll, time::Duration};

use domain::{id::WorkspaceId, member::Workspace};
use engine::{
    both_databases,
    ids::Ids,
    store::{Backend, Store, StoreError, Tx},
    testing::{TestStore, fresh, postgres_address},
};
use futures::future::join_all;

use crate::{bare::Bare, house::start};

/// Drops a future when it waits for the `last` time; a future that never waits that often ends.
async fn abandon<F: Future>(future: F, last: usize) -> Option<F::Output> {
    let (mut future, mut waits) = (pin!(future), 0);
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending if waits + 1 >= last => Poll::Ready(None),
        Poll::Pending => {
            waits += 1;
            Poll::Pending
        }
    })
    .await
}

/// Two rows that belong together: a workspace and the head of its log.
async fn pair(tx: &mut Tx, slug: String) -> Result<(), StoreError> {
    let id = WorkspaceId::new(Ids::random().uuid(start()));
    let workspace = Workspace { id, slug, name: "A house".into(), created_at: start() };
    tx.insert_workspace(&workspace).await?;
    tx.create_audit_head(id).await
}

async fn write(store: &Store, slug: String) -> Result<(), StoreError> {
    store.write(move |tx| Box::pin(async move { pair(tx, slug).await })).await
}

/// How many pairs another connection sees; half of one is never seen.
async fn pairs(bare: &mut Bare) -> i64 {
    let halves = bare
        .number(
            "SELECT COUNT(*) FROM workspace w WHERE NOT EXISTS \
             (SELECT 1 FROM audit_head h WHERE h.workspace_id = w.id)",
        )
        .await;
    assert_eq!(halves, 0);
    bare.number("SELECT COUNT(*) FROM workspace").await
}

const IDLE: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
                    AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'";

/// A database of its own: what its connections do is then told apart from what other tests do.
struct Own {
    db: TestStore,
    name: String,
}

impl Own {
    async fn new(db: TestStore, name: &str) -> Self {
        let name = format!("own_{}_{name}", std::process::id());
        if db.store.backend() == Backend::Sqlite {
            return Self { db, name };
        }
        let base = postgres_address().unwrap();
        let mut bare = Bare::connect(Backend::Postgres, &base).await;
        bare.run(&format!("CREATE DATABASE {name}")).await.unwrap();
        let mut address = url::Url::parse(&base).unwrap();
        address.set_path(&name);
        let mut db = db;
        db.address = address.to_string();
        db.store.close().await;
        db.store = Store::connect(&db.address).await.unwrap();
        db.store.migrate().await.unwrap();
        Self { db, name }
    }

    /// Waits until no connection is in a transaction, and sees that a write is really committed.
    async fn is_at_rest(&self, slug: String) {
        let mut bare = Bare::open(&self.db).await;
        if bare.is_postgres() {
            bare.until(0, IDLE).await;
        }
        // In SQLite what was dropped may still end one way or the other; whoever writes waits for that.
        write(&self.db.store, format!("{slug}-first")).await.unwrap();
        let before = pairs(&mut bare).await;
        write(&self.db.store, slug).await.unwrap();
        assert_eq!(pairs(&mut bare).await, before + 1);
    }

    async fn drop(self) {
        self.db.store.close().await;
        if self.db.store.backend() == Backend::Postgres {
            let base = postgres_address().unwrap();
            let mut bare = Bare::connect(Backend::Postgres, &base).await;
            bare.run(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await.unwrap();
        }
    }
}

/// How often a future may wait before it is dropped: beyond this all of them end.
const WAITS: usize = 12;

both_databases! {
    async fn a_begin_that_is_dropped_leaves_no_transaction(db: TestStore) {
        let own = Own::new(db, "begin").await;
        let mut dropped = 0;
        for round in 0..8 {
            for waits in 1..=WAITS {
                let began = abandon(own.db.store.begin(), waits).await;
                dropped += usize::from(began.is_none());
            }
            own.is_at_rest(format!("round-{round}")).await;
        }
        assert!(dropped > 0, "no begin was dropped half-way");
        // All connections of the pool at once.
        let many = (0..60).map(|n| abandon(own.db.store.begin(), 1 + n % WAITS));
        drop(join_all(many).await);
        own.is_at_rest("together".into()).await;
        own.drop().await;
    }

    async fn a_transaction_that_is_dropped_half_way_leaves_nothing(db: TestStore) {
        let own = Own::new(db, "half").await;
        for waits in 1..=WAITS {
            let half = async {
                let mut tx = own.db.store.begin().await?;
                // Never committed, even where the future is not dropped before its end.
                pair(&mut tx, format!("half-{waits}")).await
            };
            let _ = abandon(half, waits).await;
            own.is_at_rest(format!("whole-{waits}")).await;
        }
        let mut bare = Bare::open(&own.db).await;
        let left = bare.number("SELECT COUNT(*) FROM workspace WHERE slug LIKE 'half-%'").await;
        assert_eq!(left, 0);
        own.drop().await;
    }

    async fn a_commit_that_is_dropped_is_whole_or_nothing(db: TestStore) {
        let own = Own::new(db, "commit").await;
        for waits in 1..=WAITS {
            let mut tx = own.db.store.begin().await.unwrap();
            pair(&mut tx, format!("maybe-{waits}")).await.unwrap();
            let _ = abandon(tx.commit(), waits).await;
            own.is_at_rest(format!("after-{waits}")).await;
        }
        own.drop().await;
    }

    async fn a_step_whose_caller_goes_away_is_carried_out_to_its_end(db: TestStore) {
        let own = Own::new(db, "caller").await;
        let mut bare = Bare::open(&own.db).await;
        let mut begun = 0;
        for round in 0..4 {
            let steps = (1..=WAITS).map(|waits| {
                abandon(write(&own.db.store, format!("gone-{round}-{waits}")), waits)
            });
            begun += WAITS as i64;
            join_all(steps).await;
            // Halves are looked for all the while.
            let waiting = async { while pairs(&mut bare).await != begun {} };
            let waited = tokio::time::timeout(Duration::from_secs(10), waiting).await;
            assert!(waited.is_ok(), "a step was begun and not ended");
        }
        own.is_at_rest("after".into()).await;
        own.drop().await;
    }

    async fn a_task_that_is_aborted_loses_no_step_either(db: TestStore) {
        let own = Own::new(db, "abort").await;
        let mut bare = Bare::open(&own.db).await;
        for n in 0..40 {
            let (store, (begins, began)) = (own.db.store.clone(), tokio::sync::oneshot::channel());
            let task = tokio::spawn(async move {
                store.write(move |tx| Box::pin(async move {
                    let _ = begins.send(());
                    pair(tx, format!("aborted-{n}")).await
                })).await
            });
            began.await.unwrap();
            task.abort();
        }
        bare.until(40, "SELECT COUNT(*) FROM workspace").await;
        own.is_at_rest("after".into()).await;
        own.drop().await;
    }

    async fn a_panic_or_an_error_in_a_step_undoes_it(db: TestStore) {
        let own = Own::new(db, "panic").await;
        for n in 0..30 {
            let store = own.db.store.clone();
            let panics = tokio::spawn(async move {
                store.write::<(), StoreError, _>(move |tx| Box::pin(async move {
                    pair(tx, format!("panic-{n}")).await?;
                    // Without the message that a panic prints.
                    std::panic::resume_unwind(Box::new("on purpose"))
                })).await
            });
            assert!(panics.await.unwrap_err().is_panic());
            // The slug stands twice: the second insert fails after the first succeeded.
            let fails = own.db.store.write(move |tx| Box::pin(async move {
                pair(tx, format!("error-{n}")).await?;
                pair(tx, format!("error-{n}")).await
            })).await;
            assert!(fails.unwrap_err().is_conflict());
        }
        own.is_at_rest("after".into()).await;
        let mut bare = Bare::open(&own.db).await;
        let undone = "SELECT COUNT(*) FROM workspace WHERE slug LIKE 'panic-%' OR slug LIKE 'error-%'";
        assert_eq!(bare.number(undone).await, 0);
        own.drop().await;
    }
}

#[tokio::test]
async fn a_transaction_is_not_seen_by_others_before_its_commit() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(db) = fresh(backend).await else { continue };
        let mut bare = Bare::open(&db).await;
        let mut tx = db.store.begin().await.unwrap();
        pair(&mut tx, "new".into()).await.unwrap();
        assert_eq!(pairs(&mut bare).await, 0);
        tx.commit().await.unwrap();
        assert_eq!(pairs(&mut bare).await, 1);
    }
}
