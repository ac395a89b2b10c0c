//! No number a definition, a clock or a request can bring makes a rule panic.

use domain::item::{ItemState, SkipReason};
use domain::{
    Timestamp,
    approval::ApprovalRule,
    automation::RetryPolicy,
    decide::{Answer, Circumstances, Outcome, after_answer},
    effect::ActionerClass,
    lease::{may_send, rescue},
    problem::FailureKind,
    time::{EARLIEST, LATEST, later, seconds},
};
use proptest::prelude::*;

use crate::build::failure;

/// Small, huge and everything between, with the ends often.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0), -100_i64..100, any::<i64>()]
}

fn instant() -> impl Strategy<Value = Timestamp> {
    let all = Timestamp::MIN_UTC.timestamp()..=Timestamp::MAX_UTC.timestamp();
    let any = all.prop_map(|at| Timestamp::from_timestamp(at, 0).unwrap_or_default());
    prop_oneof![
        Just(Timestamp::MIN_UTC),
        Just(Timestamp::MAX_UTC),
        Just(EARLIEST),
        Just(LATEST),
        any
    ]
}

fn policy() -> impl Strategy<Value = RetryPolicy> {
    (number(), number(), number()).prop_map(|(max_attempts, initial_seconds, max_seconds)| {
        RetryPolicy { max_attempts, initial_seconds, max_seconds }
    })
}

fn class() -> impl Strategy<Value = ActionerClass> {
    prop_oneof![
        Just(ActionerClass::Local),
        Just(ActionerClass::UnkeyedRemote),
        number().prop_map(|window_seconds| ActionerClass::KeyedRemote { window_seconds }),
    ]
}

proptest! {
    #[test]
    fn a_sum_of_time_is_an_instant_that_can_be_written(at in instant(), by in number()) {
        let sum = later(at, seconds(by));
        prop_assert!((EARLIEST..=LATEST).contains(&sum));
        prop_assert_eq!(sum.to_rfc3339().len(), "2026-07-06T09:00:00+00:00".len());
        let rule = ApprovalRule { expires_after_seconds: by, ..ApprovalRule::default() };
        prop_assert_eq!(rule.expires_at(at), sum);
    }

    #[test]
    fn a_pause_is_never_shorter_than_half_a_second(policy in policy(), tries in number(), jitter: f64) {
        prop_assert!(policy.pause(tries, jitter).num_milliseconds() >= 500);
    }

    #[test]
    fn every_decision_about_time_is_made(
        policy in policy(), tries in number(), jitter: f64, class in class(),
        first_sent_at in proptest::option::of(instant()), now in instant(),
        kind in prop::sample::select(FailureKind::ALL), stop: bool, approved: bool,
    ) {
        let stopping = stop.then_some(SkipReason::CancelledBeforeStart);
        let given = Circumstances { policy, tries, approved, stopping, class, first_sent_at, now, jitter };
        let outcome = after_answer(&Answer::<()>::Failed(failure(kind)), &given);
        if let Outcome::TryAgain { not_before, .. } = outcome {
            prop_assert!(not_before <= LATEST && !stop && kind != FailureKind::Deterministic);
        }
        for &state in ItemState::ALL {
            let _ = rescue(state, class, first_sent_at, now);
        }
        let _ = may_send(first_sent_at.unwrap_or(now), now);
        let _ = class.key_honoured(first_sent_at, now);
    }
}
