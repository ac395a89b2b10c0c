//! What the tests begin with: a workspace with members of every role, automations that fail, ask and
//! look, and an engine whose clock stands still.

use std::{collections::HashMap, io::Cursor};

use domain::{
    Timestamp,
    approval::{Approval, ApprovalStatus},
    filter::RunFilter,
    id::{AutomationId, IncidentId, ItemId, RecordId, RunId, TriggerEventId, WorkspaceId},
    incident::IncidentFilter,
    item::Item,
    member::{Member, Principal, Role},
    page::Seek,
    period::Period,
    record::RecordRef,
    reported::{Fact, Outcome, Statement},
};
use engine::{
    clock::Clock,
    ids::Ids,
    net::{HttpClient, Limits},
    services::{
        Caller, NewMember, NewReport, RecordFile, RecordFormat, RunRequest, ServiceError, Services,
    },
    store::RecordFilter,
    testing::TestStore,
    work::{Engine, Worker},
};
use serde_json::Value;

pub struct House {
    pub services: Services,
    pub engine: Engine,
    pub host: Caller,
    members: HashMap<Role, Member>,
}

/// The ids of one of everything, and what is needed to act on it.
pub struct Scene {
    /// Held open by a failed item; to be retried.
    pub held: RunId,
    pub digest: String,
    pub item: ItemId,
    /// The same again; to be closed.
    pub held_too: RunId,
    /// Waits for an approval; to be cancelled.
    pub waiting: RunId,
    /// An open approval of another run; to be decided.
    pub approval: Approval,
    pub record: RecordId,
    pub reference: RecordRef,
    pub automation: AutomationId,
    /// The key of that automation.
    pub key: String,
    pub event: TriggerEventId,
    /// What the failed item of the held run raised.
    pub incident: IncidentId,
    /// Reported from elsewhere, and finished.
    pub told: RunId,
}

/// A run that takes place elsewhere and has finished.
pub fn finished(external_id: &str, at: Timestamp) -> NewReport {
    let fact = Fact::Finish { outcome: Outcome::Success, summary: None, failure: None };
    let said = Statement { seq: 1, at, phase: None, fact, detail: None };
    NewReport {
        external_id: external_id.to_owned(),
        automation: "elsewhere".to_owned(),
        name: None,
        statements: vec![said],
    }
}

/// An automation that is run on request, about one account.
pub fn on_request(key: &str, action: &str, more: &str) -> String {
    format!(
        "key: {key}\nname: {key}\ntrigger: {{ kind: manual-request }}\n\
         subjects: {{ from: event, kind: account }}\naction: {{ {action} }}\n{more}\n"
    )
}

/// Not listed among the destinations, so it fails at once and for good.
const FAILS: &str = "actioner: notify.http, with: { url: 'https://nowhere.example/' }";
const LOOKS: &str = "actioner: findings.create, with: { title: Look, severity: low }";
const ASKS: &str = "approval: { before-action: \
    { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss } }";

fn start() -> Timestamp {
    "2026-07-01T08:00:00Z".parse().unwrap()
}

impl House {
    pub async fn new(db: &TestStore) -> Self {
        let clock = Clock::manual(start());
        let services = Services::new(db.store.clone(), clock, Ids::seeded(7));
        let http = HttpClient::new(Limits::default()).unwrap();
        let engine = Engine::new(Worker::new(services.clone(), http, "worker-1"));
        let (host, members) = workspace(&services, "main").await;
        let house = Self { services, engine, host, members };
        house.import(host, "key,status\nACC-0001,active\n").await.unwrap();
        house.apply(&on_request("fails", FAILS, "on-item-failure: hold")).await;
        house.apply(&on_request("asks", LOOKS, ASKS)).await;
        house.apply(&on_request("looks", LOOKS, "")).await;
        house
    }

    pub fn acting(&self, role: Role) -> Caller {
        acting(&self.members[&role])
    }

    /// The owner of another workspace of the same database.
    pub async fn stranger(&self) -> Caller {
        let (_, members) = workspace(&self.services, "other").await;
        acting(&members[&Role::Owner])
    }

    pub async fn apply(&self, yaml: &str) -> AutomationId {
        let applied = self.services.apply_definition(self.host, "test.yaml", yaml).await;
        applied.unwrap()[0].automation
    }

    /// Imports accounts from the text of a CSV file.
    pub async fn import(&self, caller: Caller, text: &str) -> Result<(), ServiceError> {
        let file = RecordFile {
            name: "accounts.csv".into(),
            format: RecordFormat::Csv,
            kind: Some("account".into()),
        };
        let reader = Cursor::new(text.to_owned());
        self.services.import_records(caller, file, reader).await.map(drop)
    }

    /// A run about the first account, as far as it comes by itself.
    pub async fn request(&self, key: &str) -> RunId {
        self.request_about(key, "ACC-0001").await
    }

    pub async fn request_about(&self, key: &str, account: &str) -> RunId {
        let subject = RecordRef { kind: "account".into(), key: account.into() };
        let request = RunRequest { subject: Some(subject), ..RunRequest::default() };
        let received = self.services.request_run(self.host, key, request).await.unwrap();
        self.engine.run_until_idle().await.unwrap();
        received.runs[0]
    }

    pub async fn items(&self, run: RunId) -> Vec<Item> {
        self.services.items(self.host, run, &[], None, 100).await.unwrap().0
    }

    pub async fn scene(&self) -> Scene {
        self.scene_about("ACC-0001").await
    }

    pub async fn scene_about(&self, account: &str) -> Scene {
        let (services, host) = (&self.services, self.host);
        let held = self.request_about("fails", account).await;
        let held_too = self.request_about("fails", account).await;
        let waiting = self.request_about("asks", account).await;
        let asking = self.request_about("asks", account).await;
        let asked = self.items(asking).await[0].id;
        let approval = services.approvals_of_item(host, asked).await.unwrap().remove(0);
        let detail = services.run(host, held).await.unwrap();
        let reference = RecordRef { kind: "account".into(), key: account.into() };
        let raised = IncidentFilter::of_run(held);
        let raised = services.incidents(host, &raised, Seek::First, 1).await.unwrap();
        let told = finished(&format!("told-{held}"), services.clock().now());
        Scene {
            told: services.report_run(host, told).await.unwrap().run.id,
            incident: raised.page.rows[0].id,
            held,
            digest: services.retry_plan(host, held).await.unwrap().digest,
            item: self.items(held).await[0].id,
            held_too,
            waiting,
            approval,
            record: services.record_by_ref(host, &reference).await.unwrap().id,
            reference,
            automation: detail.automation.id,
            key: detail.automation.key,
            event: detail.event.id,
        }
    }

    /// Puts these windows of the auditor in place of all others, by first and last day.
    pub async fn look_through(&self, windows: &[(&str, &str)]) {
        let (services, host) = (&self.services, self.host);
        for window in services.windows(host).await.unwrap() {
            if window.is_open() {
                services.revoke_window(host, window.id).await.unwrap();
            }
        }
        let auditor = self.members[&Role::Auditor].id;
        for (first, last) in windows {
            services.grant_window(host, auditor, period(first, last)).await.unwrap();
        }
    }

    /// Everything a change could have touched, as text. The log is counted apart.
    pub async fn picture(&self) -> String {
        let (services, host) = (&self.services, self.host);
        let all = RecordFilter { kind: "account".into(), key_contains: None };
        let open = ApprovalStatus::Open;
        format!(
            "{:?}",
            (
                services.runs(host, &RunFilter::default(), Seek::First, 200).await.unwrap().page,
                services.approvals(host, open, Seek::First, 200).await.unwrap(),
                services.automations(host).await.unwrap(),
                services.registers(host).await.unwrap(),
                services.list_records(host, &all, Seek::First, 200).await.unwrap(),
                services.destinations(host).await.unwrap(),
                services.members(host).await.unwrap(),
            )
        )
    }

    pub async fn log_size(&self, workspace: WorkspaceId) -> u64 {
        let host = Caller { workspace, principal: Principal::Host };
        self.services.audit_root(host).await.unwrap().size
    }

    /// The payload of the last entry, and its verb.
    pub async fn last_entry(&self) -> (domain::audit::Entry, Value) {
        let filter = domain::audit::AuditFilter::default();
        let mut found = self.services.audit_entries(self.host, &filter, 1).await.unwrap();
        let entry = found.remove(0);
        let payload = entry.payload.clone().unwrap_or_default();
        (entry, payload)
    }
}

fn acting(member: &Member) -> Caller {
    let principal = Principal::Member { id: member.id, role: member.role };
    Caller { workspace: member.workspace, principal }
}

/// The days from the first to the last.
pub fn period(first: &str, last: &str) -> Period {
    Period::of_days(first.parse().unwrap(), last.parse().unwrap()).unwrap()
}

/// A workspace with a member of every role.
async fn workspace(services: &Services, slug: &str) -> (Caller, HashMap<Role, Member>) {
    let workspace = services.create_workspace(Principal::Host, slug, "A house").await.unwrap();
    let host = Caller { workspace: workspace.id, principal: Principal::Host };
    let mut members = HashMap::new();
    for &role in Role::ALL {
        let email = format!("{role}@{slug}.example.org");
        let new = NewMember { email, name: role.to_string(), role };
        members.insert(role, services.add_member(host, new).await.unwrap().member);
    }
    // Here auditors see everything; what they see otherwise has tests of its own.
    let all = period("2020-01-01", "2029-12-31");
    services.grant_window(host, members[&Role::Auditor].id, all).await.unwrap();
    (host, members)
}
