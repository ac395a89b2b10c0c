//! What is added up beside the counts: how long runs took, what they cost, and what reported runs used of
//! which model. Each is a function of a run as it stands, so that a change of it is the difference of two.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::started_order;
use crate::{
    budget::Spending,
    health::bucket,
    id::{AutomationId, WorkspaceId},
    reported::{UsageLine, UsageSum},
    run::Run,
};

/// The runs of an automation that started on a day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayCell {
    pub workspace: WorkspaceId,
    pub automation: AutomationId,
    pub day: NaiveDate,
}

impl DayCell {
    fn of(run: &Run) -> Self {
        let day = started_order(run).date_naive();
        Self { workspace: run.workspace, automation: run.automation, day }
    }
}

/// So many more runs took as long as the bucket says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LengthChange {
    pub cell: DayCell,
    pub bucket: i64,
    pub runs: i64,
}

/// So many more runs cost so much more, in thousand-millionths of a dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostChange {
    pub cell: DayCell,
    pub runs: i64,
    pub cost: i64,
}

/// A model in a phase, as reported; empty where that was not said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelCell {
    pub cell: DayCell,
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

/// In which cell an ended run is counted by how long it took.
fn length(run: &Run) -> Option<(DayCell, i64)> {
    let took = run.completed_at? - run.started_at?;
    run.status.is_terminal().then(|| (DayCell::of(run), bucket(took.num_milliseconds())))
}

/// What an ended run cost, where that is known.
fn cost(run: &Run) -> Option<(DayCell, i64)> {
    let cost = run.cost.map(Spending::total)?;
    run.status.is_terminal().then(|| (DayCell::of(run), cost.nanos()))
}

/// How the histogram of lengths changes with a run.
pub fn length_changes(before: Option<&Run>, after: &Run) -> Vec<LengthChange> {
    let (from, to) = (before.and_then(length), length(after));
    if from == to {
        return Vec::new();
    }
    let change = |runs| move |(cell, bucket)| LengthChange { cell, bucket, runs };
    let mut changes: Vec<_> = from.map(change(-1)).into_iter().chain(to.map(change(1))).collect();
    changes.sort_by_key(|change| (change.cell, change.bucket));
    changes
}

/// How the sums of cost change with a run.
pub fn cost_changes(before: Option<&Run>, after: &Run) -> Vec<CostChange> {
    let (from, to) = (before.and_then(cost), cost(after));
    match (from, to) {
        _ if from == to => Vec::new(),
        (Some((cell, before)), Some((same, after))) if cell == same => {
            vec![CostChange { cell, runs: 0, cost: after - before }]
        }
        _ => {
            let from = from.map(|(cell, cost)| CostChange { cell, runs: -1, cost: -cost });
            let to = to.map(|(cell, cost)| CostChange { cell, runs: 1, cost });
            let mut changes: Vec<_> = from.into_iter().chain(to).collect();
            changes.sort_by_key(|change| change.cell);
            changes
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
        let cell = DayCell::of(run);
        for line in lines {
            let word = |word: &Option<String>| word.clone().unwrap_or_default();
            let (phase, provider, model) =
                (word(&line.phase), word(&line.provider), word(&line.model));
            let usage = Usage::of(&line.sum);
            let usage = if added { usage } else { usage.negated() };
            changes.entry(ModelCell { cell, phase, provider, model }).or_default().add(usage);
        }
    }
    changes.retain(|_, change| *change != Usage::default());
    changes.into_iter().collect()
}
