//! A workspace with a member of every role, each with a token over everything the role may do.

use std::{collections::HashMap, time::Duration};

use axum::Router;
use chrono::TimeDelta;
use domain::{
    member::{Member, Principal, Role},
    period::Period,
    permission::Permission,
    token::Scopes,
};
use engine::{
    clock::Clock,
    ids::Ids,
    net::{HttpClient, Limits},
    services::{Caller, CreatedToken, NewMember, NewToken, Services},
    store::Backend,
    testing::{TestStore, fresh},
    vault::Vault,
    work::{Engine, Worker},
};
use serde_json::{Value, json};
use server::{config::WebConfig, router::router, web::state::AppState};
use tempfile::TempDir;

use crate::client::Client;

/// Where everything is.
pub const AT: &str = "/api/v1/workspaces/main";

/// An automation that fails at once: nothing is listed among the destinations.
pub const FAILS: &str = "\
key: fails
name: Fails
trigger: { kind: manual-request }
subjects: { from: event, kind: account }
action: { actioner: notify.http, with: { url: 'https://nowhere.example/' } }
on-item-failure: hold
";

/// An automation that asks before it acts.
pub const ASKS: &str = "\
key: asks
name: Asks
trigger: { kind: manual-request }
subjects: { from: event, kind: account }
action: { actioner: findings.create, with: { title: Look, severity: low } }
approval: { before-action: { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss } }
";

/// An automation that listens to events.
pub const LISTENS: &str = "\
key: listens
name: Listens
trigger: { kind: governed-event, type: checked }
subjects: { from: register, kind: account }
action: { actioner: findings.create, with: { title: Look, severity: low } }
";

pub struct House {
    pub services: Services,
    pub clock: Clock,
    pub engine: Engine,
    pub routes: Router,
    pub host: Caller,
    members: HashMap<Role, Member>,
    pub database: TestStore,
    _keys: TempDir,
}

impl House {
    pub async fn new() -> Self {
        Self::on(Backend::Sqlite).await.unwrap()
    }

    /// `None` where there is no such database.
    pub async fn on(backend: Backend) -> Option<Self> {
        let database = fresh(backend).await?;
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
        let members = members(&services, host, "main").await;
        let http = HttpClient::new(Limits { total: Duration::from_secs(2), ..Limits::default() });
        let engine = Engine::new(Worker::new(services.clone(), http.unwrap(), "worker-1"));
        Some(Self { services, clock, engine, routes, host, members, database, _keys: keys })
    }

    /// With accounts and automations.
    pub async fn furnished() -> Self {
        let house = Self::new().await;
        let owner = house.client(Role::Owner).await;
        let rows = "key,status\nACC-1,active\nACC-2,closed\nACC-3,active\n";
        let import = format!("{AT}/registers/account/import");
        owner.text(&import, "text/csv", rows).await.ok(200);
        for yaml in [FAILS, ASKS, LISTENS] {
            let apply = format!("{AT}/automations");
            owner.text(&apply, "application/yaml", yaml).await.ok(200);
        }
        house
    }

    pub fn member(&self, role: Role) -> &Member {
        &self.members[&role]
    }

    pub fn caller(&self, role: Role) -> Caller {
        let Member { id, role, workspace, .. } = self.members[&role];
        Caller { workspace, principal: Principal::Member { id, role } }
    }

    pub async fn token(&self, role: Role, scopes: Scopes) -> CreatedToken {
        let expires_at = self.clock.now() + TimeDelta::days(30);
        let new = NewToken { member: None, name: role.to_string(), scopes, expires_at };
        self.services.create_token(self.caller(role), new).await.unwrap()
    }

    /// A program of the member with this role that may do all the member may.
    pub async fn client(&self, role: Role) -> Client {
        let made = self.token(role, Scopes::of_role(role)).await;
        Client::new(&self.routes, Some(made.secret.expose().to_owned()))
    }

    /// A program that may do exactly this.
    pub async fn scoped(&self, role: Role, scopes: &[Permission]) -> Client {
        let made = self.token(role, scopes.iter().copied().collect()).await;
        Client::new(&self.routes, Some(made.secret.expose().to_owned()))
    }

    /// The owner of another workspace.
    pub async fn stranger(&self) -> Client {
        let other =
            self.services.create_workspace(Principal::Host, "other", "Other").await.unwrap();
        let host = Caller { workspace: other.id, principal: Principal::Host };
        let owner = members(&self.services, host, "other").await.remove(&Role::Owner).unwrap();
        let principal = Principal::Member { id: owner.id, role: Role::Owner };
        let expires_at = self.clock.now() + TimeDelta::days(30);
        let scopes = Scopes::of_role(Role::Owner);
        let new = NewToken { member: None, name: "stranger".into(), scopes, expires_at };
        let caller = Caller { principal, ..host };
        let made = self.services.create_token(caller, new).await.unwrap();
        Client::new(&self.routes, Some(made.secret.expose().to_owned()))
    }

    /// A run of an automation about the first account, as far as it comes by itself.
    pub async fn requested(&self, client: &Client, automation: &str) -> String {
        let body = json!({"subject": {"kind": "account", "key": "ACC-1"}});
        let path = format!("{AT}/automations/{automation}/requests");
        let received = client.post(&path, body).await.ok(201);
        self.engine.run_until_idle().await.unwrap();
        text(&received["runs"][0])
    }
}

async fn members(services: &Services, host: Caller, at: &str) -> HashMap<Role, Member> {
    let mut members = HashMap::new();
    for &role in Role::ALL {
        let new = NewMember { email: format!("{role}@{at}.example"), name: role.to_string(), role };
        let member = services.add_member(host, new).await.unwrap().member;
        if role == Role::Auditor {
            let always =
                Period::of_days("2020-01-01".parse().unwrap(), "2029-12-31".parse().unwrap());
            services.grant_window(host, member.id, always.unwrap()).await.unwrap();
        }
        members.insert(role, member);
    }
    members
}

/// A text in an answer.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}
