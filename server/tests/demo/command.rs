//! `assize demo --no-serve`, as a pipeline calls it.

use std::{path::Path, process::Command};

use domain::member::Principal;
use engine::{both_databases, clock::Clock, ids::Ids, services::Services};
use serde_json::Value;
use server::demo::{self, Example};
use tempfile::TempDir;

struct Ended {
    code: i32,
    out: String,
    err: String,
}

fn demo(folder: &Path, arguments: &[&str]) -> Ended {
    let ended = Command::new(env!("CARGO_BIN_EXE_assize"))
        .current_dir(folder)
        .env_remove("ASSIZE_DATABASE_URL")
        .args(["demo", "--no-serve", "--format", "json"])
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: ended.status.code().unwrap(), out: text(ended.stdout), err: text(ended.stderr) }
}

fn is_as_expected(ended: &Ended) {
    comes_out_as(Example::CreditUnion, ended);
}

fn comes_out_as(example: Example, ended: &Ended) {
    assert_eq!(ended.code, 0, "{}", ended.err);
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(found, serde_json::to_value(demo::expected(example).unwrap()).unwrap());
}

#[test]
fn without_a_database_it_plays_and_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    is_as_expected(&demo(folder.path(), &[]));
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn another_example_is_played_when_it_is_named() {
    let folder = TempDir::new().unwrap();
    let drill = ["--example", "incident-drill"];
    comes_out_as(Example::IncidentDrill, &demo(folder.path(), &drill));
    assert_eq!(demo(folder.path(), &["--example", "nothing"]).code, 2);
}

#[test]
fn it_serves_no_machine_but_this_one() {
    let folder = TempDir::new().unwrap();
    let ended = demo(folder.path(), &["--listen", "0.0.0.0:0"]);
    assert_eq!(ended.code, 2, "{}", ended.err);
}

both_databases! {
    async fn played_twice_into_the_same_database_it_finds_what_it_did(db: TestStore) {
        let folder = TempDir::new().unwrap();
        let place = ["--database-url", &db.address];
        is_as_expected(&demo(folder.path(), &place));
        let receiver: Vec<_> = folder.path().read_dir().unwrap().collect();
        is_as_expected(&demo(folder.path(), &place));
        assert_eq!(folder.path().read_dir().unwrap().count(), receiver.len());
    }

    async fn a_database_with_something_else_in_it_is_left_alone(db: TestStore) {
        let services = Services::new(db.store.clone(), Clock::system(), Ids::random());
        services.create_workspace(Principal::Host, "main", "Main").await.unwrap();
        let folder = TempDir::new().unwrap();
        let ended = demo(folder.path(), &["--database-url", &db.address]);
        assert_eq!(ended.code, 5, "{}", ended.err);
        assert!(ended.err.contains("something else"), "{}", ended.err);
        assert_eq!(services.workspaces().await.unwrap().len(), 1);
    }

    async fn a_quarter_that_broke_off_is_not_taken_for_one(db: TestStore) {
        let services = Services::new(db.store.clone(), Clock::system(), Ids::random());
        let slug = demo::Scenario::read(Example::CreditUnion).unwrap().workspace.slug;
        services.create_workspace(Principal::Host, &slug, "Credit union").await.unwrap();
        let folder = TempDir::new().unwrap();
        let ended = demo(folder.path(), &["--database-url", &db.address]);
        assert_eq!(ended.code, 5, "{}", ended.err);
        assert!(ended.err.contains("not played to its end"), "{}", ended.err);
    }
}
