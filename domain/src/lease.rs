//! How long a worker may hold an item, and what happens when it does not come back.

use chrono::Duration;

use crate::{
    Timestamp,
    effect::ActionerClass,
    item::{ItemMove, ItemState},
    problem::Failure,
};

/// How long a claimed item is held before others may take it.
pub const LEASE: Duration = Duration::seconds(30);

/// A remote call must end within this time.
pub const CALL_TIMEOUT: Duration = Duration::seconds(20);

/// What is left of a lease must exceed [`CALL_TIMEOUT`] by this much before anything is sent.
pub const SEND_MARGIN: Duration = Duration::seconds(5);

/// Whether a lease still leaves time for a whole remote call.
pub fn may_send(lease_until: Timestamp, now: Timestamp) -> bool {
    lease_until - now > CALL_TIMEOUT + SEND_MARGIN
}

/// What becomes of an item whose lease ended without an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rescue {
    /// It never started: nothing happened.
    Release,
    /// It may have happened, and repeating is harmless: same key, same bytes.
    Requeue,
    /// It may have happened, and repeating could do it twice.
    GiveUp(Failure),
}

impl Rescue {
    pub fn step(&self) -> ItemMove {
        match self {
            Self::Release => ItemMove::Release,
            Self::Requeue => ItemMove::Requeue,
            Self::GiveUp(_) => ItemMove::Fail,
        }
    }
}

/// Decides what becomes of an item in `state` whose lease has ended.
///
/// A keyed remote call is repeated only inside the window in which the receiver honours the key.
pub fn rescue(
    state: ItemState,
    class: ActionerClass,
    first_sent_at: Option<Timestamp>,
    now: Timestamp,
) -> Rescue {
    match (state, class) {
        (ItemState::Started, ActionerClass::Local) => Rescue::Requeue,
        (ItemState::Started, ActionerClass::KeyedRemote { .. })
            if class.key_honoured(first_sent_at, now) =>
        {
            Rescue::Requeue
        }
        (ItemState::Started, ActionerClass::KeyedRemote { .. }) => {
            Rescue::GiveUp(Failure::unknown(
                "interrupted-outside-key-window",
                "The attempt was interrupted and the receiver no longer honours the key, so \
                 whether the action happened is not known.",
            ))
        }
        (ItemState::Started, ActionerClass::UnkeyedRemote) => Rescue::GiveUp(Failure::unknown(
            "interrupted",
            "The attempt was interrupted after it may have reached the receiver, which does not \
             honour a key, so whether the action happened is not known.",
        )),
        _ => Rescue::Release,
    }
}
