//! What a retry plan says of an item, and what its digest stands for.

use domain::{
    effect::ActionerClass,
    id::ItemId,
    item::{Item, ItemState},
    problem::FailureKind,
    retry::{PlanVerdict, RetryPlan},
    run::{CancelRequest, Run, RunStatus},
};

use crate::build::{KEYED, at, failed, failure, in_state, run_of, uuid};

/// The key was first sent at 0 and is honoured for 60 seconds.
const INSIDE: i64 = 59;
const OUTSIDE: i64 = 60;

fn plan(items: &[Item], seconds: i64) -> RetryPlan {
    RetryPlan::new(&run_of(items), items, false, at(seconds))
}

fn sent(class: ActionerClass, kind: FailureKind) -> Item {
    Item { first_sent_at: Some(at(0)), ..failed(0, class, kind) }
}

fn verdict(item: Item, seconds: i64) -> PlanVerdict {
    plan(&[item], seconds).items[0].verdict
}

#[test]
fn a_verdict_follows_from_class_cause_and_window() {
    use ActionerClass::{Local, UnkeyedRemote};
    use FailureKind::{Deterministic, Transient, Unknown};
    use PlanVerdict::{Confirm, Pointless, Safe};
    let cases = [
        (Local, Transient, INSIDE, Safe),
        (Local, Transient, OUTSIDE, Safe),
        (Local, Unknown, INSIDE, Safe),
        (Local, Unknown, OUTSIDE, Safe),
        (Local, Deterministic, INSIDE, Pointless),
        (Local, Deterministic, OUTSIDE, Pointless),
        (KEYED, Transient, INSIDE, Safe),
        // The receiver may have acted before it answered with, say, a 500.
        (KEYED, Transient, OUTSIDE, Confirm),
        (KEYED, Unknown, INSIDE, Safe),
        (KEYED, Unknown, OUTSIDE, Confirm),
        (KEYED, Deterministic, INSIDE, Pointless),
        (KEYED, Deterministic, OUTSIDE, Pointless),
        (UnkeyedRemote, Transient, INSIDE, Safe),
        (UnkeyedRemote, Transient, OUTSIDE, Safe),
        (UnkeyedRemote, Unknown, INSIDE, Confirm),
        (UnkeyedRemote, Unknown, OUTSIDE, Confirm),
        (UnkeyedRemote, Deterministic, INSIDE, Pointless),
        (UnkeyedRemote, Deterministic, OUTSIDE, Pointless),
    ];
    for (class, kind, seconds, expected) in cases {
        let found = verdict(sent(class, kind), seconds);
        assert_eq!(found, expected, "{} {kind} after {seconds} s", class.as_str());
    }
}

#[test]
fn a_keyed_call_that_never_left_is_safe_whenever() {
    let item = failed(0, KEYED, FailureKind::Unknown);
    assert_eq!(verdict(item, 1_000_000), PlanVerdict::Safe);
}

#[test]
fn a_failure_without_a_cause_counts_as_unknown() {
    for (class, expected) in [
        (ActionerClass::Local, PlanVerdict::Safe),
        (KEYED, PlanVerdict::Safe),
        (ActionerClass::UnkeyedRemote, PlanVerdict::Confirm),
    ] {
        let item = Item { failure: None, ..sent(class, FailureKind::Unknown) };
        assert_eq!(verdict(item, INSIDE), expected, "{}", class.as_str());
    }
}

#[test]
fn only_failed_items_are_in_the_plan_and_the_rest_is_counted() {
    let items: Vec<Item> =
        ItemState::ALL.iter().enumerate().map(|(i, &state)| in_state(i, state)).collect();
    let plan = plan(&items, 0);
    assert_eq!(plan.items.len(), 1);
    assert_eq!(plan.items[0].state, ItemState::Failed);
    assert_eq!(plan.not_eligible, 7);
}

#[test]
fn nothing_is_offered_in_a_run_that_cannot_be_retried() {
    let items = [failed(0, ActionerClass::Local, FailureKind::Transient)];
    let offered = |change: &dyn Fn(&mut Run)| {
        let mut run = run_of(&items);
        change(&mut run);
        !RetryPlan::new(&run, &items, false, at(0)).items.is_empty()
    };
    assert!(offered(&|_| {}), "running");
    assert!(offered(&|run| run.status = RunStatus::CompletedWithFailures), "closed");
    assert!(!offered(&|run| run.matched = false), "matching");
    for status in
        [RunStatus::Pending, RunStatus::Completed, RunStatus::Cancelled, RunStatus::Failed]
    {
        assert!(!offered(&|run| run.status = status), "{status}");
    }
    let request = CancelRequest { at: at(0), by: None, reason: String::new() };
    assert!(!offered(&|run| run.cancel = Some(request.clone())), "being cancelled");
    assert!(!offered(&|run| run.failure = Some(failure(FailureKind::Unknown))), "failing");
}

#[test]
fn a_retry_takes_the_safe_items_and_of_the_others_those_acknowledged() {
    let items = [
        failed(0, ActionerClass::Local, FailureKind::Transient),
        failed(1, ActionerClass::UnkeyedRemote, FailureKind::Unknown),
        failed(2, ActionerClass::UnkeyedRemote, FailureKind::Unknown),
        failed(3, ActionerClass::Local, FailureKind::Deterministic),
    ];
    let plan = plan(&items, 0);
    let chosen = |acknowledged: &[ItemId]| {
        plan.chosen(acknowledged).map(|item| item.item).collect::<Vec<_>>()
    };
    let [safe, confirm, other, pointless] = [0, 1, 2, 3].map(|i| items[i].id);
    assert_eq!(chosen(&[]), [safe]);
    assert_eq!(chosen(&[confirm]), [safe, confirm]);
    assert_eq!(chosen(&[pointless, other]), [safe, other, pointless]);
    assert_eq!(chosen(&[safe, safe]), [safe]);
    assert_eq!(chosen(&[ItemId::new(uuid(9))]), [safe], "the id of another run");
    let counts = [PlanVerdict::Safe, PlanVerdict::Confirm, PlanVerdict::Pointless];
    assert_eq!(counts.map(|verdict| plan.count(verdict)), [1, 2, 1]);
}

fn two() -> [Item; 2] {
    let second =
        Item { position: 1, id: ItemId::new(uuid(101)), ..sent(KEYED, FailureKind::Unknown) };
    [sent(ActionerClass::UnkeyedRemote, FailureKind::Unknown), second]
}

#[test]
fn the_digest_changes_with_whatever_the_member_saw() {
    let before = plan(&two(), INSIDE).digest;
    let with = |change: &dyn Fn(&mut [Item; 2])| {
        let mut items = two();
        change(&mut items);
        plan(&items, INSIDE).digest
    };
    assert_ne!(before, plan(&two()[..1], INSIDE).digest, "an item less");
    assert_ne!(before, plan(&two(), OUTSIDE).digest, "the key window passed");
    assert_ne!(before, with(&|items| items[0].attempt += 1), "it was tried again");
    assert_ne!(before, with(&|items| items[0].state = ItemState::Queued), "it is under way");
    assert_ne!(before, with(&|items| items[1].class = ActionerClass::Local), "another reason");
    let kind = FailureKind::Deterministic;
    assert_ne!(before, with(&|items| items[0].failure = Some(failure(kind))), "another cause");
    assert_ne!(before, with(&|items| items[0].subject_key.push('0')), "another subject");

    let run = run_of(&two());
    let approval = RetryPlan::new(&run, &two(), true, at(INSIDE));
    assert_ne!(before, approval.digest, "an approval is needed now");
    let round = RetryPlan::new(&Run { round: 1, ..run.clone() }, &two(), false, at(INSIDE));
    assert_ne!(before, round.digest, "another round");
    let id = domain::id::RunId::new(uuid(2));
    let other = RetryPlan::new(&Run { id, ..run }, &two(), false, at(INSIDE));
    assert_ne!(before, other.digest, "another run");
}

#[test]
fn the_digest_stays_while_nothing_the_member_saw_changes() {
    let before = plan(&two(), 0).digest;
    assert_eq!(before, plan(&two(), INSIDE).digest, "time passes inside the window");
    let [first, second] = two();
    assert_eq!(before, plan(&[second, first], 0).digest, "fetched in another order");
    let mut items = two();
    items[0].not_before = at(99);
    items[0].tries = 7;
    assert_eq!(before, plan(&items, 0).digest, "what the plan does not show");
    let mut run = run_of(&two());
    run.status = RunStatus::CompletedWithFailures;
    assert_eq!(before, RetryPlan::new(&run, &two(), false, at(0)).digest, "the run closed");
}
