//! The list of runs while many listen, some programs ask without pause, and a run executes; against the
//! same list without any of that.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use domain::{id::RunId, token::Scopes};
use engine::services::NewToken;
use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::{
    Options,
    database::Database,
    items::House,
    list, list_seed,
    report::Report,
    server::{Asking, Server},
    timing::millis,
};

/// Runs in the list.
const RUNS: i64 = 10_000;

/// Items of the run that executes meanwhile.
const ITEMS: usize = 10_000;

/// Programs that ask without pause.
const PROGRAMS: usize = 8;

/// Tokens of each of them: one may ask 1,200 times a minute.
const TOKENS: usize = 12;

/// Calls without load, and at least so many under it.
const ROUNDS: usize = 200;

/// What the load did.
#[derive(Debug, Default)]
struct Load {
    over: AtomicBool,
    calls: AtomicU64,
    /// Bytes that listeners heard.
    heard: AtomicU64,
    /// Listeners whose stream broke off.
    lost: AtomicU64,
}

pub async fn measure(database: &Database, options: &Options, report: &mut Report) -> Result<()> {
    let database = *database;
    let db = database.fresh().await?;
    let house = House::new(&db.store).await?;
    list::definitions(&house).await?;
    let mut connection = database.connect(&db.address).await?;
    list_seed::runs(database, &mut connection, house.workspace().uuid(), 0, RUNS).await?;
    let server = Server::start(&options.server, &db.address, &house).await?;

    let mut alone = Vec::new();
    for _ in 0..ROUNDS {
        alone.push(once(&server).await?);
    }
    let load = Arc::new(Load::default());
    let (mut listeners, mut programs) = (JoinSet::new(), JoinSet::new());
    for _ in 0..options.listeners {
        let stream = server.asking().stream().await?;
        listeners.spawn(listen(stream, Arc::clone(&load)));
    }
    for _ in 0..PROGRAMS {
        programs.spawn(ask(server.asking(), tokens(&house).await?, Arc::clone(&load)));
    }
    let run = house.fired(ITEMS).await?;
    let mut busy = Vec::new();
    while busy.len() < ROUNDS || !ended(&house, run).await? {
        busy.push(once(&server).await?);
    }
    load.over.store(true, Ordering::Relaxed);
    while let Some(done) = programs.join_next().await {
        done??;
    }
    let resident = server.resident()?;
    server.stop().await?;
    listeners.shutdown().await;

    let (lost, heard) = (load.lost.load(Ordering::Relaxed), load.heard.load(Ordering::Relaxed));
    ensure!(lost == 0, "{lost} listeners were cut off");
    let name = database.name();
    for percent in [50, 99] {
        let (alone, busy) = (percentile(&mut alone, percent), percentile(&mut busy, percent));
        let figure = format!(
            "run list p{percent}: {} listeners, {PROGRAMS} programs, {ITEMS} items",
            options.listeners
        );
        report.add(figure, name, millis(busy), Some(millis(alone)), "ms", "what the load costs");
    }
    let calls = load.calls.load(Ordering::Relaxed) as f64;
    report.add("calls of the programs meanwhile", name, calls, None, "calls", "none was refused");
    let each = heard as f64 / 1_024.0 / options.listeners.max(1) as f64;
    report.add("heard by each listener meanwhile", name, each, None, "KB", "none was cut off");
    report.add("resident memory under that load", name, resident, None, "MB", "-");
    Ok(())
}

/// How long the page with the list takes.
async fn once(server: &Server) -> Result<Duration> {
    let start = Instant::now();
    server.get(list::PATH).await?;
    Ok(start.elapsed())
}

async fn ended(house: &House, run: RunId) -> Result<bool> {
    Ok(house.services.run(house.host, run).await?.run.status.is_terminal())
}

/// Listens until the server ends.
async fn listen(mut stream: reqwest::Response, load: Arc<Load>) {
    while let Ok(Some(chunk)) = stream.chunk().await {
        load.heard.fetch_add(chunk.len() as u64, Ordering::Relaxed);
    }
    if !load.over.load(Ordering::Relaxed) {
        load.lost.fetch_add(1, Ordering::Relaxed);
    }
}

/// Asks for the list of runs, again and again.
async fn ask(asking: Asking, tokens: Vec<String>, load: Arc<Load>) -> Result<()> {
    let mut tokens = tokens.iter().cycle();
    let mut token = tokens.next().context("a token")?;
    while !load.over.load(Ordering::Relaxed) {
        match asking.runs(token).await? {
            StatusCode::TOO_MANY_REQUESTS => token = tokens.next().context("a token")?,
            status => {
                ensure!(status.is_success(), "a program was answered with {status}");
                load.calls.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    Ok(())
}

async fn tokens(house: &House) -> Result<Vec<String>> {
    let members = house.services.members(house.host).await?;
    let member = members.first().context("the owner")?;
    let expires_at = house.services.clock().now() + chrono::TimeDelta::days(1);
    let mut secrets = Vec::with_capacity(TOKENS);
    for _ in 0..TOKENS {
        let new = NewToken {
            member: Some(member.id),
            name: "Program".to_owned(),
            scopes: Scopes::of_role(member.role),
            expires_at,
        };
        secrets
            .push(house.services.create_token(house.host, new).await?.secret.expose().to_owned());
    }
    Ok(secrets)
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}
