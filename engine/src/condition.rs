//! Conditions and rules: CEL expressions, behind limits. Conditions are over `subject`, `event` and `now`;
//! the rules of policies see the `automation` and its `action`, too (module `rule`).
//!
//! The only place that knows the CEL library. Three walls stand around it:
//!
//! 1. **Text.** At most 4 KiB, read by the hand-written parser (the generated one needs gigabytes
//!    for 125 hostile bytes), at most 64 levels deep.
//! 2. **Names.** Only the variables above, and the locals of macros; only known functions;
//!    macros at most two deep; patterns of `matches` written out and small.
//! 3. **Work.** An upper bound on steps and memory is worked out from the expression and the real
//!    size of its input before anything is evaluated (module `estimate`); past the budget it is
//!    refused. Evaluation therefore needs no time-out.
//!
//! # Time
//!
//! Text in JSON stays text: `timestamp(subject.due) < now` compares instants, and
//! `date(subject.opened)` reads a plain date (`2026-07-01`) as its midnight in UTC. `days(30)` is a
//! duration, `day(now)` the date of an instant as text.

mod check;
mod convert;
mod error;
mod estimate;
mod expression;
mod functions;
#[cfg(test)]
mod hostile_tests;
mod rule;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde_json::Value;

pub use self::{
    error::{ConditionCode, ConditionError, Place},
    expression::Expression,
    rule::{Rule, RuleScope},
};

/// The variables an expression may name besides `now`.
type Names = &'static [&'static str];

/// What conditions and templates see.
const CONDITIONS: Names = &["subject", "event"];

/// What an expression may see.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Attributes of the record the action is about.
    pub subject: &'a Value,
    /// The trigger event.
    pub event: &'a Value,
    pub now: DateTime<Utc>,
}

impl<'a> Scope<'a> {
    /// In the order of [`CONDITIONS`].
    fn values(&self) -> [&'a Value; 2] {
        [self.subject, self.event]
    }
}

/// An expression that answers yes or no. Cheap to share: compile once, ask from any thread.
#[derive(Debug, Clone)]
pub struct Condition(Expression);

impl Condition {
    /// # Errors
    /// `condition-does-not-parse`, `condition-unknown-variable`, `condition-unknown-function` or
    /// `condition-too-large`.
    pub fn compile(source: &str) -> Result<Self, ConditionError> {
        Expression::compile(source).map(Self)
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        self.0.source()
    }

    /// # Errors
    /// `condition-does-not-evaluate`, `condition-not-boolean`, or `condition-too-large` when this
    /// input would take too many steps.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, ConditionError> {
        self.0.truth(&scope.values(), scope.now)
    }
}
