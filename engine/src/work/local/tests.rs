//! What a batch was worked out from may change before it is stored: then nothing of it is.

use std::io::Cursor;

use domain::{
    Timestamp,
    id::RunId,
    item::{Item, ItemState, SkipReason},
    member::Principal,
};
use serde_json::json;

use super::*;
use crate::{
    both_databases,
    clock::Clock,
    ids::Ids,
    net::{HttpClient, Limits},
    services::{Caller, RecordFile, RecordFormat, RunRequest, Services},
    store::StoreError,
    testing::TestStore,
    work::Engine,
};

const FINDINGS: &str = "
key: open-findings
name: Open findings
trigger: { kind: manual-request }
subjects: { from: register, kind: account }
condition: subject.status == 'active'
action: { actioner: findings.create, with: { key: 'F-{{ subject.key }}', title: A look } }
on-item-failure: close
";

struct House {
    worker: Worker,
    caller: Caller,
    run: RunId,
}

impl House {
    /// A run whose items are matched and wait.
    async fn new(db: &TestStore) -> Self {
        let start: Timestamp = "2026-07-01T08:00:00Z".parse().unwrap();
        let services = Services::new(db.store.clone(), Clock::manual(start), Ids::random());
        let workspace = services.create_workspace(Principal::Host, "main", "Main").await.unwrap();
        let caller = Caller { workspace: workspace.id, principal: Principal::Host };
        let worker = Worker::new(services, HttpClient::new(Limits::default()).unwrap(), "w");
        let mut house = Self { worker, caller, run: RunId::new(uuid::Uuid::nil()) };
        house.account("active").await;
        let services = house.services();
        services.apply_definition(caller, "test.yaml", FINDINGS).await.unwrap();
        let request = RunRequest::default();
        house.run = services.request_run(caller, "open-findings", request).await.unwrap().runs[0];
        Engine::new(house.worker.clone()).take_in().await.unwrap();
        house
    }

    fn services(&self) -> &Services {
        &self.worker.services
    }

    /// The one account, as it is from now on.
    async fn account(&self, status: &str) {
        let file = RecordFile {
            name: "test.ndjson".into(),
            format: RecordFormat::Ndjson,
            kind: Some("account".into()),
        };
        let line = json!({"key": "ACC-1", "status": status}).to_string();
        let text = Cursor::new(line.into_bytes());
        self.services().import_records(self.caller, file, text).await.unwrap();
    }

    async fn claim(&self) -> Vec<Claim> {
        let claimed = self.worker.claim("local", 10).await.unwrap();
        assert_eq!(claimed.len(), 1);
        claimed
    }

    async fn work_out(&self, claimed: &[Claim]) -> Changes {
        self.worker.work_out(self.caller.workspace, claimed).await.unwrap()
    }

    async fn item(&self) -> Item {
        let items = self.services().items(self.caller, self.run, &[], None, 10).await.unwrap().0;
        items.into_iter().next().unwrap()
    }

    /// Stores a batch, which must find that this is no longer what it was.
    async fn is_stale(&self, changes: Changes, what: &str) {
        let before = self.item().await;
        match self.worker.store_batch(changes).await {
            Err(ServiceError::Store(StoreError::Stale { what: found, .. })) => {
                assert_eq!(found, what);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(self.item().await, before, "nothing of the batch is stored");
    }

    async fn execute(&self, claimed: Vec<Claim>) -> Item {
        self.worker.execute_local(self.caller.workspace, claimed).await.unwrap();
        self.item().await
    }
}

both_databases! {
    async fn a_subject_that_changed_meanwhile_is_looked_at_again(db: TestStore) {
        let house = House::new(&db).await;
        let claimed = house.claim().await;
        let changes = house.work_out(&claimed).await;
        house.account("inactive").await;
        house.is_stale(changes, "records looked at").await;
        let item = house.execute(claimed).await;
        assert_eq!(item.skip_reason, Some(SkipReason::ConditionNoLongerHolds));
        assert!(!item.invoked);
    }

    async fn a_run_that_was_cancelled_meanwhile_does_nothing_more(db: TestStore) {
        let house = House::new(&db).await;
        let claimed = house.claim().await;
        let changes = house.work_out(&claimed).await;
        house.services().cancel(house.caller, house.run, "not today").await.unwrap();
        house.is_stale(changes, "run").await;
        let item = house.execute(claimed).await;
        assert_eq!(item.skip_reason, Some(SkipReason::CancelledBeforeStart));
    }

    async fn a_batch_that_nothing_came_between_is_stored_once(db: TestStore) {
        let house = House::new(&db).await;
        let claimed = house.claim().await;
        let (first, second) = (house.work_out(&claimed).await, house.work_out(&claimed).await);
        house.worker.store_batch(first).await.unwrap();
        assert_eq!(house.item().await.state, ItemState::Succeeded);
        house.worker.store_batch(second).await.unwrap_err();
    }
}
