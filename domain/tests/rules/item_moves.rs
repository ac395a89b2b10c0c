//! The lifecycle of an item against a reference written down independently.

use domain::item::{ItemMove as M, ItemState as S};
use proptest::prelude::*;

/// Every legal move; what is not here is refused.
const LEGAL: &[(S, M, S)] = &[
    (S::Queued, M::Lease, S::Leased),
    (S::Queued, M::Skip, S::Skipped),
    (S::Queued, M::AwaitApproval, S::AwaitingApproval),
    (S::Queued, M::Fail, S::Failed),
    (S::Leased, M::Release, S::Queued),
    (S::Leased, M::Start, S::Started),
    (S::Leased, M::AwaitApproval, S::AwaitingApproval),
    (S::Leased, M::Fail, S::Failed),
    (S::Leased, M::Skip, S::Skipped),
    (S::Started, M::AwaitApproval, S::AwaitingApproval),
    (S::Started, M::Succeed, S::Succeeded),
    (S::Started, M::Fail, S::Failed),
    (S::Started, M::Replay, S::IdempotentReplay),
    (S::Started, M::Skip, S::Skipped),
    (S::Started, M::Requeue, S::Queued),
    (S::AwaitingApproval, M::Approve, S::Queued),
    (S::AwaitingApproval, M::Skip, S::Skipped),
    (S::Failed, M::Retry, S::Queued),
    (S::Failed, M::RetryWithApproval, S::AwaitingApproval),
];

const MOVES: [M; 12] = [
    M::Lease,
    M::Release,
    M::Start,
    M::AwaitApproval,
    M::Succeed,
    M::Fail,
    M::Replay,
    M::Skip,
    M::Requeue,
    M::Approve,
    M::Retry,
    M::RetryWithApproval,
];

fn reference(from: S, step: M) -> Option<S> {
    LEGAL.iter().find(|(state, legal, _)| (*state, *legal) == (from, step)).map(|(.., to)| *to)
}

#[test]
fn every_state_allows_exactly_the_moves_of_the_reference() {
    for &from in S::ALL {
        for step in MOVES {
            assert_eq!(from.after(step).ok(), reference(from, step), "{from} {step:?}");
        }
    }
}

#[test]
fn a_refused_move_says_what_is_and_what_cannot_be() {
    let error = S::Succeeded.after(M::Retry).unwrap_err();
    assert_eq!(error.to_string(), "a run item that is succeeded cannot be retried");
}

#[test]
fn done_is_done() {
    for state in [S::Succeeded, S::Skipped, S::IdempotentReplay] {
        assert!(MOVES.iter().all(|&step| state.after(step).is_err()), "{state}");
    }
}

#[test]
fn only_a_failed_item_can_be_retried() {
    for &state in S::ALL {
        for step in [M::Retry, M::RetryWithApproval] {
            assert_eq!(state.after(step).is_ok(), state == S::Failed, "{state}");
        }
    }
}

#[test]
fn five_states_are_outcomes_and_four_of_them_are_final() {
    let outcomes: Vec<_> = S::ALL.iter().filter(|state| state.is_outcome()).collect();
    let finals: Vec<_> = S::ALL.iter().filter(|state| state.is_final()).collect();
    assert_eq!(outcomes.len(), 5);
    assert_eq!(finals, [&S::Succeeded, &S::Failed, &S::Skipped, &S::IdempotentReplay]);
}

/// What can be told from the moves alone, without knowing the state.
#[derive(Default)]
struct Story {
    /// Leased since it was last queued.
    held: bool,
    /// Started since it was last queued.
    begun: bool,
    /// Final, and not retried since.
    ended: bool,
}

impl Story {
    fn tell(&mut self, step: M) {
        assert!(
            !self.ended || matches!(step, M::Retry | M::RetryWithApproval),
            "{step:?} after the end"
        );
        match step {
            M::Lease => self.held = true,
            M::Start => {
                assert!(self.held, "started without a lease");
                self.begun = true;
            }
            M::Succeed | M::Replay => {
                assert!(self.begun, "{step:?} without a start");
                self.ended = true;
            }
            // What a policy denies fails without a lease.
            M::Fail | M::Skip => self.ended = true,
            M::Requeue => {
                assert!(self.begun, "repeated without a start");
                *self = Self::default();
            }
            M::Release => {
                assert!(!self.begun, "given back after the start");
                *self = Self::default();
            }
            M::AwaitApproval | M::Approve | M::Retry | M::RetryWithApproval => {
                *self = Self::default();
            }
        }
    }
}

proptest! {
    #[test]
    fn no_sequence_of_moves_reaches_an_illegal_state(
        steps in prop::collection::vec(prop::sample::select(MOVES.to_vec()), 0..200)
    ) {
        let (mut state, mut story) = (S::Queued, Story::default());
        for step in steps {
            let expected = reference(state, step);
            prop_assert_eq!(state.after(step).ok(), expected);
            if let Some(next) = expected {
                story.tell(step);
                state = next;
                prop_assert_eq!(state.is_final(), story.ended);
            }
        }
    }
}
