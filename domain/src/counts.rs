//! The counts stored on a run, and the one way to change them.

use serde::{Deserialize, Serialize};

use crate::item::ItemState;

/// How many items of a run are where. Stored, so that no list ever counts items.
///
/// Also used as a difference: then every field may be negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Items, one for each subject that was matched.
    pub subjects_matched: i64,
    /// Items whose actioner was called at least once.
    pub actions_invoked: i64,
    /// Items without an outcome: queued, leased or started.
    pub open: i64,
    pub succeeded: i64,
    pub failed: i64,
    pub skipped: i64,
    pub awaiting_approval: i64,
    pub idempotent_replay: i64,
}

impl Counts {
    /// So many new items, queued.
    pub fn matched(items: i64) -> Self {
        Self { subjects_matched: items, open: items, ..Self::default() }
    }

    /// One item went from `from` to `to`.
    pub fn moved(from: ItemState, to: ItemState) -> Self {
        let mut delta = Self::default();
        *delta.place(from) -= 1;
        *delta.place(to) += 1;
        delta
    }

    /// The actioner of one item was called for the first time.
    pub fn invoked() -> Self {
        Self { actions_invoked: 1, ..Self::default() }
    }

    fn place(&mut self, state: ItemState) -> &mut i64 {
        match state {
            ItemState::Queued | ItemState::Leased | ItemState::Started => &mut self.open,
            ItemState::Succeeded => &mut self.succeeded,
            ItemState::Failed => &mut self.failed,
            ItemState::Skipped => &mut self.skipped,
            ItemState::AwaitingApproval => &mut self.awaiting_approval,
            ItemState::IdempotentReplay => &mut self.idempotent_replay,
        }
    }

    /// What a recount of all items gives; for checks, never for lists.
    pub fn recount<'a>(items: impl IntoIterator<Item = &'a crate::item::Item>) -> Self {
        items.into_iter().fold(Self::default(), |mut counts, item| {
            counts.subjects_matched += 1;
            counts.actions_invoked += i64::from(item.invoked);
            *counts.place(item.state) += 1;
            counts
        })
    }

    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// True when no item can move by itself any more.
    pub fn settled(&self) -> bool {
        self.open == 0 && self.awaiting_approval == 0
    }

    /// Every count with the word pages and programs use for it.
    pub fn outcomes(&self) -> [(&'static str, i64); 5] {
        [
            ("succeeded", self.succeeded),
            ("failed", self.failed),
            ("skipped", self.skipped),
            ("awaiting-approval", self.awaiting_approval),
            ("idempotent-replay", self.idempotent_replay),
        ]
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.subjects_matched += other.subjects_matched;
        self.actions_invoked += other.actions_invoked;
        self.open += other.open;
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.awaiting_approval += other.awaiting_approval;
        self.idempotent_replay += other.idempotent_replay;
    }
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl std::ops::Neg for Counts {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            subjects_matched: -self.subjects_matched,
            actions_invoked: -self.actions_invoked,
            open: -self.open,
            succeeded: -self.succeeded,
            failed: -self.failed,
            skipped: -self.skipped,
            awaiting_approval: -self.awaiting_approval,
            idempotent_replay: -self.idempotent_replay,
        }
    }
}
