//! Reported runs: what automations, agents and pipelines that Assize does not execute tell of themselves.
//!
//! Whoever reports makes numbered [`Statement`]s. What is stored of a run is a function of the *set* of
//! its statements: they may come twice, late and in any order ([`State::take`]). The head of the run is
//! written from that state ([`State::show`]), and so is its [`crate::metrics`] document. A claim is never
//! an execution: such a run has the trigger kind `reported`, and nothing about it can be retried,
//! cancelled or killed here.

mod genai;
mod lineage;
mod seen;
mod state;
mod statement;
mod sum;

pub use self::{
    lineage::{LineageEvent, LineageFault},
    seen::Seen,
    state::{Blown, KEPT_FIRST, KEPT_LAST, State, TooMuch, UsageLine},
    statement::{Fact, Outcome, Statement, StepStatus, Usage},
    sum::{Sum, UsageSum},
};

use crate::{
    automation::{Action, Approvals, Definition, OnItemFailure, RetryPolicy, Subjects},
    trigger::{Trigger, TriggerKind},
    words,
};

words! {
    /// Whether Assize carried a run out, or was told about it.
    RunKind {
        Executed = "executed",
        Reported = "reported",
    }
}

/// The kind of record, and the name of the action, of what takes place elsewhere.
pub const ELSEWHERE: &str = "reported";

/// The definition under which the runs of an automation stand that is only reported about: it says that
/// nothing is carried out here.
pub fn definition(key: &str, name: &str) -> Definition {
    Definition {
        key: key.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        trigger: Trigger {
            kind: TriggerKind::Reported,
            schedule: None,
            event_type: None,
            source: None,
        },
        subjects: Subjects::Event { kind: ELSEWHERE.to_owned() },
        condition: None,
        action: Action { actioner: ELSEWHERE.to_owned(), with: serde_json::json!({}) },
        approval: Approvals::default(),
        retry: RetryPolicy { max_attempts: 1, ..RetryPolicy::default() },
        budget: None,
        on_item_failure: OnItemFailure::Close,
    }
}
