//! Runs come back as they were stored, and only in their workspace.

use domain::{
    automation::OnItemFailure,
    cancel::CancelReceipt,
    counts::Counts,
    id::{MemberId, RecordId, RunId},
    problem::{Failure, FailureKind},
    run::{CancelRequest, Run, RunStatus},
};
use engine::both_databases;

use crate::house::{House, at, is_stale};

/// A run in which every column has a value.
fn full(house: &House) -> Run {
    Run {
        status: RunStatus::Cancelled,
        round: 3,
        counts: Counts {
            subjects_matched: 21,
            actions_invoked: 17,
            open: 1,
            succeeded: 2,
            failed: 3,
            skipped: 4,
            awaiting_approval: 5,
            idempotent_replay: 6,
        },
        matched: true,
        on_item_failure: OnItemFailure::Close,
        started_at: Some(at(2)),
        completed_at: Some(at(3)),
        cancel: Some(CancelRequest {
            at: at(4),
            by: Some(MemberId::new(house.uuid())),
            reason: "näme\n'\"; DROP TABLE run".into(),
        }),
        failure: Some(Failure::new("it-failed", "It failed.", FailureKind::Unknown)),
        ..house.pending(1)
    }
}

both_databases! {
    async fn a_run_comes_back_as_it_was_stored(db: TestStore) {
        let house = House::new(&db).await;
        let first = house.pending(0);
        let without_member = Run {
            cancel: Some(CancelRequest { at: at(4), by: None, reason: "host".into() }),
            failure: None,
            completed_at: None,
            ..full(&house)
        };
        let runs = [first, without_member, full(&house)];
        house.store_runs(&runs).await;
        for run in &runs {
            let found = house.session().await.run(house.workspace, run.id).await.unwrap();
            assert_eq!(found.as_ref(), Some(run));
            let mut tx = house.store.begin().await.unwrap();
            assert_eq!(tx.lock_run(house.workspace, run.id).await.unwrap(), found);
        }
        let mut session = house.session().await;
        let caused = session.runs_of_event(house.workspace, house.event).await.unwrap();
        assert_eq!(caused, runs);
    }

    async fn another_workspace_sees_no_run_and_moves_none(db: TestStore) {
        let house = House::new(&db).await;
        let run = house.run().await;
        let other = house.other;
        let mut session = house.session().await;
        assert_eq!(session.run(other, run.id).await.unwrap(), None);
        assert!(session.runs_of_event(other, house.event).await.unwrap().is_empty());
        assert!(session.automations_of_runs(other, &[run.id]).await.unwrap().is_empty());
        assert!(session.cancel_receipt(other, run.id).await.unwrap().is_none());
        assert!(session.latest_runs(other, run.automation, 9).await.unwrap().is_empty());
        drop(session);
        let mut tx = house.store.begin().await.unwrap();
        assert_eq!(tx.lock_run(other, run.id).await.unwrap(), None);
        assert!(tx.lock_runs(other, &[run.id]).await.unwrap().is_empty());
        let foreign = Run { workspace: other, ..run.clone() };
        assert!(is_stale(&tx.update_run(&foreign, &foreign).await));
        let unknown = Run { id: RunId::new(house.uuid()), ..run };
        assert!(is_stale(&tx.update_run(&unknown, &unknown).await));
    }

    async fn several_runs_are_locked_in_the_order_of_their_ids(db: TestStore) {
        let house = House::new(&db).await;
        let mut runs: Vec<_> = (0..5).map(|_| house.pending(0)).collect();
        house.store_runs(&runs).await;
        let mut ids: Vec<_> = runs.iter().rev().map(|run| run.id).collect();
        ids.push(RunId::new(house.uuid()));
        ids.push(ids[0]);
        runs.sort_by_key(|run| run.id);
        let mut tx = house.store.begin().await.unwrap();
        assert_eq!(tx.lock_runs(house.workspace, &ids).await.unwrap(), runs);
        assert!(tx.lock_runs(house.workspace, &[]).await.unwrap().is_empty());
    }

    async fn runs_that_wait_for_their_subjects_are_found_in_order(db: TestStore) {
        let house = House::new(&db).await;
        let mut runs: Vec<_> = (0..6).map(|_| house.pending(0)).collect();
        runs[2].matched = true;
        house.store_runs(&runs).await;
        let mut session = house.session().await;
        let first = session.runs_to_match(None, 3).await.unwrap();
        let ids = |n: &[usize]| n.iter().map(|&n| (house.workspace, runs[n].id)).collect::<Vec<_>>();
        assert_eq!(first, ids(&[0, 1, 3]));
        let rest = session.runs_to_match(Some(runs[3].id), 3).await.unwrap();
        assert_eq!(rest, ids(&[4, 5]));
    }

    async fn how_far_matching_has_come_is_kept(db: TestStore) {
        let house = House::new(&db).await;
        let (run, record) = (house.run().await.id, house.records[3].id);
        assert_eq!(house.session().await.match_cursor(run).await.unwrap(), None);
        house.write(move |tx| Box::pin(async move { tx.set_match_cursor(run, record).await }))
            .await.unwrap();
        assert_eq!(house.session().await.match_cursor(run).await.unwrap(), Some(record));
        let unknown = RunId::new(house.uuid());
        let answer = house.write(move |tx| Box::pin(async move {
            tx.set_match_cursor(unknown, RecordId::new(unknown.uuid())).await
        })).await;
        assert!(is_stale(&answer));
        assert_eq!(house.session().await.match_cursor(unknown).await.unwrap(), None);
    }

    async fn the_receipt_of_a_cancellation_is_kept(db: TestStore) {
        let house = House::new(&db).await;
        let (run, workspace, other) = (house.run().await.id, house.workspace, house.other);
        assert_eq!(house.session().await.cancel_receipt(workspace, run).await.unwrap(), None);
        let receipt = CancelReceipt {
            run,
            at: at(5),
            reason: "wrong list".into(),
            finished: 1,
            skipped: 2,
            in_flight: 3,
            unknown: 4,
        };
        let (foreign, kept) = (receipt.clone(), receipt.clone());
        let answer = house.write(move |tx| Box::pin(async move {
            tx.store_cancel_receipt(other, &foreign).await
        })).await;
        assert!(is_stale(&answer));
        house.write(move |tx| Box::pin(async move {
            tx.store_cancel_receipt(workspace, &kept).await
        })).await.unwrap();
        let found = house.session().await.cancel_receipt(workspace, run).await.unwrap();
        assert_eq!(found, Some(receipt));
    }

    async fn the_automations_of_runs_are_found_together(db: TestStore) {
        let house = House::new(&db).await;
        let runs = [house.pending(0), house.pending(2)];
        house.store_runs(&runs).await;
        let mut session = house.session().await;
        let ids = [runs[0].id, runs[1].id, RunId::new(house.uuid())];
        let found = session.automations_of_runs(house.workspace, &ids).await.unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[&runs[1].id].id, house.automations[2]);
        let heads = session.automation_heads(house.workspace).await.unwrap();
        assert_eq!(heads.iter().map(|head| head.key.as_str()).collect::<Vec<_>>(), ["aa", "bb", "cc"]);
        assert_eq!(found[&runs[0].id], heads[0]);
        assert!(session.automation_heads(house.other).await.unwrap().is_empty());
        assert!(session.automations_of_runs(house.workspace, &[]).await.unwrap().is_empty());
    }

    async fn the_latest_runs_of_an_automation_come_newest_first(db: TestStore) {
        let house = House::new(&db).await;
        let run = |n: i64, automation| Run { created_at: at(n), ..house.pending(automation) };
        let runs = [run(5, 0), run(9, 0), run(7, 0), run(8, 1)];
        house.store_runs(&runs).await;
        let mut session = house.session().await;
        let found = session.latest_runs(house.workspace, house.automations[0], 2).await.unwrap();
        assert_eq!(found, [runs[1].clone(), runs[2].clone()]);
    }

    async fn strips_show_the_latest_runs_of_each_automation_oldest_first(db: TestStore) {
        use domain::run::RunStatus::{Pending, Running};
        let house = House::new(&db).await;
        let run = |n: i64, automation, status| {
            Run { created_at: at(n), status, ..house.pending(automation) }
        };
        house.store_runs(&[run(5, 0, Pending), run(9, 0, Running), run(7, 0, Pending)]).await;
        house.store_runs(&[run(8, 1, Pending)]).await;
        let [first, second, third] = [0, 1, 2].map(|n| house.automations[n]);
        let mut session = house.session().await;
        let asked = [first, second, third];
        let found = session.recent_statuses(house.workspace, &asked, 2).await.unwrap();
        assert_eq!(found, [(first, Pending), (second, Pending), (first, Running)]);
        let none = session.recent_statuses(house.other, &asked, 2).await.unwrap();
        assert!(none.is_empty());
        assert!(session.recent_statuses(house.workspace, &[], 2).await.unwrap().is_empty());
    }
}
