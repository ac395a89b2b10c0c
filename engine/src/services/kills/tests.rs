//! What whoever pressed a switch did not come to is done by any worker, and by whoever releases it.

use std::io::Cursor;

use domain::{filter::RunFilter, page::Seek, run::RunStatus};

use super::*;
use crate::{
    both_databases,
    clock::Clock,
    ids::Ids,
    net::{HttpClient, Limits},
    services::{RecordFile, RecordFormat, RunRequest},
    testing::TestStore,
    work::{Engine, Worker},
};

const ASKING: &str = "
key: asking
name: Asking
trigger: { kind: manual-request }
subjects: { from: register, kind: account }
action: { actioner: findings.create, with: { title: Look, severity: low } }
approval: { before-action: { role: approver } }
";

struct House {
    services: Services,
    engine: Engine,
    caller: Caller,
}

impl House {
    /// A run whose item waits for approval, and a switch that was pressed by a process that died at once.
    async fn new(db: &TestStore) -> (Self, KillSwitch) {
        let clock = Clock::manual("2026-07-01T08:00:00Z".parse().unwrap());
        let services = Services::new(db.store.clone(), clock, Ids::random());
        let workspace = services.create_workspace(Principal::Host, "main", "Main").await.unwrap();
        let caller = Caller { workspace: workspace.id, principal: Principal::Host };
        let http = HttpClient::new(Limits::default()).unwrap();
        let engine = Engine::new(Worker::new(services.clone(), http, "w"));
        let house = Self { services, engine, caller };
        let file = RecordFile {
            name: "a.csv".into(),
            format: RecordFormat::Csv,
            kind: Some("account".into()),
        };
        let text = Cursor::new(b"key\nACC-1\n".to_vec());
        house.services.import_records(caller, file, text).await.unwrap();
        house.services.apply_definition(caller, "a.yaml", ASKING).await.unwrap();
        let request = RunRequest::default();
        house.services.request_run(caller, "asking", request).await.unwrap();
        house.engine.run_until_idle().await.unwrap();
        let own = house.services.clone();
        let pressed = house.services.write(move |tx| {
            Box::pin(async move { own.press(tx, caller, None, "it errs".into()).await })
        });
        let pressed = pressed.await.unwrap();
        assert_eq!(house.status().await, RunStatus::Running);
        (house, pressed)
    }

    async fn status(&self) -> RunStatus {
        let all = RunFilter::default();
        let found = self.services.runs(self.caller, &all, Seek::First, 9).await.unwrap();
        found.page.rows[0].status
    }
}

both_databases! {
    async fn any_worker_stops_what_a_pressed_switch_is_about(db: TestStore) {
        let (house, _) = House::new(&db).await;
        house.engine.run_until_idle().await.unwrap();
        assert_eq!(house.status().await, RunStatus::Killed);
        assert_eq!(house.services.kill_stopped_runs().await.unwrap(), 0, "once");
    }

    async fn nothing_is_left_to_go_on_when_a_switch_is_released(db: TestStore) {
        let (house, pressed) = House::new(&db).await;
        let presence = Presence::Unknown;
        let released = house.services.release_kill_switch(house.caller, pressed.id, "mended", presence);
        assert!(!released.await.unwrap().is_pressed());
        assert_eq!(house.status().await, RunStatus::Killed);
    }
}
