//! The export of a period with many items: how fast beside a bare dump of the same rows, in how much
//! memory, and whether the server answers meanwhile.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use domain::{
    bundle::{Bundle, BundleStatus},
    id::{BundleId, RunId},
    period::Period,
};
use engine::services::NewBundle;
use tempfile::TempDir;

use crate::{
    Options,
    database::Database,
    export_bare,
    items::House,
    report::Report,
    server::{Directories, Server},
    timing::{millis, rate},
};

const RUNS: &str = "/w/main/governance/automation/runs";

const MEMORY_BAR: &str = "100";
const SPEED_BAR: &str = "0.5 of a bare dump";

/// How long a bundle may take before the measurement is given up.
const DEADLINE: Duration = Duration::from_secs(1_800);

pub async fn measure(database: &Database, options: &Options, report: &mut Report) -> Result<()> {
    let (database, count) = (*database, options.export);
    let db = database.fresh().await?;
    let home = TempDir::new()?;
    let dirs = Directories::under(home.path());
    let mut house = House::new(&db.store).await?;
    house.services = house.services.clone().with_bundles(&dirs.bundles);
    let run = house.queued(count).await?;
    house.engine.run_until_idle().await?;

    let mut connection = database.connect(&db.address).await?;
    let workspace = house.workspace().uuid();
    let items = export_bare::items(&mut connection, workspace, &home.path().join("items")).await?;
    let whole = export_bare::all(&mut connection, workspace, &home.path().join("dump")).await?;
    drop(connection);

    let server = Server::start_in(&options.server, &db.address, &dirs, &house).await?;
    for written_as in ["csv", "jsonl"] {
        let start = Instant::now();
        let bytes = server.get(&list(run, written_as)).await?;
        let measured = rate(count, start.elapsed());
        anyhow::ensure!(bytes > count, "{bytes} bytes for {count} items");
        let name = format!("export of {count} items as {written_as}");
        let bare = Some(rate(count, items));
        report.add(name, database.name(), measured, bare, "items/s", SPEED_BAR);
    }
    let peak = server.peak()?;
    let name = format!("peak memory of the server, lists of {count} items");
    report.add(name, database.name(), peak, None, "MB", MEMORY_BAR);
    server.stop().await?;

    let server = Server::start_in(&options.server, &db.address, &dirs, &house).await?;
    let made = bundle(&house, &server, wal(&db.address)).await?;
    let name = format!("bundle of a period with {count} items, signing included");
    let (measured, bare) = (rate(count, made.took), rate(count, whole));
    report.add(name, database.name(), measured, Some(bare), "items/s", SPEED_BAR);
    let mut add = |name: &str, measured: f64, unit: &'static str, bar: &'static str| {
        report.add(
            format!("{name}, bundle of {count}"),
            database.name(),
            measured,
            None,
            unit,
            bar,
        );
    };
    add("peak memory of the server", server.peak()?, "MB", MEMORY_BAR);
    add("runs page meanwhile, middle", millis(made.page), "ms", "the server stays responsive");
    add("runs page meanwhile, longest", millis(made.longest), "ms", "the server stays responsive");
    add("write-ahead log, largest", made.wal as f64 / 1e6, "MB", "does not grow without bound");
    add("file", made.size as f64 / 1e6, "MB", "-");
    server.stop().await
}

fn list(run: RunId, written_as: &str) -> String {
    format!("/w/main/exports/lists/items?run={run}&format={written_as}")
}

/// SQLite's log of what is not yet in the database itself.
fn wal(address: &str) -> Option<PathBuf> {
    let path = address.strip_prefix("sqlite:")?;
    Some(format!("{path}-wal").into())
}

/// A bundle that was made, and what was seen meanwhile.
struct Made {
    took: Duration,
    page: Duration,
    longest: Duration,
    wal: u64,
    size: i64,
}

async fn bundle(house: &House, server: &Server, wal: Option<PathBuf>) -> Result<Made> {
    let today = house.services.clock().now().date_naive();
    let order = NewBundle { period: Period::month_of(today), automations: Vec::new() };
    let start = Instant::now();
    let id = house.services.order_bundle(house.host, order).await?.id;
    let (mut pages, mut largest) = (Vec::new(), 0);
    loop {
        let asked = Instant::now();
        server.get(RUNS).await?;
        pages.push(asked.elapsed());
        largest = largest.max(wal.as_deref().map_or(0, size));
        if let Some(bundle) = finished(house, id).await? {
            pages.sort_unstable();
            let longest = pages.last().copied().unwrap_or_default();
            let size = bundle.file.context("a file")?.size;
            let page = pages[pages.len() / 2];
            return Ok(Made { took: start.elapsed(), page, longest, wal: largest, size });
        }
        anyhow::ensure!(start.elapsed() < DEADLINE, "the bundle is not ready after half an hour");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn finished(house: &House, id: BundleId) -> Result<Option<Bundle>> {
    let bundle = house.services.bundle(house.host, id).await?;
    match (bundle.status, &bundle.failure) {
        (BundleStatus::Ready, _) => Ok(Some(bundle)),
        (_, Some(failure)) => bail!("the bundle failed: {}", failure.message),
        _ => Ok(None),
    }
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}
