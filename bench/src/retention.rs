//! Retention of many runs: how long its transactions are, what it does to the list meanwhile, what it
//! gives back, and that the log still proves itself.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use domain::{
    audit::{Draft, Object, Verb},
    filter::RunFilter,
    id::RunId,
    member::Principal,
    page::{DEFAULT_SIZE, Seek},
    record::RecordRef,
};
use engine::{
    ids::Ids,
    services::{NewHold, RecordFile, RecordFormat, ServiceError},
    work::retention,
};
use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{
    Options,
    database::{Bare, Database, bare},
    items::House,
    list, list_seed,
    report::Report,
    timing::millis,
};

/// Entries of one transaction while the log is filled.
const ENTRIES: i64 = 1_000;

/// The definition whose runs are held.
const HELD: &str = "bench-00";

pub async fn measure(database: &Database, options: &Options, report: &mut Report) -> Result<()> {
    let (database, size) = (*database, options.retention);
    let db = database.fresh().await?;
    let house = House::new(&db.store).await?;
    list::definitions(&house).await?;
    fill(database, &house, &db.address, size).await?;
    let hold = NewHold {
        definition: Some(HELD.to_owned()),
        reason: "a dispute".to_owned(),
        ..NewHold::default()
    };
    house.services.place_hold(house.host, hold).await?;
    let before = list_latency(&house).await?;
    let held = kept(&house, HELD).await?;
    let weight = db.store.read().await?.database_size().await?.0;
    let swept = sweep(&house).await?;
    let after = db.store.read().await?.database_size().await?.0;
    ensure!(kept(&house, HELD).await? == held && held > 0, "a held run was touched");
    ensure!(
        house.services.verify_audit(house.host).await?.is_ok(),
        "the log proves itself no more"
    );
    let name = |what: &str| format!("retention: {what}, of {size} runs");
    let mut add = |what: &str, measured, baseline, unit, bar| {
        report.add(name(what), database.name(), measured, baseline, unit, bar);
    };
    add("runs pruned", swept.runs as f64, None, "runs", "");
    add("the whole sweep without rests", swept.all.as_secs_f64(), None, "s", "");
    for (what, longest) in swept.longest {
        add(&format!("longest tick that {what}"), millis(longest), None, "ms", "");
    }
    add("list, p50 before", millis(before.0), None, "ms", "");
    add("list, p50 during", millis(swept.list.0), Some(millis(before.0)), "ms", "");
    add("list, p95 during", millis(swept.list.1), Some(millis(before.1)), "ms", "");
    let given_back = (weight - after) as f64 / 1_048_576.0;
    add("given back to the disk", given_back, Some(weight as f64 / 1_048_576.0), "MB", "");
    Ok(())
}

/// What a sweep took, and the list beside it: half of the calls and nineteen of twenty.
struct Swept {
    runs: usize,
    all: Duration,
    /// By what it did.
    longest: BTreeMap<&'static str, Duration>,
    list: (Duration, Duration),
}

async fn sweep(house: &House) -> Result<Swept> {
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let (services, host) = (house.services.clone(), house.host);
    let asking = tokio::spawn(async move {
        let (mut times, filter) = (Vec::new(), RunFilter::default());
        while !*stopped.borrow_and_update() {
            let start = Instant::now();
            services.runs(host, &filter, Seek::First, DEFAULT_SIZE).await?;
            times.push(start.elapsed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok::<_, ServiceError>(times)
    });
    let (mut runs, mut longest, start) = (0, BTreeMap::new(), Instant::now());
    let now = house.services.clock().now();
    loop {
        let begun = Instant::now();
        let swept = retention::tick(&house.services, now).await?;
        if swept.is_idle() {
            break;
        }
        let (took, of_its_kind) = (begun.elapsed(), longest.entry(kind(&swept)).or_default());
        *of_its_kind = took.max(*of_its_kind);
        runs += swept.pruned;
    }
    let all = start.elapsed();
    stop.send(true)?;
    Ok(Swept { runs, all, longest, list: quantiles(asking.await??) })
}

/// What a tick did. It reads what is due and writes in one transaction, or in two for the rest: no transaction
/// is longer than its tick.
fn kind(swept: &retention::Swept) -> &'static str {
    match () {
        () if swept.emptied > 0 => "takes detail",
        () if swept.pruned > 0 => "marks runs",
        () if swept.removed > 0 => "removes stubs",
        () => "forgets the rest and gives space back",
    }
}

async fn list_latency(house: &House) -> Result<(Duration, Duration)> {
    let (mut times, filter) = (Vec::new(), RunFilter::default());
    for _ in 0..200 {
        let start = Instant::now();
        house.services.runs(house.host, &filter, Seek::First, DEFAULT_SIZE).await?;
        times.push(start.elapsed());
    }
    Ok(quantiles(times))
}

fn quantiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
    (at(50), at(95))
}

/// Runs of a definition that still have their detail.
async fn kept(house: &House, key: &str) -> Result<i64> {
    let preview = house.services.retention_preview(house.host).await?;
    let found = preview.automations.iter().find(|one| one.automation.key == key);
    Ok(found.map_or(0, |one| one.growth.full_runs))
}

/// Runs that ended years ago, each with an item, an attempt, an effect and an entry with a payload.
async fn fill(database: Database, house: &House, address: &str, size: i64) -> Result<()> {
    let file = RecordFile {
        name: "accounts.csv".into(),
        format: RecordFormat::Csv,
        kind: Some("account".into()),
    };
    let text = std::io::Cursor::new("key,status\nACC-1,active\n".to_owned());
    house.services.import_records(house.host, file, text).await?;
    let reference = RecordRef { kind: "account".into(), key: "ACC-1".into() };
    let subject = house.services.record_by_ref(house.host, &reference).await?.id.uuid();
    let mut connection = database.connect(address).await?;
    list_seed::runs(database, &mut connection, house.workspace().uuid(), 0, size).await?;
    for statement in DETAIL {
        insert(database, &mut connection, statement, subject).await?;
    }
    let (workspace, ids) = (house.workspace(), Ids::random());
    let now = house.services.clock().now();
    for from in (0..size).step_by(usize::try_from(ENTRIES)?) {
        let mut drafts = Vec::new();
        for n in from..size.min(from + ENTRIES) {
            let run = RunId::new(list::run_id(n)?);
            let draft = Draft::new(Principal::System, Verb::RunCompleted, Object::new("run", run));
            let said = json!({"n": n, "reason": "x".repeat(200)});
            drafts.push(draft.in_run(run).with(said));
        }
        let mut tx = house.services.store().begin().await?;
        tx.append_audit(workspace, &ids, now, &drafts).await?;
        tx.commit().await?;
    }
    list_seed::execute(&mut connection, list_seed::counted(database), workspace.uuid()).await
}

/// One of each for every run.
const DETAIL: [&str; 4] = [
    "UPDATE run SET subjects_matched = 1, succeeded = 1, failed = 0",
    "INSERT INTO run_item (id, workspace_id, run_id, position, subject_id, subject_kind, subject_key, \
     actioner, class, key_window_seconds, state, attempt, tries, round, not_before, invoked, \
     parameters, input_digest, effect_key, approved, created_at, started_at, ended_at) \
     SELECT r.id, r.workspace_id, r.id, 0, $1, 'account', 'ACC-1', 'findings.create', 'local', 0, \
     'succeeded', 1, 1, 0, r.created_at, TRUE, '{\"title\":\"PADDING\"}', 'digest', \
     'key-' || HEX, FALSE, r.created_at, r.created_at, r.created_at FROM run r",
    "INSERT INTO attempt (id, workspace_id, run_id, item_id, number, round, worker, started_at, \
     ended_at, ended_as) SELECT r.id, r.workspace_id, r.id, r.id, 1, 0, 'bench', r.created_at, \
     r.created_at, 'succeeded' FROM run r",
    "INSERT INTO effect (workspace_id, effect_key, item_id, attempt_id, created_at) \
     SELECT r.workspace_id, 'key-' || HEX, r.id, r.id, r.created_at FROM run r",
];

async fn insert(
    database: Database,
    connection: &mut Bare,
    statement: &str,
    subject: Uuid,
) -> Result<()> {
    let hex = database.pick("hex(r.id)", "r.id::text");
    let statement = statement.replace("HEX", hex).replace("PADDING", &"x".repeat(600));
    bare!(connection, |c| async {
        let query = sqlx::query(AssertSqlSafe(statement.clone()));
        if statement.contains("$1") {
            query.bind(subject).execute(c).await.map(drop)
        } else {
            query.execute(c).await.map(drop)
        }
    })?;
    Ok(())
}
