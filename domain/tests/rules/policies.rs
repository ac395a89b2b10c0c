//! What follows from the rule of a policy, and which approvals are worth something under it.

use domain::{
    approval::{Approval, ApprovalKind, ApprovalRule, ApprovalStatus, OnExpiry},
    id::{ApprovalId, ItemId, PolicyId, RunId, WorkspaceId},
    incident::{Cause, IncidentType},
    policy::{Consequence, Effect, Moment, Pin, Said, Terms, consequence, denied_by, is_satisfied},
    problem::Failure,
};
use proptest::prelude::*;
use serde_json::json;

use crate::build::{at, uuid};

fn terms(effect: Effect) -> Terms {
    Terms {
        key: "no-weekends".to_owned(),
        name: "No weekends".to_owned(),
        statement: "Nobody is there to look.".to_owned(),
        effect,
        approval: None,
        automations: Vec::new(),
        rule: "true".to_owned(),
    }
}

fn denial(effect: Effect, said: &Said, moment: Moment) -> (String, String) {
    match consequence(&terms(effect), 3, said, moment) {
        Consequence::Denied(failure) => (failure.code, failure.message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_denial_names_the_policy_its_version_and_why() {
    for (moment, code) in
        [(Moment::Match, "policy-denied"), (Moment::BeforeActing, "policy-denied-before-acting")]
    {
        let (found, message) = denial(Effect::Deny, &Said::Holds, moment);
        assert_eq!(found, code);
        let words = "The policy no-weekends, version 3, denies this: Nobody is there to look.";
        assert_eq!(message, words);
        assert_eq!(denied_by(&Failure::deterministic(&found, message)), Some("no-weekends"));
    }
}

#[test]
fn what_cannot_be_evaluated_is_denied_whatever_the_effect() {
    for &effect in Effect::ALL {
        for moment in [Moment::Match, Moment::BeforeActing] {
            let (code, message) =
                denial(effect, &Said::NotEvaluated("no field".to_owned()), moment);
            assert_eq!(code, "policy-does-not-evaluate");
            assert!(message.contains("no-weekends, version 3") && message.ends_with("no field"));
            assert_eq!(denied_by(&Failure::deterministic(&code, message)), Some("no-weekends"));
        }
    }
}

#[test]
fn a_rule_that_does_not_hold_has_nothing_against_it() {
    for &effect in Effect::ALL {
        let found = consequence(&terms(effect), 1, &Said::Nothing, Moment::Match);
        assert_eq!(found, Consequence::Free);
    }
}

#[test]
fn who_approves_is_what_the_policy_says_or_any_one_approver() {
    let asks = terms(Effect::RequireApproval);
    let found = consequence(&asks, 1, &Said::Holds, Moment::Match);
    assert_eq!(found, Consequence::Ask(ApprovalRule::default()));
    let two = ApprovalRule { quorum: 2, ..ApprovalRule::default() };
    let asks = Terms { approval: Some(two.clone()), ..asks };
    assert_eq!(consequence(&asks, 1, &Said::Holds, Moment::Match), Consequence::Ask(two));
}

#[test]
fn a_policy_is_about_every_automation_unless_some_are_named() {
    let all = terms(Effect::Deny);
    let some = Terms { automations: vec!["kyc".to_owned()], ..all.clone() };
    assert!(all.concerns("kyc") && all.concerns("aml"));
    assert!(some.concerns("kyc") && !some.concerns("aml"));
}

#[test]
fn every_code_of_a_denial_is_a_policy_denial() {
    for cause in [Cause::PolicyDenied, Cause::PolicyDeniedBeforeActing, Cause::PolicyNotEvaluated] {
        assert_eq!(cause.entry().kind, IncidentType::PolicyDenial, "{cause}");
    }
}

fn approval(status: ApprovalStatus, on_expiry: OnExpiry, policy: Option<Pin>) -> Approval {
    Approval {
        id: ApprovalId::new(uuid(1)),
        workspace: WorkspaceId::new(uuid(1)),
        run: RunId::new(uuid(1)),
        item: ItemId::new(uuid(1)),
        kind: ApprovalKind::Policy,
        status,
        question: "May it?".to_owned(),
        actioner: "findings.create".to_owned(),
        parameters: json!({}),
        action_digest: "a1".to_owned(),
        rule: ApprovalRule { on_expiry, ..ApprovalRule::default() },
        policy,
        requested_by: None,
        requested_at: at(0),
        expires_at: at(9),
        decided_at: None,
    }
}

fn pin(policy: usize, version: i64) -> Pin {
    Pin { policy: PolicyId::new(uuid(policy)), version, digest: format!("d{version}") }
}

proptest! {
    #[test]
    fn an_approval_counts_only_for_the_very_action_and_the_very_version_it_was_given_for(
        status in prop::sample::select(ApprovalStatus::ALL),
        on_expiry in prop::sample::select(OnExpiry::ALL),
        asked in (0..2_usize, 1..3_i64), given in prop::option::of((0..2_usize, 1..3_i64)),
        same_action: bool,
    ) {
        let approval = approval(status, on_expiry, given.map(|(policy, version)| pin(policy, version)));
        let action = if same_action { "a1" } else { "a2" };
        let went_well = status == ApprovalStatus::Approved
            || (status == ApprovalStatus::Expired && on_expiry == OnExpiry::Approve);
        let expected = went_well && same_action && given == Some(asked);
        prop_assert_eq!(is_satisfied(&approval, &pin(asked.0, asked.1), action), expected);
    }
}
