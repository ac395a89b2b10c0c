//! What the tests begin with: a workspace, its services and a clock that stands still.

use std::io::Cursor;

use domain::{
    Timestamp,
    audit::{AuditFilter, Entry, Verb},
    id::{MemberId, RecordId, RunId, WorkspaceId},
    item::Item,
    member::{Principal, Role},
    record::{Record, RecordRef},
    run::Run,
    trigger::TriggerKind,
};
use engine::{
    clock::Clock,
    ids::Ids,
    services::{
        Applied, Caller, Imported, NewEvent, RecordFile, RecordFormat, ServiceError, Services,
    },
    store::{Session, Store},
    testing::TestStore,
    work::{intake, scheduler},
};
use serde_json::{Value, json};

pub struct House {
    pub services: Services,
    pub clock: Clock,
    pub workspace: WorkspaceId,
    pub host: Caller,
}

/// A Wednesday.
pub fn start() -> Timestamp {
    at("2026-07-01T08:00:00Z")
}

pub fn at(instant: &str) -> Timestamp {
    instant.parse().unwrap()
}

impl House {
    pub async fn new(db: &TestStore) -> Self {
        let clock = Clock::manual(start());
        let services = Services::new(db.store.clone(), clock.clone(), Ids::seeded(7));
        let workspace = services.create_workspace(Principal::Host, "main", "Main").await.unwrap();
        let host = Caller { workspace: workspace.id, principal: Principal::Host };
        Self { services, clock, workspace: workspace.id, host }
    }

    /// The services as another process would have them.
    pub fn replica(&self) -> Services {
        Services::new(self.services.store().clone(), self.clock.clone(), Ids::random())
    }

    /// Another workspace of the same database.
    pub async fn neighbour(&self) -> Caller {
        let made = self.services.create_workspace(Principal::Host, "other", "Other").await;
        Caller { workspace: made.unwrap().id, principal: Principal::Host }
    }

    /// Somebody with this role; only the role counts where nothing is stored about the member.
    pub fn acting(&self, role: Role) -> Caller {
        let id = MemberId::new(Ids::random().uuid(start()));
        Caller { workspace: self.workspace, principal: Principal::Member { id, role } }
    }

    pub fn store(&self) -> &Store {
        self.services.store()
    }

    pub async fn session(&self) -> Session {
        self.store().read().await.unwrap()
    }

    pub async fn apply(&self, yaml: &str) -> Vec<Applied> {
        self.services.apply_definition(self.host, "test.yaml", yaml).await.unwrap()
    }

    pub async fn import(&self, name: &str, text: &str) -> Result<Imported, ServiceError> {
        let file = RecordFile {
            name: name.into(),
            format: RecordFormat::of_file(name).unwrap(),
            kind: Some("account".into()),
        };
        self.services.import_records(self.host, file, Cursor::new(text.to_owned())).await
    }

    /// `count` accounts with a risk from 1 upwards.
    pub async fn accounts(&self, count: usize) {
        let rows: Vec<_> = (1..=count).map(|n| format!("ACC-{n:04},active,{n}")).collect();
        self.import("a.csv", &format!("key,status,risk\n{}", rows.join("\n"))).await.unwrap();
    }

    pub async fn account(&self, key: &str) -> Option<Record> {
        let reference = RecordRef { kind: "account".into(), key: key.into() };
        self.session().await.record_by_ref(self.workspace, &reference).await.unwrap()
    }

    /// An event about an account.
    pub fn event(&self, id: &str, subject: Option<&str>) -> NewEvent {
        NewEvent {
            kind: TriggerKind::GovernedEvent,
            source: "test".into(),
            external_id: id.into(),
            event_type: "checked".into(),
            subject: subject.map(|key| RecordRef { kind: "account".into(), key: key.into() }),
            occurred_at: start(),
            payload: json!({"severity": "high"}),
        }
    }

    /// The runs of a new event.
    pub async fn fire(&self, id: &str, subject: Option<&str>) -> Vec<RunId> {
        let event = self.event(id, subject);
        self.services.receive_event(self.host, event).await.unwrap().runs
    }

    pub async fn schedule_tick(&self) -> usize {
        scheduler::tick(&self.services, self.clock.now()).await.unwrap()
    }

    pub async fn match_tick(&self) -> usize {
        intake::tick(&self.services, self.clock.now()).await.unwrap()
    }

    pub async fn match_all(&self) {
        while self.match_tick().await > 0 {}
    }

    pub async fn run(&self, id: RunId) -> Run {
        self.session().await.run(self.workspace, id).await.unwrap().unwrap()
    }

    pub async fn items(&self, run: RunId) -> Vec<Item> {
        let mut session = self.session().await;
        session.items_of_run(self.workspace, run, &[], None, 10_000).await.unwrap()
    }

    /// All entries with this verb, oldest first.
    pub async fn entries(&self, verb: Verb) -> Vec<Entry> {
        let filter = AuditFilter { verb: Some(verb), ..AuditFilter::default() };
        let mut session = self.session().await;
        let mut found = session.audit_entries(self.workspace, &filter, 1_000).await.unwrap();
        found.reverse();
        found
    }

    /// The verbs of a run's entries, oldest first.
    pub async fn verbs(&self, run: RunId) -> Vec<&'static str> {
        let filter = AuditFilter { run: Some(run), ..AuditFilter::default() };
        let mut session = self.session().await;
        let found = session.audit_entries(self.workspace, &filter, 1_000).await.unwrap();
        found.iter().rev().map(|entry| entry.verb.as_str()).collect()
    }

    /// A record that is not stored yet.
    pub fn new_record(&self, kind: &str, key: &str, attributes: Value) -> Record {
        let now = self.clock.now();
        Record {
            id: RecordId::new(Ids::random().uuid(now)),
            workspace: self.workspace,
            kind: kind.into(),
            key: key.into(),
            attributes,
            revision: 1,
            created_at: now,
            updated_at: now,
            created_by_item: None,
        }
    }
}

/// An automation that acts on accounts when a governed event arrives; `condition` may be empty.
pub fn on_event(key: &str, subjects: &str, condition: &str) -> String {
    let condition = match condition {
        "" => String::new(),
        text => format!("condition: {text}\n"),
    };
    format!(
        "key: {key}\nname: {key}\ntrigger: {{ kind: governed-event, type: checked }}\n\
         subjects: {{ from: {subjects}, kind: account }}\n{condition}\
         action: {{ actioner: findings.create, with: {{ title: Look, severity: low }} }}\n"
    )
}

/// An automation that fires at 06:00 UTC on every day.
pub fn daily(key: &str, missed: &str) -> String {
    format!(
        "key: {key}\nname: {key}\n\
         trigger: {{ kind: schedule, cron: '0 6 * * *', timezone: UTC, missed: {missed} }}\n\
         subjects: {{ from: register, kind: account }}\n\
         action: {{ actioner: findings.create, with: {{ title: Look, severity: low }} }}\n"
    )
}
