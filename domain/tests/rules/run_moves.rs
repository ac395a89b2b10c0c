//! The moves of a run that depend on more than its items; the rest is in the simulation.

use domain::{
    automation::OnItemFailure,
    id::KillSwitchId,
    item::{Item, ItemState, SkipReason},
    kill::Killed,
    problem::FailureKind,
    run::{CancelRequest, Run, RunStatus},
};

use crate::build::{at, failure, in_state, run, run_of};

fn asked() -> CancelRequest {
    CancelRequest { at: at(5), by: None, reason: "The wrong list was loaded.".to_owned() }
}

fn with(state: ItemState) -> (Run, [Item; 1]) {
    let items = [in_state(0, state)];
    (run_of(&items), items)
}

#[test]
fn a_run_starts_once() {
    let mut run = run();
    run.start(at(1)).unwrap();
    assert_eq!(run.start(at(2)).unwrap_err().to_string(), "a run that is running cannot start");
    assert_eq!(run.started_at, Some(at(1)));
}

#[test]
fn a_run_ends_only_when_every_subject_was_looked_at_and_no_item_can_move() {
    for &state in ItemState::ALL {
        let (mut run, _) = with(state);
        assert_eq!(run.settle(at(9)), state.is_final(), "{state}");
        let (mut run, _) = with(state);
        run.matched = false;
        assert!(!run.settle(at(9)), "{state} while matching");
    }
    assert!(!run().settle(at(9)), "pending");
}

#[test]
fn a_run_ends_as_its_items_ended() {
    let cases = [
        (ItemState::Succeeded, RunStatus::Completed),
        (ItemState::Skipped, RunStatus::Completed),
        (ItemState::IdempotentReplay, RunStatus::Completed),
        (ItemState::Failed, RunStatus::CompletedWithFailures),
    ];
    for (state, expected) in cases {
        let (mut run, _) = with(state);
        assert!(run.settle(at(9)));
        assert_eq!((run.status, run.completed_at), (expected, Some(at(9))), "{state}");
    }
}

#[test]
fn a_held_run_waits_for_a_member_who_closes_retries_or_cancels_it() {
    let (mut run, _) = with(ItemState::Failed);
    run.on_item_failure = OnItemFailure::Hold;
    assert!(!run.settle(at(9)) && run.is_held() && run.may_retry());
    let mut closed = run.clone();
    closed.close(at(9)).unwrap();
    assert_eq!(closed.status, RunStatus::CompletedWithFailures);
    run.cancel(asked()).unwrap();
    assert!(!run.is_held() && run.settle(at(9)));
    assert_eq!(run.status, RunStatus::Cancelled);
}

#[test]
fn only_a_held_run_can_be_closed() {
    for &state in ItemState::ALL {
        let (mut run, _) = with(state);
        assert!(run.close(at(9)).is_err(), "{state}, close");
        run.on_item_failure = OnItemFailure::Hold;
        assert_eq!(run.close(at(9)).is_ok(), state == ItemState::Failed, "{state}, hold");
    }
}

#[test]
fn a_cancelled_run_ends_when_the_last_started_item_has_its_outcome() {
    let (mut run, _) = with(ItemState::Started);
    run.cancel(asked()).unwrap();
    assert!(!run.settle(at(9)) && run.is_stopping());
    assert!(run.cancel(asked()).is_err(), "cancelled twice");
    run.counts = with(ItemState::Failed).0.counts;
    assert!(run.settle(at(9)));
    assert_eq!(run.status, RunStatus::Cancelled);
    assert!(!run.may_retry() && run.reopen().is_err());
}

#[test]
fn a_killed_run_ends_when_the_last_started_item_has_its_outcome() {
    let killed = || Killed { at: at(5), switch: KillSwitchId::new(uuid::Uuid::nil()) };
    let (mut run, _) = with(ItemState::Started);
    run.kill(killed()).unwrap();
    assert!(!run.settle(at(9)) && run.stopping() == Some(SkipReason::KilledBeforeStart));
    assert!(run.kill(killed()).is_err() && run.cancel(asked()).is_err(), "stopped twice");
    run.counts = with(ItemState::Failed).0.counts;
    assert!(run.settle(at(9)));
    assert_eq!(run.status, RunStatus::Killed);
    assert!(!run.may_retry() && run.reopen().is_err() && run.kill(killed()).is_err());

    let mut pending = crate::build::run();
    pending.kill(killed()).unwrap();
    assert!(pending.matched && pending.settle(at(9)));
    assert_eq!((pending.status, pending.started_at), (RunStatus::Killed, Some(at(5))));

    let (mut cancelled, _) = with(ItemState::Started);
    cancelled.cancel(asked()).unwrap();
    assert!(cancelled.kill(killed()).is_err(), "a run that is being cancelled stays cancelled");
}

#[test]
fn a_pending_run_that_is_cancelled_was_started_then_and_looks_at_nothing() {
    let mut run = run();
    run.cancel(asked()).unwrap();
    assert!(run.matched && run.settle(at(9)));
    assert_eq!((run.status, run.started_at), (RunStatus::Cancelled, Some(at(5))));
}

#[test]
fn a_run_that_fails_as_a_whole_ends_now_or_with_its_last_started_item() {
    let cause = || failure(FailureKind::Deterministic);
    let mut early = run();
    early.fail(cause(), at(9)).unwrap();
    assert_eq!((early.status, early.completed_at), (RunStatus::Failed, Some(at(9))));
    assert_eq!(early.started_at, Some(at(9)));

    let (mut late, _) = with(ItemState::Started);
    late.fail(cause(), at(9)).unwrap();
    assert_eq!((late.status, late.completed_at), (RunStatus::Running, None));
    assert!(late.is_stopping() && !late.may_retry() && late.cancel(asked()).is_err());
    late.counts = with(ItemState::Succeeded).0.counts;
    assert!(late.settle(at(10)));
    assert_eq!((late.status, late.completed_at), (RunStatus::Failed, Some(at(10))));
    assert!(late.fail(cause(), at(11)).is_err(), "an ended run cannot fail");
}

#[test]
fn a_run_that_was_cancelled_first_stays_cancelled() {
    let (mut run, _) = with(ItemState::Started);
    run.cancel(asked()).unwrap();
    run.fail(failure(FailureKind::Transient), at(6)).unwrap();
    run.counts = with(ItemState::Succeeded).0.counts;
    assert!(run.settle(at(9)));
    assert_eq!(run.status, RunStatus::Cancelled);
}

#[test]
fn a_retry_opens_the_next_round_of_a_run_with_failed_items() {
    let (mut run, _) = with(ItemState::Failed);
    run.settle(at(9));
    run.reopen().unwrap();
    assert_eq!((run.status, run.completed_at, run.round), (RunStatus::Running, None, 1));
    let mut complete = with(ItemState::Succeeded).0;
    complete.settle(at(9));
    assert!(complete.reopen().is_err());
}
