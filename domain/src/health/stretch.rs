//! What happened in some days: the figures that charts show and bands are made of.

use std::collections::BTreeMap;

use super::Lengths;
use crate::{money::Usd, period::Period, rollup::Figure, run::RunStatus};

/// The runs that started in some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub days: Period,
    /// How many runs there are with each status; those without any may be left out.
    pub outcomes: BTreeMap<RunStatus, i64>,
    /// How long those took that ended.
    pub lengths: Lengths,
    /// Runs that ended of which it is known what they cost.
    pub costed: i64,
    /// What those cost, in thousand-millionths of a dollar.
    pub cost: i64,
}

impl Stretch {
    pub fn new(days: Period) -> Self {
        let (outcomes, lengths) = (BTreeMap::new(), Lengths::default());
        Self { days, outcomes, lengths, costed: 0, cost: 0 }
    }

    /// Adds so much to a figure.
    pub fn add(&mut self, figure: Figure, by: i64) {
        match figure {
            Figure::Runs(status) => *self.outcomes.entry(status).or_default() += by,
            Figure::Length(bucket) => self.lengths.add(bucket, by),
            Figure::Costed => self.costed += by,
            Figure::Cost => self.cost = self.cost.saturating_add(by),
        }
    }

    pub fn count(&self, status: RunStatus) -> i64 {
        self.outcomes.get(&status).copied().unwrap_or(0)
    }

    pub fn runs(&self) -> i64 {
        self.outcomes.values().sum()
    }

    pub fn ended(&self) -> i64 {
        self.outcomes.iter().filter(|(status, _)| status.is_terminal()).map(|(_, runs)| runs).sum()
    }

    /// Runs in which something failed.
    pub fn failed(&self) -> i64 {
        FAILED.iter().map(|&status| self.count(status)).sum()
    }

    /// How many of a thousand ended runs failed; `None` where none ended.
    pub fn failure_rate(&self) -> Option<i64> {
        let ended = self.ended();
        (ended > 0).then(|| self.failed() * 1_000 / ended)
    }

    /// What a run cost on average, in thousand-millionths of a dollar.
    pub fn cost_of_a_run(&self) -> Option<i64> {
        (self.costed > 0).then(|| self.cost / self.costed)
    }

    /// What all of it cost, as far as that is known.
    pub fn known_cost(&self) -> Option<Usd> {
        Usd::of_nanos(self.cost).filter(|_| self.costed > 0)
    }

    /// Adds what happened in other days, or of another automation.
    pub fn merge(&mut self, other: &Self) {
        for (status, runs) in &other.outcomes {
            *self.outcomes.entry(*status).or_default() += runs;
        }
        self.lengths.merge(&other.lengths);
        self.costed += other.costed;
        self.cost = self.cost.saturating_add(other.cost);
    }

    /// Everything in some stretches, as one.
    pub fn sum<'a>(days: Period, of: impl IntoIterator<Item = &'a Self>) -> Self {
        of.into_iter().fold(Self::new(days), |mut sum, one| {
            sum.merge(one);
            sum
        })
    }
}

/// Statuses of a run in which something failed.
pub const FAILED: [RunStatus; 2] = [RunStatus::Failed, RunStatus::CompletedWithFailures];
