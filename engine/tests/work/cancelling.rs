//! Cancelling: what has not started never will, what has started is seen through.

use domain::{item::ItemState, member::Role, run::RunStatus};
use engine::both_databases;

use crate::{
    receiver::Plan,
    remote::{delivering, settle_in_time},
};

const ASKING: &str = "approval: { before-action: { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss } }";

both_databases! {
    async fn the_receipt_tells_finished_skipped_and_in_flight_apart(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(3).await;
        // Two go through; the third is held at the receiver.
        receiver.plan([Plan::Hold, Plan::Hold, Plan::Hold]);
        let run = house.event("e-1", None).await[0];
        let engine = house.engine.clone();
        let working = tokio::spawn(async move { engine.run_until_idle().await });
        for _ in 0..3 {
            receiver.arrival().await;
        }
        let operator = house.acting(Role::Operator);
        let receipt = house.services.cancel(operator, run, "wrong list of accounts").await.unwrap();
        assert_eq!((receipt.finished, receipt.skipped, receipt.in_flight), (0, 0, 3));
        assert_eq!(house.run(run).await.status, RunStatus::Running);
        (0..3).for_each(|_| receiver.release());
        working.await.unwrap().unwrap();
        assert_eq!(house.run(run).await.status, RunStatus::Cancelled);
        assert_eq!(house.counts(run).await.succeeded, 3);
        assert!(house.verbs(run).await.ends_with(&["run.cancelled", "report.created"]));
        let again = house.services.cancel(operator, run, "once more").await.unwrap_err();
        assert_eq!(again.code(), "illegal-move");
    }

    async fn what_has_not_started_is_skipped_and_its_questions_are_withdrawn(db: TestStore) {
        let (house, receiver) = delivering(&db, ASKING).await;
        house.accounts(4).await;
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        assert_eq!(house.counts(run).await.awaiting_approval, 4);
        let receipt =
            house.services.cancel(house.acting(Role::Owner), run, "not this quarter").await.unwrap();
        assert_eq!(receipt.skipped, 4);
        assert_eq!(house.run(run).await.status, RunStatus::Cancelled);
        assert_eq!(house.services.open_approval_count(house.host).await.unwrap(), 0);
        assert!(house.items(run).await.iter().all(|item| item.state == ItemState::Skipped));
        assert_eq!(receiver.requests(), 0);
        let kept = house.services.run(house.host, run).await.unwrap().receipt.unwrap();
        assert_eq!(kept, receipt);
    }

    async fn a_reason_is_needed(db: TestStore) {
        let (house, _receiver) = delivering(&db, ASKING).await;
        house.accounts(1).await;
        let run = house.event("e-1", None).await[0];
        let error = house.services.cancel(house.host, run, "  ").await.unwrap_err();
        assert_eq!(error.code(), "invalid");
        assert!(error.to_string().starts_with("reason"));
    }
}
