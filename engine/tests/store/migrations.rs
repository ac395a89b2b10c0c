//! Two folders of migrations, one schema.

use std::{collections::BTreeSet, path::Path};

use engine::{
    both_databases,
    store::{Backend, Store},
    testing::{TestStore, fresh},
};

use crate::bare::Bare;

/// The names of the migrations in a folder.
fn files(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
    let names = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every column as `table.column kind`, and ` required` where it must have a value.
async fn columns(db: &TestStore) -> BTreeSet<String> {
    let mut bare = Bare::open(db).await;
    let query = if bare.is_postgres() {
        "SELECT table_name || '.' || column_name || CASE data_type WHEN 'uuid' THEN ' BLOB' \
         WHEN 'bytea' THEN ' BLOB' WHEN 'bigint' THEN ' INTEGER' WHEN 'boolean' THEN ' INTEGER' \
         WHEN 'text' THEN ' TEXT' WHEN 'date' THEN ' TEXT' \
         WHEN 'timestamp with time zone' THEN ' TEXT' ELSE ' ' || data_type END \
         || CASE is_nullable WHEN 'NO' THEN ' required' ELSE '' END \
         FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_sqlx%'"
    } else {
        "SELECT t.name || '.' || c.name || ' ' || c.type \
         || CASE c.\"notnull\" WHEN 1 THEN ' required' ELSE '' END \
         FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' \
         AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    };
    bare.texts(query).await.into_iter().collect()
}

/// The indexes that have a name of their own, as `table.index`.
async fn indexes(db: &TestStore) -> BTreeSet<String> {
    let mut bare = Bare::open(db).await;
    let query = if bare.is_postgres() {
        "SELECT tablename || '.' || indexname FROM pg_indexes \
         WHERE schemaname = current_schema() AND tablename NOT LIKE '\\_sqlx%' \
         AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    } else {
        "SELECT tbl_name || '.' || name FROM sqlite_master WHERE type = 'index' \
         AND sql IS NOT NULL"
    };
    bare.texts(query).await.into_iter().collect()
}

#[test]
fn both_folders_hold_the_same_migrations() {
    let names = files("sqlite");
    assert!(!names.is_empty());
    assert_eq!(names, files("postgres"));
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let sqlite = fresh(Backend::Sqlite).await.unwrap();
    let Some(postgres) = fresh(Backend::Postgres).await else { return };
    let found = columns(&sqlite).await;
    assert!(found.contains("run.status TEXT required"), "{found:?}");
    assert_eq!(found, columns(&postgres).await);
    let found = indexes(&sqlite).await;
    assert!(found.contains("run.run_started"), "{found:?}");
    assert_eq!(found, indexes(&postgres).await);
}

#[tokio::test]
async fn a_new_database_has_none_of_the_migrations() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("new.sqlite").display());
    let store = Store::connect(&address).await.unwrap();
    let states = store.migrations().await.unwrap();
    assert!(!states.is_empty());
    assert!(states.iter().all(|state| !state.applied));
}

both_databases! {
    async fn every_file_is_in_the_binary_and_applied_once(db: TestStore) {
        db.store.migrate().await.unwrap();
        let states = db.store.migrations().await.unwrap();
        assert!(states.iter().all(|state| state.applied));
        assert!(states.is_sorted_by_key(|state| state.number));
        let names: Vec<_> = states.iter().map(|state| format!("{}.sql", state.name)).collect();
        assert_eq!(names, files("sqlite"));
    }

    async fn a_database_that_is_newer_than_the_binary_is_refused(db: TestStore) {
        let mut bare = Bare::open(&db).await;
        bare.run(
            "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, \
             execution_time) VALUES (9999, 'later', CURRENT_TIMESTAMP, true, 'x', 0)"
        ).await.unwrap();
        let error = db.store.migrate().await.unwrap_err().to_string();
        assert!(error.contains("9999"), "{error}");
    }

    async fn a_database_with_another_text_of_a_migration_is_refused(db: TestStore) {
        let mut bare = Bare::open(&db).await;
        bare.run("UPDATE _sqlx_migrations SET checksum = 'x' WHERE version = 1").await.unwrap();
        let error = db.store.migrate().await.unwrap_err().to_string();
        assert!(error.contains("modified"), "{error}");
    }
}
