//! From an actioner's answer to the move to store.

use crate::{
    Timestamp,
    automation::RetryPolicy,
    effect::ActionerClass,
    item::{ItemMove, ReplayEvidence, SkipReason},
    problem::Failure,
    time,
};

/// What an actioner answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer<R> {
    /// Done, with the record that resulted, if there is one.
    Done {
        record: Option<R>,
    },
    /// It had been done before under the same key; nothing happened now.
    Replayed {
        record: Option<R>,
        evidence: ReplayEvidence,
    },
    /// It looked and there is nothing to do.
    NothingToDo {
        record: Option<R>,
    },
    /// It looked and a person must decide.
    NeedsApproval {
        question: String,
    },
    Failed(Failure),
}

/// What is stored about an item after an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Succeeded,
    Replayed(ReplayEvidence),
    Skipped(SkipReason),
    AwaitingApproval {
        question: String,
    },
    /// Tried again at this instant, without being asked.
    TryAgain {
        failure: Failure,
        not_before: Timestamp,
    },
    Failed(Failure),
}

impl Outcome {
    pub fn step(&self) -> ItemMove {
        match self {
            Self::Succeeded => ItemMove::Succeed,
            Self::Replayed(_) => ItemMove::Replay,
            Self::Skipped(_) => ItemMove::Skip,
            Self::AwaitingApproval { .. } => ItemMove::AwaitApproval,
            Self::TryAgain { .. } => ItemMove::Requeue,
            Self::Failed(_) => ItemMove::Fail,
        }
    }
}

/// What an answer is weighed by.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    pub policy: RetryPolicy,
    /// This round's tries, including this one.
    pub tries: i64,
    /// A question that was approved is not asked again: an actioner that still asks has failed.
    pub approved: bool,
    /// In a run that is being stopped nothing is tried again by itself, and nobody is asked: this is
    /// why.
    pub stopping: Option<SkipReason>,
    pub class: ActionerClass,
    /// When bytes carrying the effect key may first have left.
    pub first_sent_at: Option<Timestamp>,
    pub now: Timestamp,
    /// In `0.0..1.0`.
    pub jitter: f64,
}

/// Decides what an answer leads to.
pub fn after_answer<R>(answer: &Answer<R>, given: &Circumstances) -> Outcome {
    match answer {
        Answer::Done { .. } => Outcome::Succeeded,
        Answer::Replayed { evidence, .. } => Outcome::Replayed(*evidence),
        Answer::NothingToDo { .. } => Outcome::Skipped(SkipReason::AlreadyExists),
        Answer::NeedsApproval { .. } if given.approved => Outcome::Failed(Failure::deterministic(
            "asked-again-after-approval",
            "The actioner asked for an approval that had been given.",
        )),
        // In a run that is being stopped no decision could lead to it any more.
        Answer::NeedsApproval { question } => match given.stopping {
            Some(reason) => Outcome::Skipped(reason),
            None => Outcome::AwaitingApproval { question: question.clone() },
        },
        Answer::Failed(failure) => match given.next_try(failure) {
            Some(not_before) => Outcome::TryAgain { failure: failure.clone(), not_before },
            None => Outcome::Failed(failure.clone()),
        },
    }
}

impl Circumstances {
    /// When to try again without being asked: only where that can do nothing twice.
    fn next_try(&self, failure: &Failure) -> Option<Timestamp> {
        let at = time::later(self.now, self.policy.pause(self.tries, self.jitter));
        let again = self.stopping.is_none()
            && self.policy.retries(failure, self.tries)
            && self.class.repeatable(failure.kind, self.first_sent_at, at);
        again.then_some(at)
    }
}
