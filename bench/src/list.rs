//! The list of runs over HTTP, against the bare SQL through the same driver.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::DateTime;
use domain::{
    filter::RunFilter,
    page::{DEFAULT_SIZE, Place, Seek},
};
use engine::services::Caller;

use crate::{
    Options,
    database::{Bare, Database},
    health,
    items::House,
    list_bare, list_seed,
    report::Report,
    server::Server,
    timing::{median, millis},
};

/// Calls per figure.
const ROUNDS: usize = 60;

pub const PATH: &str = "/w/main/governance/automation/runs";

/// The same list for programs.
const API: &str = "/api/v1/workspaces/main/runs";

/// One list: what is asked of us, and the same in bare SQL.
struct Question {
    name: &'static str,
    filter: RunFilter,
    seek: Seek,
    bare: String,
}

pub async fn measure(database: &Database, options: &Options, report: &mut Report) -> Result<()> {
    let database = *database;
    let db = database.fresh().await?;
    let house = House::new(&db.store).await?;
    definitions(&house).await?;
    let mut connection = database.connect(&db.address).await?;
    let workspace = house.workspace().uuid();
    let server = Server::start(&options.server, &db.address, &house).await?;
    report.add("time to ready", database.name(), millis(server.ready), None, "ms", "300");
    report.add("resident memory, idle", database.name(), server.resident()?, None, "MB", "80");
    let mut from = 0;
    for &size in &options.runs {
        list_seed::runs(database, &mut connection, workspace, from, size).await?;
        from = size;
        for question in questions(database, size)? {
            let figure = format!("runs: {}, at {size}", question.name);
            ask(database, &house, &server, &mut connection, &question, figure, report).await?;
        }
        groups(database, &house, &server, &mut connection, size, report).await?;
        health::seed(database, &mut connection, workspace).await?;
        health::measure(database, &server, instant(size - 1)?.date_naive(), size, report).await?;
    }
    let page = server.size_on_the_wire(PATH).await? as f64 / 1_024.0;
    report.add("runs page on the wire", database.name(), page, None, "KB", "100");
    server.stop().await
}

pub async fn definitions(house: &House) -> Result<()> {
    for n in 0..list_seed::DEFINITIONS {
        let yaml = format!(
            "key: bench-{n:02}\nname: Bench {n}\ntrigger: {{ kind: manual-request }}\n\
             subjects: {{ from: register, kind: account }}\naction:\n  actioner: findings.create\n  \
             with: {{ title: Bench }}\non-item-failure: close\n"
        );
        house.services.apply_definition(house.host, "bench.yaml", &yaml).await?;
    }
    Ok(())
}

/// The instant at which a run with this number started, as both databases write it.
fn instant(run: i64) -> Result<DateTime<chrono::Utc>> {
    let seconds = list_seed::FIRST + run * list_seed::SPACING;
    DateTime::from_timestamp(seconds, 0).context("an instant")
}

fn questions(database: Database, size: i64) -> Result<Vec<Question>> {
    let pairs = |pairs: &[(&str, &str)]| RunFilter::parse(pairs.iter().copied(), &[]);
    let order = " ORDER BY started_order DESC, id DESC";
    let automation =
        |key: &str| format!(" AND automation_id = (SELECT id FROM automation WHERE key = '{key}')");
    let text = |at: DateTime<chrono::Utc>| at.format("'%Y-%m-%dT%H:%M:%S+00:00'").to_string();
    let middle = instant(size / 2)?;
    let (from, to) = (instant(size / 2)?.date_naive(), instant(size - 1)?.date_naive());
    let place = Place { at: middle, id: run_id(size / 2)? };
    let id = database.pick(format!("X'{}'", place.id.simple()), format!("'{}'::uuid", place.id));
    let until = to.succ_opt().context("a day")?;
    Ok(vec![
        Question {
            name: "all, newest first",
            filter: RunFilter::default(),
            seek: Seek::First,
            bare: order.to_owned(),
        },
        Question {
            name: "one definition",
            filter: pairs(&[("definition", "bench-07")])?,
            seek: Seek::First,
            bare: format!("{}{order}", automation("bench-07")),
        },
        Question {
            name: "one status",
            filter: pairs(&[("status", "failed")])?,
            seek: Seek::First,
            bare: format!(" AND status = 'failed'{order}"),
        },
        Question {
            name: "definition, status and dates",
            filter: pairs(&[
                ("definition", "bench-17"),
                ("status", "failed"),
                ("from", &from.to_string()),
                ("to", &to.to_string()),
            ])?,
            seek: Seek::First,
            bare: format!(
                "{} AND status = 'failed' AND started_order >= '{from}T00:00:00+00:00' \
                 AND started_order < '{until}T00:00:00+00:00'{order}",
                automation("bench-17")
            ),
        },
        Question {
            name: "a page in the middle",
            filter: RunFilter::default(),
            seek: Seek::After(place),
            bare: format!(" AND (started_order, id) < ({}, {id}){order}", text(middle)),
        },
    ])
}

pub fn run_id(run: i64) -> Result<uuid::Uuid> {
    Ok(uuid::Uuid::parse_str(&format!("0199{run:08x}00007000{run:012x}"))?)
}

async fn ask(
    database: Database,
    house: &House,
    server: &Server,
    connection: &mut Bare,
    question: &Question,
    figure: String,
    report: &mut Report,
) -> Result<()> {
    let workspace = house.workspace().uuid();
    let mut times: Vec<Duration> = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = std::time::Instant::now();
        list_bare::page(connection, workspace, &question.bare).await?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let bare = millis(times[times.len() / 2]);
    let (caller, filter, seek): (Caller, _, _) = (house.host, &question.filter, question.seek);
    let services = median(ROUNDS, || async {
        house.services.runs(caller, filter, seek, DEFAULT_SIZE).await?;
        Ok(())
    })
    .await?;
    report.add(
        format!("{figure}, service"),
        database.name(),
        millis(services),
        Some(bare),
        "ms",
        "3 of the bare SQL",
    );
    let path = address(house, filter, seek);
    let http = median(ROUNDS, || async { server.get(&path).await.map(drop) }).await?;
    report.add(
        format!("{figure}, page over HTTP"),
        database.name(),
        millis(http),
        Some(bare),
        "ms",
        "3 of the bare SQL, flat",
    );
    if seek == Seek::First {
        let path = format!("{API}?limit={DEFAULT_SIZE}&{}", filter.query());
        let http = median(ROUNDS, || async { server.get(&path).await.map(drop) }).await?;
        report.add(
            format!("{figure}, API over HTTP"),
            database.name(),
            millis(http),
            Some(bare),
            "ms",
            "3 of the bare SQL, flat",
        );
    }
    Ok(())
}

fn address(house: &House, filter: &RunFilter, seek: Seek) -> String {
    let mut query = filter.query();
    let scope = app_scope(house, filter);
    if let Some(cursor) = seek.encode(&scope) {
        let join = if query.is_empty() { "" } else { "&" };
        query = format!("{query}{join}after={cursor}");
    }
    if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") }
}

/// What a cursor of the list is bound to.
fn app_scope(house: &House, filter: &RunFilter) -> String {
    format!("{}?{}", house.workspace(), filter.query())
}

async fn groups(
    database: Database,
    house: &House,
    server: &Server,
    connection: &mut Bare,
    size: i64,
    report: &mut Report,
) -> Result<()> {
    let last = instant(size - 1)?.date_naive();
    let first = last - chrono::Days::new(91);
    let filter = RunFilter::parse(
        [("from", first.to_string().as_str()), ("to", last.to_string().as_str())],
        &[],
    )?;
    let condition = format!(" AND day >= '{first}' AND day <= '{last}'");
    let workspace = house.workspace().uuid();
    let mut times: Vec<Duration> = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = std::time::Instant::now();
        list_bare::groups(connection, workspace, &condition).await?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let bare = millis(times[times.len() / 2]);
    let services = median(ROUNDS, || async {
        house.services.run_groups(house.host, &filter).await?;
        Ok(())
    })
    .await?;
    let name = format!("runs: a quarter grouped by definition, at {size}");
    let bar = "under 20 ms";
    report.add(
        format!("{name}, service"),
        database.name(),
        millis(services),
        Some(bare),
        "ms",
        bar,
    );
    let path = format!("{PATH}?{}&group=definition", filter.query());
    let http = median(ROUNDS, || async { server.get(&path).await.map(drop) }).await?;
    report.add(
        format!("{name}, page over HTTP"),
        database.name(),
        millis(http),
        Some(bare),
        "ms",
        bar,
    );
    Ok(())
}
