//! A run whose items are queued, and what must be true of it when everything is over.

use std::collections::HashSet;

use domain::{
    attempt::AttemptEnd,
    counts::Counts,
    id::RunId,
    incident::{Cause, Incident, IncidentFilter},
    item::{Item, ItemState},
    member::Principal,
    page::{MAX_SIZE, Seek},
    run::RunStatus,
    trigger::TriggerKind,
};
use engine::{
    clock::Clock,
    ids::Ids,
    net::{HttpClient, Limits},
    services::{Caller, NewEvent, RecordFile, RecordFormat, Services},
    testing::TestStore,
    work::{Engine, Worker},
};
use serde_json::json;

use crate::{process::until, receiver::Receiver};

/// Everything waits in the queue; no worker runs yet.
pub struct Scene {
    pub services: Services,
    pub host: Caller,
    pub run: RunId,
    pub items: usize,
}

const LOCAL: &str = "actioner: findings.create\n  with: { title: 'Look at {{ subject.key }}' }";

impl Scene {
    pub async fn local(db: &TestStore, items: usize) -> Self {
        Self::new(db, items, LOCAL, None).await
    }

    pub async fn remote(db: &TestStore, items: usize, receiver: &Receiver) -> Self {
        let action = format!(
            "actioner: evidence.request-claim\n  with: {{ claim: Identity, deliver: {{ url: '{}/requests' }} }}",
            receiver.address
        );
        Self::new(db, items, &action, Some(&receiver.address)).await
    }

    async fn new(db: &TestStore, items: usize, action: &str, allowed: Option<&str>) -> Self {
        let services = Services::new(db.store.clone(), Clock::system(), Ids::random());
        let workspace = services.create_workspace(Principal::Host, "main", "Main").await.unwrap();
        let host = Caller { workspace: workspace.id, principal: Principal::Host };
        if let Some(address) = allowed {
            services.allow_destination(host, address, true).await.unwrap();
        }
        let yaml = format!(
            "key: crash\nname: Crash\ntrigger: {{ kind: governed-event, type: go }}\n\
             subjects: {{ from: register, kind: account }}\naction:\n  {action}\non-item-failure: close\n"
        );
        services.apply_definition(host, "crash.yaml", &yaml).await.unwrap();
        let lines: Vec<_> =
            (0..items).map(|n| json!({"key": format!("A{n:05}")}).to_string()).collect();
        let file = RecordFile {
            name: "crash.ndjson".into(),
            format: RecordFormat::Ndjson,
            kind: Some("account".into()),
        };
        let reader = std::io::Cursor::new(lines.join("\n").into_bytes());
        services.import_records(host, file, reader).await.unwrap();
        let event = NewEvent {
            kind: TriggerKind::GovernedEvent,
            source: "test".into(),
            external_id: "1".into(),
            event_type: "go".into(),
            subject: None,
            occurred_at: services.clock().now(),
            payload: json!({}),
        };
        let run = services.receive_event(host, event).await.unwrap().runs[0];
        let http = HttpClient::new(Limits::default()).unwrap();
        let engine = Engine::new(Worker::new(services.clone(), http, "scene"));
        engine.take_in().await.unwrap();
        Self { services, host, run, items }
    }

    /// Waits until the run has ended.
    pub async fn ended(&self) {
        until("the run to end", async || {
            self.services.run(self.host, self.run).await.unwrap().run.status.is_terminal()
        })
        .await;
    }

    pub async fn all_items(&self) -> Vec<Item> {
        let size = self.items as i64 + 1;
        self.services.items(self.host, self.run, &[], None, size).await.unwrap().0
    }

    /// What went wrong in the run, in all its layers.
    pub async fn incidents(&self) -> Vec<Incident> {
        let filter = IncidentFilter::of_run(self.run);
        let found = self.services.incidents(self.host, &filter, Seek::First, MAX_SIZE).await;
        let incidents = found.unwrap().page.rows;
        for incident in &incidents {
            let entry = incident.cause.entry();
            let judged = (incident.kind, incident.severity, incident.phase, incident.policy);
            assert_eq!(judged, (entry.kind, entry.severity, entry.phase, entry.policy));
            assert_eq!(incident.presentation, entry.presentation());
        }
        incidents
    }

    /// Each attempt that was interrupted left one incident with what was found out on recovery.
    pub async fn tells_what_was_lost(&self) {
        let mut lost = 0;
        for item in self.all_items().await {
            let detail = self.services.item(self.host, self.run, item.id).await.unwrap();
            let mut attempts = detail.attempts.iter();
            lost += usize::from(attempts.any(|attempt| attempt.end == AttemptEnd::Interrupted));
        }
        let mut incidents = self.incidents().await;
        incidents.retain(|incident| incident.cause == Cause::WorkerLost);
        assert_eq!(incidents.len(), lost, "one for each");
        for incident in incidents {
            let facts = incident.facts.interruption.as_ref().unwrap();
            assert!(facts.worker.as_ref().unwrap().starts_with("process "), "{facts:?}");
            assert_eq!(facts.in_flight, lost as i64);
            assert_eq!(facts.last_durable_step, "attempt 1 started");
            assert!(facts.silent_ms.unwrap() >= 30_000 && facts.queued_again, "{facts:?}");
            assert!(facts.lease_until.unwrap() <= incident.occurred_at);
        }
    }

    /// Every item has one outcome and one effect, the counts are right, and the log is whole.
    pub async fn is_whole(&self) {
        let run = self.services.run(self.host, self.run).await.unwrap().run;
        assert_eq!(run.status, RunStatus::Completed);
        let items = self.all_items().await;
        assert_eq!(items.len(), self.items);
        assert_eq!(run.counts, Counts::recount(&items));
        let done = [ItemState::Succeeded, ItemState::IdempotentReplay];
        assert!(items.iter().all(|item| done.contains(&item.state)), "{:?}", run.counts);
        let results: HashSet<_> = items.iter().map(|item| item.result.unwrap()).collect();
        assert_eq!(results.len(), self.items, "each item has a record of its own");
        let registers = self.services.registers(self.host).await.unwrap();
        let made: i64 =
            registers.iter().filter(|r| r.kind != "account").map(|register| register.records).sum();
        assert_eq!(made, self.items as i64, "no record was made twice");
        self.services.verify_audit(self.host).await.unwrap().unwrap();
    }
}

/// The receiver did everything once.
pub fn once_each(receiver: &Receiver, items: usize) {
    let effects = receiver.effects();
    let distinct: HashSet<_> = effects.iter().collect();
    assert_eq!((effects.len(), distinct.len()), (items, items));
}
