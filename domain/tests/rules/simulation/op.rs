//! What can happen to a run, from outside and from inside.

use domain::{decide::Answer, item::ReplayEvidence, problem::FailureKind};
use proptest::{prelude::*, sample::Index};

use crate::build::failure;

/// Something that happens to the run at this place.
#[derive(Debug, Clone)]
pub struct Op {
    pub run: Index,
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
    Release(Index),
    Begin(Index),
    Reply(Index, Reply),
    Rescue(Index),
    Decide(Index, bool),
    Retry { needs_approval: bool, acknowledge: bool },
    Cancel,
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
    (prop::arbitrary::any::<Index>(), what()).prop_map(|(run, what)| Op { run, what })
}

fn what() -> impl Strategy<Value = What> {
    let index = prop::arbitrary::any::<Index>;
    prop_oneof![
        2 => prop_oneof![0_i64..90, 0_i64..200_000].prop_map(What::Wait),
        3 => Just(What::Start),
        4 => (1_usize..5).prop_map(What::Match),
        3 => Just(What::FinishMatching),
        8 => Just(What::LeaseAll),
        1 => index().prop_map(What::Release),
        10 => index().prop_map(What::Begin),
        14 => (index(), reply()).prop_map(|(item, reply)| What::Reply(item, reply)),
        1 => index().prop_map(What::Rescue),
        4 => (index(), prop::bool::weighted(0.7)).prop_map(|(item, yes)| What::Decide(item, yes)),
        4 => prop::arbitrary::any::<(bool, bool)>()
            .prop_map(|(needs_approval, acknowledge)| What::Retry { needs_approval, acknowledge }),
        1 => Just(What::Cancel),
        1 => Just(What::Fail),
        1 => Just(What::Close),
    ]
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        3 => Just(Reply::Done),
        1 => Just(Reply::Replayed),
        1 => Just(Reply::NothingToDo),
        2 => Just(Reply::Asks),
        5 => prop::sample::select(FailureKind::ALL).prop_map(Reply::Fails),
    ]
}
