//! Which runs are due: against a definition that counts them one by one.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    id::AutomationId,
    retention::{Effective, End, Policies, Policy, PolicyVersion, Rule, Term, Terms, ended_badly},
    run::RunStatus,
};
use proptest::prelude::*;
use uuid::Uuid;

fn day(n: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::days(n)
}

fn end(n: i64) -> End {
    (day(n), Uuid::from_u128(1))
}

/// The ends that are due, told run by run: too old, or with enough newer ones.
fn due_by_count(term: Term, now: Timestamp, ends: &[End]) -> Vec<End> {
    let is_due = |one: &End| {
        let newer = ends.iter().filter(|other| *other > one).count();
        let old = term.days.is_some_and(|days| one.0 < now - TimeDelta::days(days.into()));
        old || term.runs.is_some_and(|runs| newer >= runs as usize)
    };
    ends.iter().copied().filter(is_due).collect()
}

/// The same by the edge, as the sweep asks the database.
fn due_by_edge(term: Term, now: Timestamp, ends: &[End]) -> Vec<End> {
    let mut newest = ends.to_vec();
    newest.sort_unstable_by(|one, other| other.cmp(one));
    let last = term.runs.and_then(|runs| newest.get(runs as usize - 1).copied());
    let edge = term.edge(now, last);
    let due = |one: &End| edge.place().is_some_and(|place| *one < place);
    let due: Vec<_> = ends.iter().copied().filter(due).collect();
    for one in ends {
        assert_eq!(edge.rule(*one).is_some(), due.contains(one), "{one:?}");
    }
    due
}

proptest! {
    #[test]
    fn the_edge_finds_exactly_the_runs_that_are_due(
        ends in prop::collection::btree_set((0_i64..90, 0_u128..5), 0..40),
        days in prop::option::of(1_u32..100),
        runs in prop::option::of(1_u32..45),
        now in 0_i64..120,
    ) {
        let ends: Vec<End> =
            ends.into_iter().map(|(n, id)| (day(n), Uuid::from_u128(id))).collect();
        let term = Term { days, runs };
        prop_assert_eq!(
            due_by_edge(term, day(now), &ends),
            due_by_count(term, day(now), &ends)
        );
    }
}

#[test]
fn whichever_limit_comes_first_ends_the_time_of_a_run() {
    let term = Term { days: Some(30), runs: Some(100) };
    for (ended, last, rule) in [
        (50, None, None),
        (9, None, Some(Rule::Days(30))),
        (10, None, None),
        (50, Some(60), Some(Rule::Runs(100))),
        (60, Some(60), None),
        // Both: the age is told.
        (5, Some(60), Some(Rule::Days(30))),
    ] {
        let edge = term.edge(day(40), last.map(end));
        let place = (day(ended), Uuid::from_u128(1));
        assert_eq!(edge.rule(place), rule, "{ended} {last:?}");
    }
    assert_eq!(Term::default().edge(day(40), None).place(), None);
}

#[test]
fn failed_runs_have_a_longer_term_where_one_is_set() {
    let terms = Terms { detail: Term::days(30), failed: None };
    assert_eq!(terms.groups().len(), 1);
    let longer = Terms { failed: Some(Term::days(90)), ..terms };
    for &status in RunStatus::ALL.iter().filter(|status| status.is_terminal()) {
        let days = if ended_badly(status) { 90 } else { 30 };
        assert_eq!(longer.of(status).days, Some(days), "{status}");
        assert_eq!(terms.of(status).days, Some(30), "{status}");
        let of: Vec<_> = longer.groups().into_iter().filter(|g| g.1.contains(&status)).collect();
        assert_eq!(of.len(), 1, "{status}");
        assert_eq!(of[0].0.days, Some(days), "{status}");
    }
    let policy = Policy { executed: longer, ..Policy::default() };
    let groups: Vec<_> = policy.groups().map(|(reported, term, _)| (reported, term.days)).collect();
    assert_eq!(groups, [(false, Some(30)), (false, Some(90)), (true, Some(30))]);
    assert!(longer.groups().iter().all(|(_, of)| of.iter().all(|status| status.is_terminal())));
}

#[test]
fn a_policy_that_contradicts_itself_is_refused() {
    let fine = Policy::default();
    assert_eq!(fine.faults(), []);
    let executed = |terms| Policy { executed: terms, ..fine };
    let failed = |failed| Terms { failed: Some(failed), ..fine.executed };
    for (policy, field) in [
        (executed(Terms { detail: Term::days(0), ..fine.executed }), "executed"),
        (executed(Terms { detail: Term::days(36_501), ..fine.executed }), "executed"),
        (executed(failed(Term::days(399))), "executed_failed"),
        (executed(failed(Term { days: Some(500), runs: Some(1) })), "executed_failed"),
        (Policy { reported_stub_days: Some(29), ..fine }, "reported_stubs"),
    ] {
        let faults = policy.faults();
        assert_eq!(faults.iter().map(|fault| fault.field).collect::<Vec<_>>(), [field]);
    }
    for policy in [
        executed(failed(Term::days(400))),
        executed(failed(Term::default())),
        Policy { reported_stub_days: Some(30), ..fine },
        executed(Terms { detail: Term::default(), ..fine.executed }),
    ] {
        assert_eq!(policy.faults(), []);
    }
}

#[test]
fn the_last_version_holds_until_it_is_taken_back() {
    let (one, other) = (AutomationId::new(Uuid::nil()), AutomationId::new(Uuid::max()));
    let policy = |days| Policy {
        executed: Terms { detail: Term::days(days), failed: None },
        ..Policy::default()
    };
    let version = |number, automation, policy| PolicyVersion {
        number,
        automation,
        policy,
        set_by: None,
        set_at: day(0),
    };
    let mut versions = Vec::new();
    let mut holds = |version: Option<PolicyVersion>| {
        versions.extend(version);
        let now = Policies::of(&versions);
        let days = |of: Effective| (of.number, of.policy.executed.detail.days.unwrap());
        (days(now.for_automation(one)), days(now.for_automation(other)))
    };
    assert_eq!(holds(None), ((0, 400), (0, 400)));
    assert_eq!(holds(Some(version(1, None, Some(policy(50))))), ((1, 50), (1, 50)));
    assert_eq!(holds(Some(version(2, Some(one), Some(policy(9))))), ((2, 9), (1, 50)));
    assert_eq!(holds(Some(version(3, None, None))), ((2, 9), (0, 400)));
    assert_eq!(holds(Some(version(4, Some(one), None))), ((0, 400), (0, 400)));
}

#[test]
fn what_was_pruned_says_under_which_policy() {
    let policy = Policy::default();
    let words = |number, rule| Effective { number, policy }.words(rule);
    assert_eq!(words(0, Rule::Days(400)), "the default: 400 days");
    assert_eq!(words(3, Rule::Runs(100)), "policy 3: the last 100 runs");
    assert_eq!(
        policy.reported.detail.to_string(),
        "30 days or the last 100 runs, whichever comes first"
    );
    assert_eq!(Term::default().to_string(), "for ever");
}
