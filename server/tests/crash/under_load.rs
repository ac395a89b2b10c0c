//! Guards under load: two real processes work through thousands of items while a kill switch is pressed or
//! a budget runs out. What is shown is shown from the exported audit log alone.

use std::collections::HashMap;

use domain::{
    audit::AuditFilter, export::ExportFormat, id::RunId, member::Principal, money::Usd, run::Run,
    trigger::TriggerKind,
};
use engine::{
    both_databases,
    clock::Clock,
    ids::Ids,
    services::{
        Caller, ExportedList, KillOrder, NewEvent, Presence, RecordFile, RecordFormat, Services,
    },
    testing::TestStore,
};
use futures::StreamExt as _;
use ledger::Leaf;
use serde_json::{Value, json};

use crate::process::{Worker, until};

/// Runs that go on beside each other in one repetition.
const RUNS: usize = 5;

/// How often, and with how many items: more of both in the long campaign.
fn extent() -> (usize, usize) {
    match std::env::var_os("ASSIZE_TEST_LONG") {
        Some(_) => (20, 10_000),
        None => (2, 400),
    }
}

/// A workspace with accounts, and two processes that work for it.
struct Load {
    services: Services,
    host: Caller,
    workers: [Worker; 2],
}

/// An entry as it was exported: its leaf, and what its payload says.
struct Exported {
    leaf: Leaf,
    payload: Value,
}

impl Load {
    async fn new(db: &TestStore, items: usize) -> Self {
        let services = Services::new(db.store.clone(), Clock::system(), Ids::random());
        let workspace = services.create_workspace(Principal::Host, "main", "Main").await.unwrap();
        let host = Caller { workspace: workspace.id, principal: Principal::Host };
        let account = |n| json!({"key": format!("A{n:05}")}).to_string();
        let lines: Vec<_> = (0..items / RUNS).map(account).collect();
        let file = RecordFile {
            name: "load.ndjson".into(),
            format: RecordFormat::Ndjson,
            kind: Some("account".into()),
        };
        let reader = std::io::Cursor::new(lines.join("\n").into_bytes());
        services.import_records(host, file, reader).await.unwrap();
        let worker = || Worker::start(&db.address, None, 0);
        Self { services, host, workers: [worker(), worker()] }
    }

    /// An automation that looks at every account when its event comes.
    async fn apply(&self, key: &str, more: &str) {
        let yaml = format!(
            "key: {key}\nname: {key}\ntrigger: {{ kind: governed-event, type: {key} }}\n\
             subjects: {{ from: register, kind: account }}\naction: {{ actioner: findings.create, \
             with: {{ title: Look, severity: low }} }}\non-item-failure: close\n{more}\n"
        );
        self.services.apply_definition(self.host, "load.yaml", &yaml).await.unwrap();
    }

    /// Sets several runs of an automation off.
    async fn begin(&self, key: &str, repetition: usize) -> Vec<RunId> {
        let mut runs = Vec::new();
        for n in 0..RUNS {
            let event = NewEvent {
                kind: TriggerKind::GovernedEvent,
                source: "test".into(),
                external_id: format!("{key}-{repetition}-{n}"),
                event_type: key.into(),
                subject: None,
                occurred_at: self.services.clock().now(),
                payload: json!({}),
            };
            runs.extend(self.services.receive_event(self.host, event).await.unwrap().runs);
        }
        runs
    }

    async fn run(&self, id: RunId) -> Run {
        self.services.run(self.host, id).await.unwrap().run
    }

    async fn ended(&self, runs: &[RunId]) {
        for &id in runs {
            until("a run to end", async || self.run(id).await.status.is_terminal()).await;
        }
    }

    /// The whole log as anybody can take it home, oldest first.
    async fn exported(&self) -> Vec<Exported> {
        let all = ExportedList::Audit(AuditFilter::default());
        let export = self.services.export(self.host, all, ExportFormat::Jsonl).await;
        let mut export = export.unwrap();
        let mut bytes = Vec::new();
        while let Some(part) = export.bytes.next().await {
            bytes.append(&mut part.unwrap());
        }
        let text = String::from_utf8(bytes).unwrap();
        let read = |line: &str| {
            let row: Value = serde_json::from_str(line).unwrap();
            let leaf = Leaf::parse(row.get("leaf")?.as_str()?.as_bytes()).unwrap();
            Some(Exported { leaf, payload: row["payload"].clone() })
        };
        let mut entries: Vec<_> = text.lines().filter_map(read).collect();
        entries.sort_by_key(|entry| entry.leaf.seq);
        let whole = entries.iter().zip(0..).all(|(entry, seq)| entry.leaf.seq == seq);
        assert!(whole, "the whole log, without a gap");
        entries
    }

    async fn stop(self) {
        for worker in self.workers {
            worker.stop().await;
        }
    }
}

/// The parts of a log in which a kill switch was pressed, and how many items had started before each.
fn starts(log: &[Exported]) -> Vec<(usize, usize)> {
    let (mut parts, mut before, mut pressed) = (Vec::new(), 0, false);
    for entry in log {
        match entry.leaf.verb.as_str() {
            "kill-switch.activated" => {
                parts.push((before, 0));
                (before, pressed) = (0, true);
            }
            "kill-switch.released" => pressed = false,
            "item.started" => match parts.last_mut().filter(|_| pressed) {
                Some((_, after)) => *after += 1,
                None => before += 1,
            },
            _ => {}
        }
    }
    parts
}

/// What the long campaign is run for.
#[expect(clippy::print_stdout, reason = "figures of a test, seen when asked for")]
fn figures(text: &str) {
    println!("{text}");
}

both_databases! {
    async fn nothing_is_started_after_the_kill_entry_while_two_processes_work(db: TestStore) {
        let (repetitions, items) = extent();
        let load = Load::new(&db, items).await;
        load.apply("look", "").await;
        let mut skipped = 0;
        for repetition in 0..repetitions {
            let runs = load.begin("look", repetition).await;
            // Another run each time, so that it is pressed sooner and later in the work.
            let watched = runs[repetition % RUNS];
            until("something to be done", async || {
                load.run(watched).await.counts.succeeded > 0
            }).await;
            let order = KillOrder { automation: None, reason: "enough".into() };
            let pressed = load.services.press_kill_switch(load.host, order).await.unwrap();
            load.ended(&runs).await;
            for &run in &runs {
                skipped += load.run(run).await.counts.skipped;
            }
            let (id, now) = (pressed.switch.id, Presence::SignedIn(load.services.clock().now()));
            load.services.release_kill_switch(load.host, id, "go on", now).await.unwrap();
        }
        let starts = starts(&load.exported().await);
        assert_eq!(starts.len(), repetitions);
        let (before, after): (Vec<_>, Vec<_>) = starts.into_iter().unzip();
        assert_eq!(after.iter().sum::<usize>(), 0, "started after a kill entry: {after:?}");
        assert!(before.iter().all(|starts| *starts > 0), "each time under load: {before:?}");
        // The few items of the short one can all be in the first batch.
        assert!(skipped > 0 || items < 10_000, "something was left to be stopped");
        figures(&format!(
            "{repetitions} repetitions of {items} items: started before {before:?}, after 0; \
             {skipped} items skipped"
        ));
        load.stop().await;
    }

    async fn two_processes_together_never_exceed_a_ceiling(db: TestStore) {
        let (repetitions, items) = extent();
        let ceiling: Usd = "7.00".parse().unwrap();
        let budget = "budget: { cost: { fixed: 0.07 }, per-period: { every: quarter, ceiling: 7.00 } }";
        let load = Load::new(&db, items).await;
        let mut automations = HashMap::new();
        for repetition in 0..repetitions {
            // Each with a budget of its own, for which its runs contend.
            let key = format!("spend-{repetition}");
            load.apply(&key, budget).await;
            let runs = load.begin(&key, repetition).await;
            load.ended(&runs).await;
            let mut succeeded = 0;
            for &id in &runs {
                let run = load.run(id).await;
                succeeded += run.counts.succeeded;
                automations.insert(id.to_string(), run.automation);
            }
            assert_eq!(succeeded, 100, "as many as fit");
        }
        let mut reserved: HashMap<_, (Usd, Usd)> = HashMap::new();
        for entry in load.exported().await {
            let Some(run) = entry.leaf.run.as_ref().map(ToString::to_string) else { continue };
            let (started, settled) = reserved.entry(automations[&run]).or_default();
            let amount = |name: &str| entry.payload[name].as_str().map(|text| text.parse::<Usd>().unwrap());
            match entry.leaf.verb.as_str() {
                "item.started" => *started = started.plus(amount("reserved").unwrap()),
                "item.succeeded" => *settled = settled.plus(amount("cost").unwrap()),
                _ => {}
            }
            assert!(*started <= ceiling, "reserved {started} of {ceiling}");
        }
        assert_eq!(reserved.len(), repetitions);
        assert!(reserved.values().all(|spent| *spent == (ceiling, ceiling)), "{reserved:?}");
        figures(&format!("{repetitions} repetitions of {items} items: {ceiling} reserved and spent"));
        load.stop().await;
    }
}
