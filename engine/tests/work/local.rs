//! Local items: effect, outcome, attempt and audit entry together.

use domain::{
    audit::{AuditFilter, Verb},
    id::RunId,
    item::ItemState,
    record::RecordRef,
    run::RunStatus,
};
use engine::{both_databases, services::RunRequest, store::Queue};
use serde_json::json;

use crate::house::House;

const FINDINGS: &str = r"
key: open-findings
name: Open findings
trigger: { kind: governed-event, type: checked }
subjects: { from: register, kind: account }
condition: subject.status == 'active'
action:
  actioner: findings.create
  with:
    key: 'F-{{ subject.key }}'
    title: 'Account {{ subject.key }} needs a look'
    severity: '{{ event.payload.severity }}'
on-item-failure: close
";

const RESOLVED: &str = r"
key: resolve-findings
name: Resolve findings
trigger: { kind: manual-request }
subjects: { from: event, kind: account }
action:
  actioner: findings.update-status
  with: { key: 'F-{{ subject.key }}', status: resolved }
on-item-failure: close
";

both_databases! {
    async fn every_subject_gets_its_finding_once(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(7).await;
        house.apply(FINDINGS).await;
        let runs = house.event("e-1", None).await;
        house.settle().await;
        let run = house.run(runs[0]).await;
        assert_eq!(run.status, RunStatus::Completed, "{:?}", house.items(run.id).await[0].failure);
        let counts = house.counts(run.id).await;
        assert_eq!((counts.subjects_matched, counts.succeeded, counts.actions_invoked), (7, 7, 7));
        let item = &house.items(run.id).await[0];
        let detail = house.services.item(house.host, run.id, item.id).await.unwrap();
        assert_eq!(detail.attempts.len(), 1);
        let finding = detail.result.unwrap();
        assert_eq!(finding.key, format!("F-{}", item.subject_key));
        assert_eq!(finding.attributes["severity"], "high");
        let verbs = house.verbs(run.id).await;
        assert_eq!(verbs.iter().filter(|verb| **verb == "item.succeeded").count(), 7);
        assert!(verbs.ends_with(&["run.completed", "report.created"]));
        assert!(house.services.verify_audit(house.host).await.is_ok());
    }

    async fn what_waits_and_what_was_done_is_counted(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(7).await;
        house.apply(FINDINGS).await;
        house.event("e-1", None).await;
        let queue = async || db.store.read().await.unwrap().queue().await.unwrap();
        assert_eq!(queue().await, Queue::default());
        house.engine.take_in().await.unwrap();
        assert_eq!(queue().await, Queue { items: 7, due_since: Some(house.clock.now()) });
        house.settle().await;
        assert_eq!(queue().await, Queue::default());
        let figures = db.store.meter().read();
        let ended: Vec<_> = figures.runs_ended().filter(|(_, count)| *count > 0).collect();
        let outcomes: Vec<_> = figures.outcomes().filter(|(_, count)| *count > 0).collect();
        assert_eq!(ended, [(RunStatus::Completed, 1)]);
        assert_eq!(outcomes, [(ItemState::Succeeded, 7)]);
    }

    async fn an_entry_tells_what_became_of_the_record(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(1).await;
        house.apply(FINDINGS).await;
        house.apply(RESOLVED).await;
        let opened = house.event("e-1", None).await;
        house.settle().await;
        let request = RunRequest {
            subject: Some(RecordRef { kind: "account".into(), key: "ACC-0001".into() }),
            ..RunRequest::default()
        };
        let resolved =
            house.services.request_run(house.host, "resolve-findings", request).await.unwrap().runs;
        house.settle().await;
        let payload = async |run: RunId| {
            let entries = house.entries(run).await;
            let entry = entries.into_iter().find(|entry| entry.verb == Verb::ItemSucceeded);
            entry.unwrap().payload.unwrap()
        };
        let created = payload(opened[0]).await;
        assert_eq!((created.get("before"), &created["after"]), (None, &json!({"revision": 1})));
        let changed = payload(resolved[0]).await;
        assert_eq!(changed["before"]["revision"], 1);
        assert_eq!(changed["before"]["attributes"]["status"], "open");
        assert_eq!(changed["after"]["revision"], 2);
        assert_eq!(changed["after"]["attributes"]["status"], "resolved");
        assert_eq!(changed["before"]["attributes"].get("title"), None, "only what differs");
        let record = changed["record"].as_str().unwrap().parse().unwrap();
        let filter = AuditFilter { record: Some(record), ..AuditFilter::default() };
        let about = house.services.audit_entries(house.host, &filter, 100).await.unwrap();
        let verbs: Vec<_> = about.iter().rev().map(|entry| entry.verb.as_str()).collect();
        assert_eq!(verbs, ["item.started", "item.succeeded", "item.started", "item.succeeded"]);
    }

    async fn a_second_run_finds_that_the_findings_exist(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(3).await;
        house.apply(FINDINGS).await;
        house.event("e-1", None).await;
        house.settle().await;
        let runs = house.event("e-2", None).await;
        house.settle().await;
        let counts = house.counts(runs[0]).await;
        assert_eq!((counts.skipped, counts.actions_invoked), (3, 3));
        let items = house.items(runs[0]).await;
        assert!(items.iter().all(|item| item.state == ItemState::Skipped && item.result.is_some()));
    }
}
