//! What the tests begin with: a workspace, members of every role, an engine and a clock that stands
//! still.

use std::{collections::HashMap, time::Duration};

use domain::{
    Timestamp,
    audit::{AuditFilter, Entry},
    counts::Counts,
    id::RunId,
    item::Item,
    member::{Member, Principal, Role, Workspace},
    record::RecordRef,
    run::Run,
    trigger::TriggerKind,
};
use engine::{
    clock::Clock,
    ids::Ids,
    net::{HttpClient, Limits},
    services::{Caller, NewEvent, NewMember, RecordFile, RecordFormat, Services},
    store::Store,
    testing::TestStore,
    work::{Engine, Worker},
};
use serde_json::{Value, json};

pub struct House {
    pub services: Services,
    pub engine: Engine,
    pub clock: Clock,
    pub workspace: Workspace,
    pub host: Caller,
    pub members: HashMap<Role, Member>,
}

pub fn start() -> Timestamp {
    "2026-07-01T08:00:00Z".parse().unwrap()
}

/// An engine as another process would have it: the same store and clock, nothing else in common.
pub fn replica(store: &Store, clock: &Clock, name: &str) -> (Services, Engine) {
    let services = Services::new(store.clone(), clock.clone(), Ids::random());
    let http = HttpClient::new(Limits {
        connect: Duration::from_secs(2),
        total: Duration::from_secs(5),
        ..Limits::default()
    });
    let worker = Worker::new(services.clone(), http.unwrap(), name);
    (services, Engine::new(worker))
}

impl House {
    pub async fn new(db: &TestStore) -> Self {
        let clock = Clock::manual(start());
        let (services, engine) = replica(&db.store, &clock, "worker-1");
        let workspace = services.create_workspace(Principal::Host, "main", "Main").await.unwrap();
        let host = Caller { workspace: workspace.id, principal: Principal::Host };
        let mut members = HashMap::new();
        for &role in Role::ALL {
            let new =
                NewMember { email: format!("{role}@example.org"), name: role.to_string(), role };
            members.insert(role, services.add_member(host, new).await.unwrap().member);
        }
        Self { services, engine, clock, workspace, host, members }
    }

    pub fn acting(&self, role: Role) -> Caller {
        let principal = Principal::Member { id: self.members[&role].id, role };
        Caller { workspace: self.workspace.id, principal }
    }

    pub async fn apply(&self, yaml: &str) {
        self.services.apply_definition(self.host, "test.yaml", yaml).await.unwrap();
    }

    /// Imports records of one kind, given as objects with a `key`.
    pub async fn import(&self, kind: &str, records: &[Value]) {
        let lines: Vec<String> = records.iter().map(Value::to_string).collect();
        let file = RecordFile {
            name: "test.ndjson".into(),
            format: RecordFormat::Ndjson,
            kind: Some(kind.into()),
        };
        let text = std::io::Cursor::new(lines.join("\n").into_bytes());
        self.services.import_records(self.host, file, text).await.unwrap();
    }

    /// `count` accounts that are active.
    pub async fn accounts(&self, count: usize) {
        let account = |n: usize| json!({"key": format!("ACC-{n:04}"), "status": "active"});
        let records: Vec<Value> = (1..=count).map(account).collect();
        self.import("account", &records).await;
    }

    /// Something happened; answers with the runs it brought about.
    pub async fn event(&self, id: &str, subject: Option<&str>) -> Vec<RunId> {
        self.services.receive_event(self.host, self.about(id, subject)).await.unwrap().runs
    }

    /// What happened, as it is told now.
    pub fn about(&self, id: &str, subject: Option<&str>) -> NewEvent {
        NewEvent {
            kind: TriggerKind::GovernedEvent,
            source: "test".into(),
            external_id: id.into(),
            event_type: "checked".into(),
            subject: subject.map(|key| RecordRef { kind: "account".into(), key: key.into() }),
            occurred_at: self.clock.now(),
            payload: json!({"severity": "high"}),
        }
    }

    pub async fn settle(&self) {
        self.engine.run_until_idle().await.unwrap();
    }

    pub async fn run(&self, id: RunId) -> Run {
        self.services.run(self.host, id).await.unwrap().run
    }

    pub async fn items(&self, run: RunId) -> Vec<Item> {
        self.services.items(self.host, run, &[], None, 1_000).await.unwrap().0
    }

    /// The counts that are stored, after checking them against a recount.
    pub async fn counts(&self, run: RunId) -> Counts {
        let stored = self.run(run).await.counts;
        assert_eq!(stored, Counts::recount(&self.items(run).await));
        stored
    }

    pub async fn entries(&self, run: RunId) -> Vec<Entry> {
        let filter = AuditFilter { run: Some(run), ..AuditFilter::default() };
        let mut entries = self.services.audit_entries(self.host, &filter, 1_000).await.unwrap();
        entries.reverse();
        entries
    }

    /// The verbs of a run's entries, oldest first.
    pub async fn verbs(&self, run: RunId) -> Vec<&'static str> {
        self.entries(run).await.iter().map(|entry| entry.verb.as_str()).collect()
    }
}
