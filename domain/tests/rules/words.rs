//! Every fixed word is read back from every form it is written in.

use std::{fmt::Display, str::FromStr};

use domain::{
    approval::{ApprovalKind, ApprovalStatus, OnExpiry, Verdict},
    attempt::AttemptEnd,
    audit::Verb,
    automation::OnItemFailure,
    export::{ExportFormat, ListName},
    filter::{Order, TimeBasis},
    incident::{Cause, Phase, Policy, Severity},
    item::{ItemState, ReplayEvidence, SkipReason},
    member::Role,
    permission::Permission,
    policy::Effect,
    problem::{FailureKind, UnknownWord},
    report::ReportOutcome,
    retry::PlanVerdict,
    run::RunStatus,
    trigger::{MissedFires, TriggerKind},
};
use serde::{Serialize, de::DeserializeOwned};

fn check<T>(all: &[T])
where
    T: Copy
        + Display
        + FromStr<Err = UnknownWord>
        + Serialize
        + DeserializeOwned
        + PartialEq
        + std::fmt::Debug,
{
    for &value in all {
        let word = value.to_string();
        assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'.'), "{word}");
        assert_eq!(word.parse::<T>(), Ok(value));
        let json = serde_json::to_value(value).unwrap();
        assert_eq!(json, word.as_str());
        assert_eq!(serde_json::from_value::<T>(json).unwrap(), value);
        assert!(word.to_uppercase().parse::<T>().is_err());
    }
}

#[test]
fn every_word_is_the_same_in_text_and_in_json() {
    check(ApprovalKind::ALL);
    check(Effect::ALL);
    check(ApprovalStatus::ALL);
    check(OnExpiry::ALL);
    check(Verdict::ALL);
    check(AttemptEnd::ALL);
    check(Verb::ALL);
    check(OnItemFailure::ALL);
    check(ExportFormat::ALL);
    check(ListName::ALL);
    check(Order::ALL);
    check(TimeBasis::ALL);
    check(ItemState::ALL);
    check(Cause::ALL);
    check(Phase::ALL);
    check(Policy::ALL);
    check(Severity::ALL);
    check(ReportOutcome::ALL);
    check(ReplayEvidence::ALL);
    check(SkipReason::ALL);
    check(Role::ALL);
    check(Permission::ALL);
    check(FailureKind::ALL);
    check(PlanVerdict::ALL);
    check(RunStatus::ALL);
    check(MissedFires::ALL);
    check(TriggerKind::ALL);
}

#[test]
fn an_unknown_word_is_answered_with_the_known_ones() {
    let error = "done".parse::<RunStatus>().unwrap_err().to_string();
    assert_eq!(
        error,
        "'done' is no run status; expected one of: pending, running, completed, \
         completed-with-failures, cancelled, failed, killed"
    );
    let long = "x".repeat(10_000).parse::<Role>().unwrap_err().to_string();
    assert!(long.len() < 200);
}

#[test]
fn a_word_is_padded_like_any_text() {
    assert_eq!(format!("{:>8}|", Role::Owner), "   owner|");
}
