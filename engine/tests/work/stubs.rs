//! What becomes of reported runs: their detail goes, their numbers stay, and stubs go after a second term.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    audit::{AuditFilter, Verb},
    filter::RunFilter,
    id::RunId,
    page::Seek,
    period::Period,
    reported::{Fact, Outcome, StepStatus},
    retention::{Policy, Term, Terms},
};
use engine::{
    both_databases,
    services::{NewBundle, NewHold, NewReport, NewRetention, ServiceError},
    signing::SigningDir,
    store::{Backend, StoreError},
    testing::TestStore,
    work::{
        Signer, bundler,
        retention::{self, Swept},
    },
};
use ledger::{
    leaf_hash,
    proof::verify_consistency,
    spans::Spans,
    verify::{Trust, Verdict, verify_bundle},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, raw_sql};

use crate::{
    house::{House, start},
    reported::{begin, finish, invocation, report, said, step, tokens},
};

async fn sweep(house: &House) -> Swept {
    retention::run(&house.services, house.clock.now()).await.unwrap()
}

/// Says how long reported runs are kept.
async fn keep(house: &House, days: Option<u32>, runs: Option<u32>, stubs: Option<u32>) {
    let reported = Terms { detail: Term { days, runs }, failed: None };
    let policy = Policy { reported, reported_stub_days: stubs, ..Policy::default() };
    let new = NewRetention { definition: None, policy: Some(policy) };
    house.services.set_retention(house.host, new).await.unwrap();
}

/// A run of twelve steps, three calls of tools and the tokens of a model, that ends at an instant.
fn agent(id: &str, at: Timestamp, outcome: Outcome) -> NewReport {
    let mut statements = vec![begin(60)];
    statements.extend((1..=12).map(|seq| step(seq, StepStatus::Succeeded)));
    statements.extend((13..=15).map(invocation));
    statements.push(said(16, Fact::Note { text: "looked twice".into() }));
    statements.extend([tokens(17, "gpt-4o"), finish(18, outcome)]);
    statements.iter_mut().for_each(|said| said.at = at);
    report(id, statements)
}

/// A run that ends now.
async fn ended(house: &House, id: &str, outcome: Outcome) -> RunId {
    let report = agent(id, house.clock.now(), outcome);
    house.services.report_run(house.host, report).await.unwrap().run.id
}

async fn is_gone(house: &House, run: RunId) -> bool {
    matches!(house.services.run(house.host, run).await, Err(ServiceError::NotFound(_)))
}

/// Runs a statement behind the engine's back.
async fn run_sql(db: &TestStore, statement: &str) -> Result<(), sqlx::Error> {
    let all = raw_sql(AssertSqlSafe(statement.to_owned()));
    match db.store.backend() {
        Backend::Sqlite => {
            let mut connection = SqliteConnection::connect(&db.address).await?;
            all.execute(&mut connection).await.map(drop)
        }
        Backend::Postgres => {
            let mut connection = PgConnection::connect(&db.address).await?;
            all.execute(&mut connection).await.map(drop)
        }
    }
}

both_databases! {
    async fn the_steps_of_a_reported_run_go_and_its_numbers_stay(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let at = house.clock.now();
        let first = ended(&house, "job-1", Outcome::Failed).await;
        house.clock.advance(TimeDelta::hours(1));
        let second = ended(&house, "job-2", Outcome::Success).await;
        let kept = (house.run(first).await, services.run_metrics(house.host, first).await.unwrap());
        let reports = services.run_reports(house.host, first).await.unwrap();
        assert_eq!(sweep(&house).await.pruned, 0, "30 days or 100 runs");
        keep(&house, Some(30), Some(1), None).await;
        assert_eq!(sweep(&house).await.pruned, 1);
        let (run, metrics) =
            (house.run(first).await, services.run_metrics(house.host, first).await.unwrap());
        assert_eq!(run.pruned.clone().unwrap().under, "policy 1: the last run");
        let numbers = (run.tally, run.told, run.cost, run.status);
        assert_eq!(numbers, (kept.0.tally, kept.0.told, kept.0.cost, kept.0.status));
        let mut counted = kept.1;
        assert_eq!(std::mem::take(&mut counted.metrics.notes), ["looked twice"]);
        assert_eq!(metrics, counted);
        assert_eq!(services.run_reports(house.host, first).await.unwrap(), reports);
        assert_eq!(house.causes(first).await.len(), 1);
        let log = services.run_steps(house.host, first, None, 50).await.unwrap();
        assert_eq!((log.steps, log.dropped), (Vec::new(), 18));
        assert_eq!(services.run_steps(house.host, second, None, 50).await.unwrap().steps.len(), 18);
        // What is known is told again without harm; what is new comes too late.
        let again = services.report_run(house.host, agent("job-1", at, Outcome::Failed)).await;
        assert_eq!(again.unwrap().taken, 0);
        let late = house.refused(report("job-1", vec![step(20, StepStatus::Failed)])).await;
        assert_eq!(late.code(), "run-pruned");
        house.clock.advance(TimeDelta::days(31));
        assert_eq!(sweep(&house).await.pruned, 1);
        assert!(services.verify_audit(house.host).await.unwrap().is_ok());
        let preview = services.retention_preview(house.host).await.unwrap();
        assert_eq!((preview.automations[0].growth.stubs, preview.due_runs()), (2, 0));
        assert_eq!(preview.automations[0].kept(), Term { days: Some(30), runs: Some(1) });
    }

    async fn a_stub_goes_after_the_second_term_unless_a_hold_ever_named_it(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let (gone, named) =
            (ended(&house, "job-1", Outcome::Failed).await, ended(&house, "job-2", Outcome::Success).await);
        let new = NewHold { run: Some(named), reason: "a dispute".into(), ..NewHold::default() };
        let hold = services.place_hold(house.host, new).await.unwrap();
        services.release_hold(house.host, hold.id, "settled").await.unwrap();
        let event = house.run(gone).await.trigger_event;
        let (workspace, now) = (house.workspace.id, house.clock.now());
        // What has its detail does not go, whoever asks.
        let mut tx = db.store.begin().await.unwrap();
        let places = tx.places_of_runs(workspace, &[gone]).await.unwrap();
        let refused = tx.remove_stubs(workspace, &[gone], &places, now).await;
        assert!(matches!(refused, Err(StoreError::Driver(_))), "{refused:?}");
        drop(tx);
        keep(&house, Some(30), None, Some(60)).await;
        house.clock.advance(TimeDelta::days(60));
        let swept = sweep(&house).await;
        assert_eq!((swept.pruned, swept.removed), (2, 0), "60 days are not over");
        house.clock.advance(TimeDelta::seconds(1));
        // Whoever dies before the commit changed nothing.
        let mut tx = db.store.begin().await.unwrap();
        let places = tx.places_of_runs(workspace, &[gone]).await.unwrap();
        tx.remove_stubs(workspace, &[gone], &places, now).await.unwrap();
        drop(tx);
        assert!(!is_gone(&house, gone).await);
        let everything = NewHold { reason: "a dispute".into(), ..NewHold::default() };
        let all = services.place_hold(house.host, everything).await.unwrap();
        assert_eq!(sweep(&house).await.removed, 0, "a hold wins");
        services.release_hold(house.host, all.id, "settled").await.unwrap();
        let preview = services.retention_preview(house.host).await.unwrap();
        assert_eq!(preview.automations[0].growth.due_stubs, 1);
        assert_eq!(sweep(&house).await.removed, 1);
        assert!(is_gone(&house, gone).await && !is_gone(&house, named).await);
        let event = services.trigger_event(house.host, event).await;
        assert!(matches!(event, Err(ServiceError::NotFound(_))));
        let left = services.runs(house.host, &RunFilter::default(), Seek::First, 9).await.unwrap();
        assert_eq!(left.page.rows.len(), 1);
        assert!(house.causes(gone).await.is_empty());
        // The log says what went, under what and from where.
        let last = services.audit_entries(house.host, &AuditFilter::default(), 2).await.unwrap();
        assert_eq!((last[1].verb, last[0].verb), (Verb::StubsRemoved, Verb::EntriesRemoved));
        let said = last[1].payload.clone().unwrap();
        assert_eq!((&said["under"], &said["runs"]), (&json!("policy 1: 60 days for stubs"), &json!([gone])));
        let places: Spans = places.iter().map(|seq| seq.unsigned_abs()).collect();
        assert_eq!(last[0].object.id, places.to_string());
        assert!(house.entries(gone).await.is_empty() && house.entries(named).await.len() >= 5);
        assert!(sweep(&house).await.is_idle());
    }

    async fn of_removed_entries_the_hashes_stay_and_every_proof_holds(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let folder = tempfile::TempDir::new().unwrap();
        let signer = Signer::new(services.clone(), SigningDir::new(folder.path()), Some("a.example"));
        let (gone, kept) =
            (ended(&house, "job-1", Outcome::Failed).await, ended(&house, "job-2", Outcome::Success).await);
        signer.tick(house.clock.now()).await.unwrap();
        let before = services.latest_checkpoint(house.host).await.unwrap().unwrap();
        let leaves: Vec<_> = house.entries(gone).await;
        let hold = NewHold { run: Some(kept), reason: "a dispute".into(), ..NewHold::default() };
        services.place_hold(house.host, hold).await.unwrap();
        keep(&house, Some(30), None, Some(60)).await;
        house.clock.advance(TimeDelta::days(61));
        sweep(&house).await;
        assert!(is_gone(&house, gone).await && !is_gone(&house, kept).await);
        // A second removal lets the row of hashes grow.
        let later = ended(&house, "job-3", Outcome::Success).await;
        house.clock.advance(TimeDelta::days(61));
        sweep(&house).await;
        assert!(is_gone(&house, later).await);
        signer.tick(house.clock.now()).await.unwrap();
        let after = services.latest_checkpoint(house.host).await.unwrap().unwrap();
        assert!(after.size > before.size && services.verify_audit(house.host).await.unwrap().is_ok());
        // The next checkpoint counts all of it anew, once a day.
        let (whole, _) = (services.audit_root(house.host).await.unwrap(), house.clock.advance(TimeDelta::days(2)));
        assert_eq!(signer.tick(house.clock.now()).await.unwrap(), 1);
        assert!(services.checkpoint_state(house.host).await.unwrap().refusal.is_none());
        let proof = services.consistency_proof(house.host, before.size, after.size).await.unwrap();
        verify_consistency(before.size, &before.root, after.size, &after.root, &proof).unwrap();
        for entry in &leaves {
            // Whoever kept an entry can still prove it.
            let place = entry.seq.unsigned_abs();
            let proven = services.inclusion_proof(house.host, place).await.unwrap();
            assert_eq!(proven.leaf, leaf_hash(entry.leaf.as_bytes()));
            assert_eq!(services.removed_entry(house.host, entry.seq).await.unwrap(), proven.leaf);
        }
        let last = i64::try_from(whole.size).unwrap() - 1;
        assert!(services.removed_entry(house.host, last).await.is_err(), "it is there");
        let seen: Vec<_> = leaves.iter().map(|entry| entry.seq).chain([last]).collect();
        let check = services.check_audit(house.host, &seen).await.unwrap();
        assert_eq!((check.entries, check.faults.len()), (1, 0));
        let page = services.audit_page(house.host, &AuditFilter::default(), 500).await.unwrap();
        let missing: i64 = page.gaps.iter().map(|gap| gap.entries).sum();
        assert_eq!(i64::try_from(page.entries.len()).unwrap() + missing, i64::try_from(services.audit_root(house.host).await.unwrap().size).unwrap());
        // Nothing is put in the place of a hash.
        let into = format!(
            "INSERT INTO audit_entry SELECT workspace_id, {}, at, actor_kind, actor_id, verb, \
             object_kind, object_id, run_id, leaf, leaf_hash FROM audit_entry WHERE seq = 0",
            leaves[0].seq
        );
        assert!(run_sql(&db, &into).await.is_err());
        // The auditor's bundle says so, and holds.
        let bundles = services.clone().with_bundles(folder.path());
        let period = Period::new(start().date_naive(), house.clock.now().date_naive()).unwrap();
        let order = NewBundle { period, automations: Vec::new() };
        let made = bundler::make_now(&bundles, Some(&signer), house.host, order).await.unwrap();
        let path = bundles.download_bundle(house.host, made.id).await.unwrap().path;
        let trust = Trust { allow_unpinned: true, ..Trust::default() };
        let report = verify_bundle(std::fs::File::open(path).unwrap(), &trust);
        assert_eq!(report.verdict, Verdict::Valid, "{report:?}");
        let words: Vec<_> = report.checks.iter().map(|check| check.detail.as_str()).collect();
        assert!(words.iter().any(|said| said.contains("went with reported runs")), "{words:?}");
    }
}

/// Days that are played and runs of each: with `ASSIZE_TEST_LONG` a hundred days of a thousand runs.
fn campaign() -> (u32, u32) {
    match std::env::var_os("ASSIZE_TEST_LONG") {
        Some(_) => (100, 1_000),
        None => (16, 20),
    }
}

/// What everything weighs, log and indexes included.
async fn weigh(house: &House) -> i64 {
    let weights = house.services.store().read().await.unwrap().weights().await.unwrap();
    weights.iter().map(|one| one.bytes).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_stays_flat_once_the_policy_has_set_in() {
    let (days, runs) = campaign();
    let db = engine::testing::fresh(Backend::Sqlite).await.unwrap();
    let house = House::new(&db).await;
    let folder = tempfile::TempDir::new().unwrap();
    let signer =
        Signer::new(house.services.clone(), SigningDir::new(folder.path()), Some("a.example"));
    let (detail, stubs) = (days * 3 / 10, days * 4 / 10);
    keep(&house, Some(detail), None, Some(stubs)).await;
    let mut set_in = None;
    for day in 1..=days {
        for n in 0..runs {
            let outcome = if n % 20 == 0 { Outcome::Failed } else { Outcome::Success };
            ended(&house, &format!("{day}-{n}"), outcome).await;
            // Reports come all day, and the log is signed meanwhile.
            if n % 4 == 3 {
                house.clock.advance(TimeDelta::minutes(1));
                signer.tick(house.clock.now()).await.unwrap();
            }
        }
        house.clock.advance(TimeDelta::days(1) - TimeDelta::minutes((runs / 4).into()));
        sweep(&house).await;
        if day == stubs + 2 {
            set_in = Some(weigh(&house).await);
        }
    }
    let (then, now) = (set_in.unwrap(), weigh(&house).await);
    assert!(now * 10 <= then * 11 && then * 10 <= now * 11, "{then} bytes became {now}");
    let storage = house.services.storage(house.host).await.unwrap();
    let one = &storage.automations[0];
    assert_eq!(
        (one.full_runs, one.stubs),
        (i64::from(detail * runs), i64::from((stubs - detail) * runs))
    );
    assert_eq!(storage.sweeps.stubs, i64::from((days - stubs) * runs));
    assert!(house.services.verify_audit(house.host).await.unwrap().is_ok());
    if std::env::var_os("ASSIZE_TEST_LONG").is_some() {
        eprintln!("{then} bytes became {now}");
    }
}
