//! What an actioner's answer leads to.

use domain::{
    automation::RetryPolicy,
    decide::{Answer, Circumstances, Outcome, after_answer},
    effect::ActionerClass,
    item::{ItemMove, ItemState, ReplayEvidence, SkipReason},
    problem::FailureKind,
};

use crate::build::{EVERY_CLASS, KEYED, at, failure};

const POLICY: RetryPolicy = RetryPolicy { max_attempts: 3, initial_seconds: 30, max_seconds: 900 };

/// The first try of a local item, just now.
fn given() -> Circumstances {
    Circumstances {
        policy: POLICY,
        tries: 1,
        approved: false,
        stopping: None,
        class: ActionerClass::Local,
        first_sent_at: Some(at(0)),
        now: at(0),
        jitter: 1.0,
    }
}

fn asks() -> Answer<()> {
    Answer::NeedsApproval { question: "May it?".to_owned() }
}

fn again(kind: FailureKind, given: &Circumstances) -> bool {
    let outcome = after_answer(&Answer::<()>::Failed(failure(kind)), given);
    assert!(matches!(outcome, Outcome::TryAgain { .. } | Outcome::Failed(_)));
    outcome.step() == ItemMove::Requeue
}

#[test]
fn an_answer_becomes_the_outcome_of_the_same_name() {
    let evidence = ReplayEvidence::RemoteReplayHeader;
    let outcome = |answer: Answer<()>| after_answer(&answer, &given());
    assert_eq!(outcome(Answer::Done { record: None }), Outcome::Succeeded);
    assert_eq!(outcome(Answer::Replayed { record: None, evidence }), Outcome::Replayed(evidence));
    assert_eq!(
        outcome(Answer::NothingToDo { record: None }),
        Outcome::Skipped(SkipReason::AlreadyExists)
    );
    assert_eq!(outcome(asks()), Outcome::AwaitingApproval { question: "May it?".to_owned() });
    let cause = failure(FailureKind::Deterministic);
    assert_eq!(outcome(Answer::Failed(cause.clone())), Outcome::Failed(cause));
}

#[test]
fn every_outcome_is_a_legal_move_of_a_started_item() {
    let evidence = ReplayEvidence::ReadBack;
    let cause = failure(FailureKind::Unknown);
    for outcome in [
        Outcome::Succeeded,
        Outcome::Replayed(evidence),
        Outcome::Skipped(SkipReason::AlreadyExists),
        Outcome::AwaitingApproval { question: String::new() },
        Outcome::TryAgain { failure: cause.clone(), not_before: at(0) },
        Outcome::Failed(cause),
    ] {
        assert!(ItemState::Started.after(outcome.step()).is_ok(), "{outcome:?}");
    }
}

#[test]
fn an_actioner_that_asks_again_after_the_approval_has_failed_for_good() {
    let outcome = after_answer(&asks(), &Circumstances { approved: true, ..given() });
    let Outcome::Failed(cause) = outcome else { panic!("{outcome:?}") };
    assert_eq!(
        (cause.code.as_str(), cause.kind),
        ("asked-again-after-approval", FailureKind::Deterministic)
    );
}

#[test]
fn a_run_that_is_being_stopped_asks_nobody_and_tries_nothing_again() {
    for reason in [SkipReason::CancelledBeforeStart, SkipReason::KilledBeforeStart] {
        let given = Circumstances { stopping: Some(reason), ..given() };
        assert_eq!(after_answer(&asks(), &given), Outcome::Skipped(reason));
    }
    let given = Circumstances { stopping: Some(SkipReason::KilledBeforeStart), ..given() };
    for &kind in FailureKind::ALL {
        assert!(!again(kind, &given), "{kind}");
    }
    assert_eq!(after_answer(&Answer::Done { record: None::<()> }, &given), Outcome::Succeeded);
}

#[test]
fn a_failure_is_tried_again_by_itself_only_where_that_can_do_nothing_twice() {
    use ActionerClass::{Local, UnkeyedRemote};
    use FailureKind::{Deterministic, Transient, Unknown};
    let cases = [
        (Local, Transient, true),
        (Local, Unknown, true),
        (Local, Deterministic, false),
        (KEYED, Transient, true),
        (KEYED, Unknown, true),
        (KEYED, Deterministic, false),
        (UnkeyedRemote, Transient, true),
        (UnkeyedRemote, Unknown, false),
        (UnkeyedRemote, Deterministic, false),
    ];
    for (class, kind, expected) in cases {
        let given = Circumstances { class, ..given() };
        assert_eq!(again(kind, &given), expected, "{} {kind}", class.as_str());
    }
}

#[test]
fn the_key_window_must_still_be_open_when_the_next_try_begins() {
    // 30 seconds' pause, a window of 60: what counts is the next try, not the present one.
    for (now, expected) in [(29, true), (30, false), (59, false), (60, false)] {
        for kind in [FailureKind::Transient, FailureKind::Unknown] {
            let given = Circumstances { class: KEYED, now: at(now), ..given() };
            assert_eq!(again(kind, &given), expected, "{kind} at {now}");
        }
    }
}

#[test]
fn tries_run_out() {
    for class in EVERY_CLASS {
        for (tries, expected) in [(1, true), (2, class != KEYED), (3, false)] {
            let given = Circumstances { class, tries, ..given() };
            assert_eq!(
                again(FailureKind::Transient, &given),
                expected,
                "{tries} {}",
                class.as_str()
            );
        }
    }
}

#[test]
fn the_next_try_begins_after_the_pause() {
    let answer = Answer::<()>::Failed(failure(FailureKind::Transient));
    let outcome = after_answer(&answer, &Circumstances { tries: 2, ..given() });
    let Outcome::TryAgain { not_before, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(not_before, at(60));
}
