//! What the tests begin with: a workspace with automations, records and an event, and ready-made
//! runs and items.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    attempt::{Attempt, AttemptEnd},
    automation::OnItemFailure,
    counts::Counts,
    effect::ActionerClass,
    id::{AttemptId, AutomationId, ItemId, RecordId, RunId, TriggerEventId, WorkspaceId},
    item::{Item, ItemState},
    member::{Member, Principal, Role},
    record::Record,
    report::Tally,
    run::{Run, RunStatus},
    trigger::{TriggerEvent, TriggerKind},
};
use engine::{
    clock::Clock,
    ids::Ids,
    services::{Caller, NewMember, Services},
    store::{FencedItem, Session, Store, StoreError, Tx},
    testing::TestStore,
};
use futures::future::BoxFuture;
use serde_json::json;
use uuid::Uuid;

pub const KEYED: ActionerClass = ActionerClass::KeyedRemote { window_seconds: 3_600 };

pub struct House {
    pub store: Store,
    pub services: Services,
    pub ids: Ids,
    pub workspace: WorkspaceId,
    /// A workspace that must never see anything of the first.
    pub other: WorkspaceId,
    /// In the order of their ids.
    pub automations: Vec<AutomationId>,
    pub event: TriggerEventId,
    pub records: Vec<Record>,
}

pub fn start() -> Timestamp {
    "2026-07-01T08:00:00.000123Z".parse().unwrap()
}

/// So many seconds after the start.
pub fn at(seconds: i64) -> Timestamp {
    start() + TimeDelta::seconds(seconds)
}

impl House {
    pub async fn new(db: &TestStore) -> Self {
        let ids = Ids::seeded(7);
        let services = Services::new(db.store.clone(), Clock::manual(start()), ids.clone());
        let workspace = workspace(&services, "main").await;
        let other = workspace_id(&services, "other").await;
        let mut automations = Vec::new();
        for key in ["aa", "bb", "cc"] {
            let applied = services.apply_definition(workspace, "a.yaml", &definition(key)).await;
            automations.push(applied.unwrap()[0].automation);
        }
        let mut house = Self {
            store: db.store.clone(),
            services,
            ids,
            workspace: workspace.workspace,
            other,
            automations,
            event: TriggerEventId::new(Uuid::nil()),
            records: Vec::new(),
        };
        house.event = house.add_event("e-1").await;
        house.records = house.add_records(12).await;
        house
    }

    pub fn uuid(&self) -> Uuid {
        self.ids.uuid(start())
    }

    pub async fn session(&self) -> Session {
        self.store.read().await.unwrap()
    }

    /// One step in a transaction.
    pub async fn write<T, F>(&self, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        self.store.write(step).await
    }

    pub fn event(&self, source: &str, external_id: &str) -> TriggerEvent {
        TriggerEvent {
            id: TriggerEventId::new(self.uuid()),
            workspace: self.workspace,
            kind: TriggerKind::GovernedEvent,
            source: source.into(),
            external_id: external_id.into(),
            event_type: "checked".into(),
            subject: None,
            occurred_at: start(),
            received_at: start(),
            trace: None,
            payload: json!({}),
        }
    }

    pub async fn add_event(&self, external_id: &str) -> TriggerEventId {
        let event = self.event("test", external_id);
        let id = event.id;
        self.write(move |tx| Box::pin(async move { tx.insert_trigger_event(&event).await }))
            .await
            .unwrap();
        id
    }

    async fn add_records(&self, count: usize) -> Vec<Record> {
        let record = |n: usize| Record {
            id: RecordId::new(self.uuid()),
            workspace: self.workspace,
            kind: "account".into(),
            key: format!("ACC-{n:04}"),
            attributes: json!({}),
            revision: 1,
            created_at: start(),
            updated_at: start(),
            created_by_item: None,
        };
        let records: Vec<_> = (0..count).map(record).collect();
        let (workspace, stored) = (self.workspace, records.clone());
        self.write(move |tx| Box::pin(async move { tx.upsert_records(workspace, &stored).await }))
            .await
            .unwrap();
        records
    }

    pub async fn member(&self, role: Role) -> Member {
        let caller = Caller { workspace: self.workspace, principal: Principal::Host };
        let new = NewMember { email: format!("{role}@example.org"), name: "M".into(), role };
        self.services.add_member(caller, new).await.unwrap().member
    }

    /// A run that is not stored yet.
    pub fn pending(&self, automation: usize) -> Run {
        Run {
            id: RunId::new(self.uuid()),
            workspace: self.workspace,
            automation: self.automations[automation],
            version: 1,
            trigger_event: self.event,
            trigger_kind: TriggerKind::GovernedEvent,
            status: RunStatus::Pending,
            round: 0,
            counts: Counts::default(),
            tally: Tally::default(),
            matched: false,
            on_item_failure: OnItemFailure::Hold,
            created_at: at(1),
            started_at: None,
            completed_at: None,
            cancel: None,
            killed: None,
            cost: None,
            failure: None,
            told: None,
            pruned: None,
        }
    }

    /// A stored run that is still pending.
    pub async fn run(&self) -> Run {
        let run = self.pending(0);
        self.store_runs(std::slice::from_ref(&run)).await;
        run
    }

    /// Stores runs as they are.
    pub async fn store_runs(&self, runs: &[Run]) {
        let runs = runs.to_vec();
        self.write(move |tx| {
            Box::pin(async move {
                for after in &runs {
                    let before = fresh(after);
                    tx.insert_run(&before).await?;
                    if before != *after {
                        tx.update_run(&before, after).await?;
                    }
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    }

    /// A queued item of a run that is not stored yet.
    pub fn item(&self, run: RunId, position: usize, class: ActionerClass) -> Item {
        let subject = &self.records[position];
        Item {
            id: ItemId::new(self.uuid()),
            workspace: self.workspace,
            run,
            position: position as i64,
            subject: subject.id,
            subject_kind: subject.kind.clone(),
            subject_key: subject.key.clone(),
            actioner: "findings.create".into(),
            class,
            state: ItemState::Queued,
            attempt: 0,
            tries: 0,
            round: 0,
            not_before: at(2),
            lease_until: None,
            invoked: false,
            parameters: None,
            input_digest: None,
            effect_key: None,
            first_sent_at: None,
            approved: false,
            skip_reason: None,
            failure: None,
            result: None,
            replay_evidence: None,
            replay_of: None,
            created_at: at(2),
            started_at: None,
            ended_at: None,
        }
    }

    pub async fn store_items(&self, items: &[Item]) {
        let items = items.to_vec();
        self.write(move |tx| Box::pin(async move { tx.insert_items(&items).await })).await.unwrap();
    }

    /// So many stored local items of a stored run.
    pub async fn items(&self, count: usize) -> Vec<Item> {
        let run = self.run().await;
        let items: Vec<_> =
            (0..count).map(|n| self.item(run.id, n, ActionerClass::Local)).collect();
        self.store_items(&items).await;
        items
    }

    pub async fn update(&self, items: Vec<FencedItem>) -> Result<(), StoreError> {
        self.write(move |tx| Box::pin(async move { tx.update_items(&items).await })).await
    }

    pub async fn read_item(&self, id: ItemId) -> Item {
        self.session().await.item(self.workspace, id).await.unwrap().unwrap()
    }

    /// An attempt at an item that ended well.
    pub fn attempt(&self, item: &Item, number: i64) -> Attempt {
        Attempt {
            id: AttemptId::new(self.uuid()),
            run: item.run,
            item: item.id,
            number,
            round: 0,
            worker: "worker-1".into(),
            started_at: at(3),
            ended_at: at(4),
            end: AttemptEnd::Succeeded,
            failure: None,
            result: None,
            replay_evidence: None,
        }
    }
}

/// A run as it was when it was created.
fn fresh(run: &Run) -> Run {
    Run {
        status: RunStatus::Pending,
        round: 0,
        counts: Counts::default(),
        tally: Tally::default(),
        matched: false,
        started_at: None,
        completed_at: None,
        cancel: None,
        killed: None,
        cost: None,
        failure: None,
        ..run.clone()
    }
}

/// An automation that nothing sets off by itself.
fn definition(key: &str) -> String {
    format!(
        "key: {key}\nname: {key}\ntrigger: {{ kind: manual-request }}\n\
         subjects: {{ from: register, kind: account }}\n\
         action: {{ actioner: findings.create, with: {{ title: Look, severity: low }} }}\n"
    )
}

async fn workspace(services: &Services, slug: &str) -> Caller {
    let workspace = workspace_id(services, slug).await;
    Caller { workspace, principal: Principal::Host }
}

async fn workspace_id(services: &Services, slug: &str) -> WorkspaceId {
    services.create_workspace(Principal::Host, slug, "A house").await.unwrap().id
}

/// Whether a fenced write was refused because another number of rows was changed.
pub fn is_stale<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Stale { .. }))
}

/// The moves that a test is about, each against the item as it was read.
pub fn fenced(before: &Item, after: Item) -> FencedItem {
    FencedItem { expected_state: before.state, expected_attempt: before.attempt, after }
}
