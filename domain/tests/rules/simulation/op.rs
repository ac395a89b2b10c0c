//! What can happen to a run, from outside and from inside.

use domain::{decide::Answer, item::ReplayEvidence, problem::FailureKind};
use proptest::prelude::*;

use crate::build::failure;

/// Something that happens to a run. Places are counted round: 7 of 3 is 1.
#[derive(Debug, Clone)]
pub struct Op {
    pub run: usize,
    pub what: What,
}

#[derive(Debug, Clone)]
pub enum What {
    /// Seconds pass: a few, or days.
    Wait(i64),
    Start,
    Match(usize),
    FinishMatching,
    /// Every item that may be claimed is.
    LeaseAll,
    Release(usize),
    /// A policy denies an item that has not begun.
    Deny(usize),
    /// A policy has an item approved that has not begun.
    HoldBack(usize),
    /// Every leased item but those at the odd places begins, or all.
    Begin {
        all: bool,
    },
    /// One started item is answered, or all are alike.
    Reply(Option<usize>, Reply),
    /// All of the above in their order; without a reply the calls stay under way.
    Work(Option<Reply>),
    Rescue(usize),
    Decide(usize, bool),
    Retry {
        needs_approval: bool,
        acknowledge: bool,
    },
    Cancel,
    Kill,
    Fail,
    Close,
}

#[derive(Debug, Clone, Copy)]
pub enum Reply {
    Done,
    Replayed,
    NothingToDo,
    Asks,
    Fails(FailureKind),
}

impl Reply {
    pub fn answer(self) -> Answer<()> {
        match self {
            Self::Done => Answer::Done { record: None },
            Self::Replayed => {
                Answer::Replayed { record: None, evidence: ReplayEvidence::LocalEffectRow }
            }
            Self::NothingToDo => Answer::NothingToDo { record: None },
            Self::Asks => Answer::NeedsApproval { question: "May it?".to_owned() },
            Self::Fails(kind) => Answer::Failed(failure(kind)),
        }
    }
}

pub fn any() -> impl Strategy<Value = Op> {
    (0..3_usize, what()).prop_map(|(run, what)| Op { run, what })
}

fn what() -> impl Strategy<Value = What> {
    let index = || 0..6_usize;
    prop_oneof![
        10 => prop_oneof![0_i64..90, 0_i64..200_000].prop_map(What::Wait),
        40 => Just(What::Start),
        80 => (1_usize..4).prop_map(What::Match),
        10 => Just(What::FinishMatching),
        40 => Just(What::LeaseAll),
        4 => index().prop_map(What::Release),
        6 => index().prop_map(What::Deny),
        6 => index().prop_map(What::HoldBack),
        50 => prop::bool::ANY.prop_map(|all| What::Begin { all }),
        100 => (proptest::option::weighted(0.4, index()), reply()).prop_map(|(item, reply)| What::Reply(item, reply)),
        80 => proptest::option::of(reply()).prop_map(What::Work),
        8 => index().prop_map(What::Rescue),
        30 => (index(), prop::bool::weighted(0.7)).prop_map(|(item, yes)| What::Decide(item, yes)),
        60 => (prop::bool::ANY, prop::bool::weighted(0.8))
            .prop_map(|(needs_approval, acknowledge)| What::Retry { needs_approval, acknowledge }),
        10 => Just(What::Cancel),
        10 => Just(What::Kill),
        10 => Just(What::Fail),
        2 => Just(What::Close),
    ]
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        3 => Just(Reply::Done),
        1 => Just(Reply::Replayed),
        1 => Just(Reply::NothingToDo),
        2 => Just(Reply::Asks),
        12 => prop::sample::select(FailureKind::ALL).prop_map(Reply::Fails),
    ]
}
