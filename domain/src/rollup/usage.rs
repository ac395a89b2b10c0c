//! What reported runs used of language models, added up by automation, phase and model.

use std::collections::BTreeMap;

use super::{DayCell, SpanCell};
use crate::{
    reported::{UsageLine, UsageSum},
    run::Run,
};

/// A model in a phase, as reported; empty where that was not said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelCell {
    pub cell: SpanCell,
    pub phase: String,
    pub provider: String,
    pub model: String,
}
/// What models were used for, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub calls: i64,
    pub input_tokens: i64,
    pub output_tokens: i64,
    /// As far as it is known, in thousand-millionths of a dollar.
    pub cost: i64,
    /// Calls of which it is not known what they cost.
    pub unpriced: i64,
}

impl Usage {
    fn of(sum: &UsageSum) -> Self {
        Self {
            calls: sum.calls,
            input_tokens: sum.input_tokens.known(),
            output_tokens: sum.output_tokens.known(),
            cost: sum.known_cost(),
            unpriced: sum.unpriced(),
        }
    }

    pub fn add(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.cost = self.cost.saturating_add(other.cost);
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
    }

    const fn negated(self) -> Self {
        Self {
            calls: -self.calls,
            input_tokens: -self.input_tokens,
            output_tokens: -self.output_tokens,
            cost: -self.cost,
            unpriced: -self.unpriced,
        }
    }
}

/// How the sums of usage change with a reported run and what it stated.
pub fn usage_changes(
    before: (&Run, &[UsageLine]),
    after: (&Run, &[UsageLine]),
) -> Vec<(ModelCell, Usage)> {
    let mut changes: BTreeMap<ModelCell, Usage> = BTreeMap::new();
    for ((run, lines), added) in [(before, false), (after, true)] {
        for line in lines {
            let usage = Usage::of(&line.sum);
            let usage = if added { usage } else { usage.negated() };
            for cell in SpanCell::of(DayCell::of(run)) {
                changes.entry(ModelCell::of(cell, line)).or_default().add(usage);
            }
        }
    }
    changes.retain(|_, change| *change != Usage::default());
    changes.into_iter().collect()
}

impl ModelCell {
    fn of(cell: SpanCell, line: &UsageLine) -> Self {
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        let (phase, provider, model) = (word(&line.phase), word(&line.provider), word(&line.model));
        Self { cell, phase, provider, model }
    }
}
