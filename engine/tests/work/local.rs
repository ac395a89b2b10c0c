//! Local items: effect, outcome, attempt and audit entry together.

use domain::{item::ItemState, run::RunStatus};
use engine::both_databases;

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
        assert_eq!(verbs.last(), Some(&"run.completed"));
        assert!(house.services.verify_audit(house.host).await.is_ok());
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
