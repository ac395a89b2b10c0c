//! Local items from end to end, with the audit log on, against a bare loop that makes the same writes.

use std::time::Instant;

use anyhow::{Context as _, Result};
use domain::{
    id::{RunId, WorkspaceId},
    member::Principal,
    trigger::TriggerKind,
};
use engine::{
    clock::Clock,
    ids::Ids,
    net::{HttpClient, Limits},
    services::{Caller, NewEvent, RecordFile, RecordFormat, Services},
    store::Store,
    work::{Engine, Worker},
};
use serde_json::json;

use crate::{Options, database::Database, items_bare, report::Report, timing::rate};

/// Records of one file; more are not taken at once.
const RECORDS: usize = 200_000;

const DEFINITION: &str = r"
key: bench
name: Bench
trigger: { kind: governed-event, type: bench }
subjects: { from: register, kind: account }
condition: subject.status == 'active'
action:
  actioner: findings.create
  with:
    key: 'F-{{ subject.key }}'
    title: 'Account {{ subject.key }}'
on-item-failure: close
";

/// An engine over an empty workspace.
pub struct House {
    pub services: Services,
    pub engine: Engine,
    pub host: Caller,
}

impl House {
    pub async fn new(store: &Store) -> Result<Self> {
        let services = Services::new(store.clone(), Clock::system(), Ids::random());
        let workspace = services.create_workspace(Principal::Host, "main", "Main").await?;
        let host = Caller { workspace: workspace.id, principal: Principal::Host };
        let http = HttpClient::new(Limits::default())?;
        let engine = Engine::new(Worker::new(services.clone(), http, "bench"));
        Ok(Self { services, engine, host })
    }

    pub fn workspace(&self) -> WorkspaceId {
        self.host.workspace
    }

    async fn accounts(&self, count: usize) -> Result<()> {
        let line = |n: usize| json!({"key": format!("A{n:07}"), "status": "active"}).to_string();
        for first in (0..count).step_by(RECORDS) {
            let text: Vec<String> = (first..count.min(first + RECORDS)).map(line).collect();
            let file = RecordFile {
                name: "bench.ndjson".to_owned(),
                format: RecordFormat::Ndjson,
                kind: Some("account".to_owned()),
            };
            let reader = std::io::Cursor::new(text.join("\n").into_bytes());
            self.services.import_records(self.host, file, reader).await?;
        }
        Ok(())
    }

    /// A run that is to have so many items.
    pub async fn fired(&self, count: usize) -> Result<RunId> {
        self.accounts(count).await?;
        self.services.apply_definition(self.host, "bench.yaml", DEFINITION).await?;
        let event = NewEvent {
            kind: TriggerKind::GovernedEvent,
            source: "bench".to_owned(),
            external_id: "1".to_owned(),
            event_type: "bench".to_owned(),
            subject: None,
            occurred_at: self.services.clock().now(),
            payload: json!({}),
        };
        let runs = self.services.receive_event(self.host, event).await?.runs;
        runs.first().copied().context("the event brought about a run")
    }

    /// A run whose items are all queued.
    pub async fn queued(&self, count: usize) -> Result<RunId> {
        let run = self.fired(count).await?;
        self.engine.take_in().await?;
        Ok(run)
    }
}

pub async fn measure(database: &Database, options: &Options, report: &mut Report) -> Result<()> {
    let ours = ours(*database, options.items).await?;
    let bare = items_bare::rate_of_bare_loop(*database, options.items).await?;
    report.add(
        format!("{} local items end to end", options.items),
        database.name(),
        ours,
        Some(bare),
        "items/s",
        "15,000 on SQLite, 12,000 on Postgres, and at least 0.5 of the bare loop",
    );
    Ok(())
}

async fn ours(database: Database, count: usize) -> Result<f64> {
    let db = database.fresh().await?;
    let house = House::new(&db.store).await?;
    let run = house.queued(count).await?;
    let start = Instant::now();
    house.engine.run_until_idle().await?;
    let time = start.elapsed();
    let done = house.services.run(house.host, run).await?.run.counts.succeeded;
    anyhow::ensure!(done == count as i64, "{done} of {count} items succeeded");
    Ok(rate(count, time))
}
