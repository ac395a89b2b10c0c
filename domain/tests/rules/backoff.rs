//! The pause before an automatic retry.

use chrono::Duration;
use domain::{
    automation::RetryPolicy,
    problem::FailureKind::{Deterministic, Transient, Unknown},
};
use proptest::prelude::*;

use crate::build::failure;

const POLICY: RetryPolicy = RetryPolicy { max_attempts: 3, initial_seconds: 30, max_seconds: 900 };

#[test]
fn a_pause_doubles_up_to_its_cap() {
    let longest: Vec<i64> = (1..=8).map(|tries| POLICY.pause(tries, 1.0).num_seconds()).collect();
    assert_eq!(longest, [30, 60, 120, 240, 480, 900, 900, 900]);
}

#[test]
fn jitter_takes_away_half_at_most() {
    let millis = |jitter| POLICY.pause(1, jitter).num_milliseconds();
    assert_eq!([0.0, 0.5, 1.0].map(millis), [15_000, 22_500, 30_000]);
}

#[test]
fn jitter_out_of_range_counts_as_its_nearest_and_no_number_as_none() {
    let millis = |jitter| POLICY.pause(1, jitter).num_milliseconds();
    let odd = [f64::NEG_INFINITY, -1.0, f64::NAN, 2.0, f64::INFINITY];
    assert_eq!(odd.map(millis), [15_000, 15_000, 15_000, 30_000, 30_000]);
}

#[test]
fn the_cap_holds_even_if_the_first_pause_is_longer() {
    let policy = RetryPolicy { initial_seconds: 900, max_seconds: 60, ..POLICY };
    assert_eq!(policy.pause(1, 1.0), Duration::seconds(60));
}

#[test]
fn nothing_is_tried_more_often_than_the_policy_says() {
    for (tries, again) in [(1, true), (2, true), (3, false), (4, false)] {
        assert_eq!(POLICY.retries(&failure(Transient), tries), again, "{tries}");
        assert_eq!(POLICY.retries(&failure(Unknown), tries), again, "{tries}");
    }
    let once = RetryPolicy { max_attempts: 1, ..POLICY };
    assert!(!once.retries(&failure(Transient), 1));
}

#[test]
fn a_deterministic_failure_is_never_tried_again() {
    assert!(!POLICY.retries(&failure(Deterministic), 0));
}

proptest! {
    #[test]
    fn a_pause_is_between_half_and_all_of_the_capped_double(
        initial in 1_i64..100_000,
        max in 1_i64..1_000_000,
        tries in 1_i64..1_000,
        jitter in 0.0_f64..1.0,
    ) {
        let policy = RetryPolicy { max_attempts: 20, initial_seconds: initial, max_seconds: max };
        let full = (i128::from(initial) << (tries - 1).min(60)).min(i128::from(max)) * 1_000;
        let pause = i128::from(policy.pause(tries, jitter).num_milliseconds());
        prop_assert!(pause * 2 >= full && pause <= full, "{pause} of {full}");
    }
}
