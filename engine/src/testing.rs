//! Databases for tests: a fresh SQLite file, or a fresh schema in the Postgres that
//! `ASSIZE_TEST_POSTGRES_URL` names.

use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use url::Url;

use crate::store::{Backend, Store};

/// The environment variable with the address of a Postgres that tests may use.
pub const POSTGRES_VARIABLE: &str = "ASSIZE_TEST_POSTGRES_URL";

/// A migrated database that lives as long as this value.
#[derive(Debug)]
pub struct TestStore {
    pub store: Store,
    /// Where to connect again, as another process would.
    pub address: String,
    _directory: Option<TempDir>,
}

/// What a database of SQLite is called in its folder.
const FILE: &str = "test.sqlite";

fn sqlite_address(directory: &TempDir) -> String {
    format!("sqlite:{}", directory.path().join(FILE).display())
}

/// Tells schemas of one test process apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// The Postgres that tests may use. Without one a test of both databases covers SQLite only, and says so.
pub fn postgres_address() -> Option<String> {
    std::env::var(POSTGRES_VARIABLE).ok().filter(|address| !address.is_empty())
}

/// A fresh database of this kind; `None` where there is no Postgres.
///
/// # Panics
/// When the database cannot be opened.
#[expect(clippy::expect_used, clippy::print_stderr, reason = "this is for tests")]
pub async fn fresh(backend: Backend) -> Option<TestStore> {
    let (address, directory) = match backend {
        Backend::Sqlite => {
            let directory = TempDir::new().expect("a temporary directory");
            (sqlite_address(&directory), Some(directory))
        }
        Backend::Postgres => {
            let Some(base) = postgres_address() else {
                eprintln!("SKIPPED on Postgres: {POSTGRES_VARIABLE} is not set");
                return None;
            };
            (fresh_schema(&base).await, None)
        }
    };
    let store = Store::connect(&address).await.expect("a database");
    store.migrate().await.expect("a migrated database");
    Some(TestStore { store, address, _directory: directory })
}

/// A name that no other test uses.
fn unused_name() -> String {
    format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// An address whose search path is a schema of its own.
#[expect(clippy::expect_used, reason = "this is for tests")]
async fn fresh_schema(base: &str) -> String {
    let name = unused_name();
    let store = Store::connect(base).await.expect("the Postgres of the tests");
    store.create_schema(&name).await.expect("a schema");
    store.close().await;
    let join = if base.contains('?') { '&' } else { '?' };
    format!("{base}{join}options=-csearch_path%3D{name}")
}

/// A database that was filled once, for tests that each want a copy of it.
#[derive(Debug)]
pub struct Template {
    address: String,
    /// Of SQLite.
    directory: Option<TempDir>,
}

#[expect(clippy::expect_used, reason = "this is for tests")]
impl Template {
    /// Fills a fresh database of this kind; `None` where there is no Postgres.
    ///
    /// # Panics
    /// When the database cannot be made or opened.
    pub async fn filled(backend: Backend, fill: impl AsyncFnOnce(Store)) -> Option<Self> {
        let (address, directory) = match backend {
            Backend::Sqlite => {
                let directory = TempDir::new().expect("a temporary directory");
                (sqlite_address(&directory), Some(directory))
            }
            Backend::Postgres => (fresh_database(&postgres_address()?, None).await, None),
        };
        let store = Store::connect(&address).await.expect("a database");
        store.migrate().await.expect("a migrated database");
        fill(store.clone()).await;
        // A file is whole, and a database can be copied, when nobody is connected any more.
        store.close().await;
        Some(Self { address, directory })
    }

    /// A copy of its own for one test.
    ///
    /// # Panics
    /// When the database cannot be copied or opened.
    pub async fn copy(&self) -> TestStore {
        let (address, directory) = match &self.directory {
            Some(original) => {
                let directory = TempDir::new().expect("a temporary directory");
                std::fs::copy(original.path().join(FILE), directory.path().join(FILE))
                    .expect("a copy");
                (sqlite_address(&directory), Some(directory))
            }
            None => {
                let base = postgres_address().expect("the Postgres of the tests");
                let name = Url::parse(&self.address).expect("an address");
                let name = name.path().trim_start_matches('/').to_owned();
                (fresh_database(&base, Some(&name)).await, None)
            }
        };
        let store = Store::connect(&address).await.expect("a database");
        TestStore { store, address, _directory: directory }
    }
}

/// An address of a database of its own.
#[expect(clippy::expect_used, reason = "this is for tests")]
async fn fresh_database(base: &str, template: Option<&str>) -> String {
    let name = unused_name();
    let store = Store::connect(base).await.expect("the Postgres of the tests");
    store.create_database(&name, template).await.expect("a database");
    store.close().await;
    let mut address = Url::parse(base).expect("an address");
    address.set_path(&name);
    address.into()
}

/// Runs a test on SQLite and, where there is one, on Postgres:
///
/// ```ignore
/// both_databases!(async fn a_record_is_found_by_its_key(db: TestStore) { … });
/// ```
#[macro_export]
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: TestStore) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn check($db: $crate::testing::TestStore) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                if let Some(db) =
                    $crate::testing::fresh($crate::store::Backend::Sqlite).await
                {
                    check(db).await;
                }
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(db) =
                    $crate::testing::fresh($crate::store::Backend::Postgres).await
                {
                    check(db).await;
                }
            }
        }
    )+};
}
