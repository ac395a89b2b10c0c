//! What a member is told after cancelling.

use domain::{
    cancel::CancelReceipt,
    effect::ActionerClass,
    id::RunId,
    item::{Item, ItemState},
    problem::FailureKind,
};
use proptest::prelude::*;

use crate::build::{at, failed, in_state, uuid};

fn receipt(items: &[Item]) -> [i64; 4] {
    let receipt = CancelReceipt::new(RunId::new(uuid(1)), at(0), "Wrong list.", items);
    [receipt.finished, receipt.skipped, receipt.in_flight, receipt.unknown]
}

#[test]
fn every_state_has_its_place_on_the_receipt() {
    let (finished, skipped, in_flight) = ([1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]);
    let cases = [
        (ItemState::Queued, skipped),
        (ItemState::Leased, skipped),
        (ItemState::AwaitingApproval, skipped),
        (ItemState::Started, in_flight),
        (ItemState::Succeeded, finished),
        (ItemState::Failed, finished),
        (ItemState::Skipped, finished),
        (ItemState::IdempotentReplay, finished),
    ];
    assert_eq!(cases.len(), ItemState::ALL.len());
    for (state, expected) in cases {
        assert_eq!(receipt(&[in_state(0, state)]), expected, "{state}");
    }
}

#[test]
fn a_failure_of_which_nobody_knows_is_unknown_and_not_finished() {
    for (kind, expected) in [
        (FailureKind::Transient, [1, 0, 0, 0]),
        (FailureKind::Deterministic, [1, 0, 0, 0]),
        (FailureKind::Unknown, [0, 0, 0, 1]),
    ] {
        assert_eq!(receipt(&[failed(0, ActionerClass::Local, kind)]), expected, "{kind}");
    }
}

#[test]
fn an_item_that_waits_for_its_next_try_is_skipped_whatever_it_failed_with_before() {
    let waiting =
        Item { state: ItemState::Queued, ..failed(0, ActionerClass::Local, FailureKind::Unknown) };
    assert_eq!(receipt(&[waiting]), [0, 1, 0, 0]);
}

proptest! {
    #[test]
    fn every_item_is_on_the_receipt_once(
        states in prop::collection::vec(prop::sample::select(ItemState::ALL), 0..50)
    ) {
        let items: Vec<_> = states.iter().enumerate().map(|(i, &s)| in_state(i, s)).collect();
        prop_assert_eq!(receipt(&items).iter().sum::<i64>(), items.len() as i64);
    }
}
