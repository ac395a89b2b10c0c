//! What becomes of an item whose worker did not come back.

use domain::{
    effect::ActionerClass::{self, Local, UnkeyedRemote},
    item::ItemState::{self, Leased, Started},
    lease::{CALL_TIMEOUT, LEASE, Rescue, SEND_MARGIN, may_send, rescue},
    problem::FailureKind,
};

use crate::build::{EVERY_CLASS, KEYED, at};

#[test]
fn an_interrupted_item_is_repeated_only_where_that_can_do_nothing_twice() {
    let cases = [
        (Local, Some(0), 1_000_000, "again"),
        (Local, None, 0, "again"),
        (KEYED, None, 1_000_000, "again"),
        (KEYED, Some(0), 59, "again"),
        (KEYED, Some(0), 60, "interrupted-outside-key-window"),
        (KEYED, Some(0), 1_000_000, "interrupted-outside-key-window"),
        (UnkeyedRemote, None, 0, "interrupted"),
        (UnkeyedRemote, Some(0), 1, "interrupted"),
    ];
    for (class, sent, now, expected) in cases {
        let found = match rescue(Started, class, sent.map(at), at(now)) {
            Rescue::Release => "released".to_owned(),
            Rescue::Requeue => "again".to_owned(),
            Rescue::GiveUp(failure) => {
                assert_eq!(failure.kind, FailureKind::Unknown);
                failure.code
            }
        };
        assert_eq!(found, expected, "{} sent {sent:?} at {now}", class.as_str());
    }
}

#[test]
fn an_item_that_had_not_started_is_just_given_back() {
    let others = ItemState::ALL.iter().filter(|&&state| state != Started);
    for &state in others {
        for class in EVERY_CLASS {
            for sent in [None, Some(at(0))] {
                assert_eq!(rescue(state, class, sent, at(1_000_000)), Rescue::Release, "{state}");
            }
        }
    }
}

#[test]
fn a_rescue_is_always_a_legal_move() {
    for state in [Leased, Started] {
        for class in EVERY_CLASS {
            for now in [0, 60] {
                let step = rescue(state, class, Some(at(0)), at(now)).step();
                assert!(state.after(step).is_ok(), "{state} {step:?}");
            }
        }
    }
}

#[test]
fn a_fresh_lease_leaves_time_for_a_whole_call_and_one_that_does_not_forbids_it() {
    assert!(LEASE > CALL_TIMEOUT + SEND_MARGIN);
    assert!(may_send(at(0) + LEASE, at(0)));
    assert!(may_send(at(26), at(0)));
    assert!(!may_send(at(25), at(0)));
    assert!(!may_send(at(0), at(1)));
}

#[test]
fn a_class_is_read_back_as_it_was_stored() {
    for class in EVERY_CLASS {
        let read = ActionerClass::from_stored(class.as_str(), class.window_seconds());
        assert_eq!(read.unwrap(), class);
    }
    let error = ActionerClass::from_stored("remote", 0).unwrap_err().to_string();
    assert!(error.starts_with("'remote' is no actioner class; expected one of: local"), "{error}");
}
