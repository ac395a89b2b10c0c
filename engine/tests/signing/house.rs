//! What the tests begin with: a workspace whose log has one entry, and a signer.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::WorkspaceId,
    member::Principal,
};
use engine::{
    clock::Clock,
    ids::Ids,
    services::{Caller, Services},
    signing::SigningDir,
    store::{Backend, SignedCheckpoint, SigningRefusal, Store, StoreError},
    testing::TestStore,
    work::Signer,
};
use ledger::{Checkpoint, VerifierKey};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, raw_sql};
use tempfile::TempDir;

pub const HOST: &str = "assize.example";

pub struct House {
    pub services: Services,
    pub clock: Clock,
    pub workspace: WorkspaceId,
    pub host: Caller,
    pub dir: SigningDir,
    pub signer: Signer,
    home: TempDir,
}

pub fn start() -> Timestamp {
    "2026-07-01T08:00:00Z".parse().unwrap()
}

impl House {
    pub async fn new(db: &TestStore) -> Self {
        let clock = Clock::manual(start());
        let services = Services::new(db.store.clone(), clock.clone(), Ids::random());
        let made = services.create_workspace(Principal::Host, "main", "A house").await.unwrap();
        let home = TempDir::new().unwrap();
        let dir = SigningDir::new(home.path().join("signing"));
        let signer = Signer::new(services.clone(), dir.clone(), Some(HOST));
        let host = Caller { workspace: made.id, principal: Principal::Host };
        Self { services, clock, workspace: made.id, host, dir, signer, home }
    }

    /// The house after the process was started again, on this database.
    pub fn restarted(self, store: Store) -> Self {
        let services = Services::new(store, self.clock.clone(), Ids::random());
        let signer = Signer::new(services.clone(), self.dir.clone(), Some(HOST));
        Self { services, signer, ..self }
    }

    /// A folder for another host.
    pub fn folder(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join(name)
    }

    pub fn origin(&self) -> String {
        format!("{HOST}/ws/{}", self.workspace)
    }

    /// Another process with this folder.
    pub fn replica(&self, dir: &SigningDir) -> Signer {
        let services =
            Services::new(self.services.store().clone(), self.clock.clone(), Ids::random());
        Signer::new(services, dir.clone(), Some(HOST))
    }

    /// Enters so many more entries.
    pub async fn grow(&self, entries: u64) {
        append(&self.services, self.workspace, entries).await;
    }

    /// So much later, the signer looks again. Answers with how many logs it signed.
    pub async fn later(&self, by: TimeDelta) -> usize {
        self.clock.advance(by);
        self.signer.tick(self.clock.now()).await.unwrap()
    }

    pub async fn minute(&self) -> usize {
        self.later(TimeDelta::minutes(1)).await
    }

    pub async fn latest(&self) -> SignedCheckpoint {
        self.services.latest_checkpoint(self.host).await.unwrap().unwrap()
    }

    pub async fn refusal(&self) -> Option<SigningRefusal> {
        self.services.checkpoint_state(self.host).await.unwrap().refusal
    }

    pub async fn size(&self) -> u64 {
        self.services.audit_root(self.host).await.unwrap().size
    }

    pub async fn keys(&self) -> Vec<VerifierKey> {
        let keys = self.services.verifier_keys(self.host).await.unwrap();
        keys.iter().map(|key| VerifierKey::parse(key).unwrap()).collect()
    }

    /// The checkpoint in the file beside the key, checked with the keys of the database.
    pub async fn kept(&self) -> Checkpoint {
        let note = self.dir.kept(self.workspace).unwrap().unwrap();
        Checkpoint::open(note.as_bytes(), &self.keys().await).unwrap()
    }
}

pub async fn append(services: &Services, workspace: WorkspaceId, entries: u64) {
    let now = services.clock().now();
    let mut left = entries;
    while left > 0 {
        let part = left.min(5_000);
        left -= part;
        services
            .store()
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    let object = Object::new("event", "evt_1");
                    let draft = Draft::new(Principal::System, Verb::EventReceived, object);
                    // Payloads for the first ones: most of the time goes into rows.
                    let mut drafts = vec![draft.clone(); part as usize];
                    drafts[0] = draft.with(json!({"n": part}));
                    tx.append_audit(workspace, &Ids::random(), now, &drafts).await
                })
            })
            .await
            .unwrap();
    }
}

/// Changes a database behind the engine's back, as its owner, past all fences.
pub async fn tamper(db: &TestStore, tables: &[&str], statements: &str) {
    tamper_at(db.store.backend(), &db.address, tables, statements).await;
}

pub async fn tamper_at(backend: Backend, address: &str, tables: &[&str], statements: &str) {
    match backend {
        Backend::Sqlite => {
            let mut connection = SqliteConnection::connect(address).await.unwrap();
            let triggers: Vec<(String, String)> =
                sqlx::query_as("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
                    .fetch_all(&mut connection)
                    .await
                    .unwrap();
            let drop: String = triggers
                .iter()
                .filter(|(_, table)| tables.contains(&table.as_str()))
                .map(|(name, _)| format!("DROP TRIGGER {name}; "))
                .collect();
            let all =
                raw_sql(AssertSqlSafe(format!("PRAGMA foreign_keys = OFF; {drop}{statements}")));
            all.execute(&mut connection).await.unwrap();
        }
        Backend::Postgres => {
            let mut connection = PgConnection::connect(address).await.unwrap();
            let disable: String = tables
                .iter()
                .map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER ALL; "))
                .collect();
            let all = raw_sql(AssertSqlSafe(format!("{disable}{statements}")));
            all.execute(&mut connection).await.unwrap();
        }
    }
}
