//! What these tests begin with: a workspace with a member of every role, an engine under a clock that
//! stands still, a receiver, and the pages of all that.

use std::{collections::HashMap, time::Duration};

use axum::Router;
use domain::{
    id::{ItemId, RunId},
    item::Item,
    member::{Principal, Role, Workspace},
    period::Period,
    record::RecordRef,
    trigger::TriggerKind,
};
use engine::{
    clock::Clock,
    ids::Ids,
    net::{HttpClient, Limits},
    services::{Caller, NewEvent, NewMember, RecordFile, RecordFormat, Services},
    store::Backend,
    testing::{TestStore, fresh},
    vault::Vault,
    work::{Engine, Worker},
};
use serde_json::{Value, json};
use server::{config::WebConfig, router::router, web::state::AppState};
use tempfile::TempDir;

use super::receiver::Receiver;
use crate::browser::{Answer, Browser};

/// Everybody's password.
pub const PASSWORD: &str = "seven wet otters";

/// Where the runs are.
pub const RUNS: &str = "/w/main/governance/automation/runs";

pub struct House {
    pub services: Services,
    pub engine: Engine,
    pub clock: Clock,
    pub host: Caller,
    pub receiver: Receiver,
    pub links: HashMap<Role, String>,
    pub routes: Router,
    _database: TestStore,
    _keys: TempDir,
}

impl House {
    pub async fn new() -> Self {
        let database = fresh(Backend::Sqlite).await.unwrap();
        let clock = Clock::manual("2026-07-06T06:00:00Z".parse().unwrap());
        let ids = Ids::random();
        let keys = TempDir::new().unwrap();
        let services = Services::new(database.store.clone(), clock.clone(), ids.clone())
            .with_vault(Vault::new(keys.path(), None));
        let config = WebConfig {
            origin: "http://127.0.0.1:8480".parse().unwrap(),
            trusted_proxies: 0,
            development: false,
        };
        let routes = router(AppState::new(services.clone(), ids, config)).unwrap();
        let workspace = services.create_workspace(Principal::Host, "main", "Main").await.unwrap();
        let host = Caller { workspace: workspace.id, principal: Principal::Host };
        let links = members(&services, &workspace, "main").await;
        let receiver = Receiver::start().await;
        services.allow_destination(host, &receiver.address, true).await.unwrap();
        let engine = engine(&services);
        Self {
            services,
            engine,
            clock,
            host,
            receiver,
            links,
            routes,
            _database: database,
            _keys: keys,
        }
    }

    /// A browser in which the member with this role is signed in.
    pub async fn browser(&self, role: Role) -> Browser {
        signed_in(&self.routes, &self.links[&role]).await
    }

    /// A browser of the owner of another workspace.
    pub async fn stranger(&self) -> Browser {
        let services = &self.services;
        let other = services.create_workspace(Principal::Host, "other", "Other").await.unwrap();
        let links = members(services, &other, "other").await;
        signed_in(&self.routes, &links[&Role::Owner]).await
    }

    pub async fn apply(&self, yaml: &str) {
        self.services.apply_definition(self.host, "test.yaml", yaml).await.unwrap();
    }

    /// An automation that delivers an evidence request for every account to the receiver; `more` are
    /// further lines of it.
    pub async fn delivering(&self, key: &str, name: &str, more: &str) {
        self.apply(&format!(
            r"
key: {key}
name: {}
trigger: {{ kind: governed-event, type: {key} }}
subjects: {{ from: register, kind: account }}
condition: subject.status == 'active'
action:
  actioner: evidence.request-claim
  with:
    claim: 'Identity of {{{{ subject.key }}}}'
    deliver: {{ url: '{}/requests' }}
retry: {{ max-attempts: 1 }}
{more}
",
            json!(name),
            self.receiver.address
        ))
        .await;
    }

    /// Imports accounts with these keys.
    pub async fn accounts(&self, keys: &[&str]) {
        let account = |key: &&str| json!({"key": key, "status": "active"}).to_string();
        let lines: Vec<String> = keys.iter().map(account).collect();
        let file = RecordFile {
            name: "test.ndjson".into(),
            format: RecordFormat::Ndjson,
            kind: Some("account".into()),
        };
        let text = std::io::Cursor::new(lines.join("\n").into_bytes());
        self.services.import_records(self.host, file, text).await.unwrap();
    }

    /// Something of this type happened; answers with the run it brought about.
    pub async fn event(&self, event_type: &str, id: &str) -> RunId {
        let subject = RecordRef { kind: "account".into(), key: "A-1".into() };
        self.tell(event_type, id, subject, json!({"severity": "high"})).await
    }

    pub async fn tell(
        &self,
        event_type: &str,
        id: &str,
        subject: RecordRef,
        payload: Value,
    ) -> RunId {
        let event = NewEvent {
            kind: TriggerKind::GovernedEvent,
            source: "test".into(),
            external_id: id.into(),
            event_type: event_type.into(),
            subject: Some(subject),
            occurred_at: self.clock.now(),
            payload,
        };
        self.services.receive_event(self.host, event).await.unwrap().runs[0]
    }

    pub async fn settle(&self) {
        self.engine.run_until_idle().await.unwrap();
    }

    pub async fn items(&self, run: RunId) -> Vec<Item> {
        self.services.items(self.host, run, &[], None, 1_000).await.unwrap().0
    }

    /// The digest of the plan that a retry would have now.
    pub async fn plan(&self, run: RunId) -> String {
        self.services.retry_plan(self.host, run).await.unwrap().digest
    }
}

async fn members(services: &Services, workspace: &Workspace, at: &str) -> HashMap<Role, String> {
    let caller = Caller { workspace: workspace.id, principal: Principal::Host };
    let mut links = HashMap::new();
    for &role in Role::ALL {
        let new =
            NewMember { email: format!("{role}@{at}.example"), name: format!("The {role}"), role };
        let added = services.add_member(caller, new).await.unwrap();
        links.insert(role, added.link.unwrap().token.expose().to_owned());
        if role == Role::Auditor {
            // Where a test is about something else, auditors see everything.
            let days = ["2020-01-01", "2029-12-31"].map(|day| day.parse().unwrap());
            let all = Period::of_days(days[0], days[1]).unwrap();
            services.grant_window(caller, added.member.id, all).await.unwrap();
        }
    }
    links
}

fn engine(services: &Services) -> Engine {
    let http = HttpClient::new(Limits {
        connect: Duration::from_secs(2),
        total: Duration::from_secs(5),
        ..Limits::default()
    });
    Engine::new(Worker::new(services.clone(), http.unwrap(), "worker-1"))
}

pub async fn signed_in(routes: &Router, token: &str) -> Browser {
    let mut browser = Browser::new(routes.clone());
    let password = PASSWORD;
    let fields = [("token", token), ("password", password), ("repeated_password", password)];
    let answer = browser.post("/accept-link", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    browser
}

/// The path of a run's page.
pub fn path(run: RunId) -> String {
    format!("{RUNS}/{run}")
}

/// The path of an item's page.
pub fn item_path(run: RunId, item: ItemId) -> String {
    format!("{}/items/{item}", path(run))
}

/// How often a text stands in an answer.
pub fn times(answer: &Answer, text: &str) -> usize {
    answer.body.matches(text).count()
}

#[track_caller]
pub fn shows(answer: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(answer.body.contains(text), "{text:?} is not in {}", answer.body);
    }
}

#[track_caller]
pub fn lacks(answer: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(!answer.body.contains(text), "{text:?} is in {}", answer.body);
    }
}
