//! What is stored of a reported run: a function of the set of its statements.
//!
//! Everything in it is a sum, a least or greatest element, or a map by the statement's number, so the
//! order in which statements come makes no difference. What has no bound by itself is refused beyond a
//! limit ([`TooMuch`]); a refused batch changes nothing, so it is no part of the set.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Fact, Outcome, Seen, Statement, StepStatus, Sum, UsageSum};
use crate::{
    Timestamp,
    budget::Spending,
    money::Usd,
    problem::{Failure, FailureKind},
    run::{Run, RunStatus, Told},
};

/// Of the log of steps the first and the last are kept, by number; how many stood between them is known.
pub const KEPT_FIRST: i64 = 500;
pub const KEPT_LAST: i64 = 1_500;

/// Gaps in the numbers, steps in flight, phases, models by phase, counters and notes of one run.
const MOST_GAPS: usize = 10_000;
const MOST_OPEN: usize = 1_000;
const MOST_NAMED: usize = 200;

/// A run is told more of than is kept of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a run has at most {most} {what}")]
pub struct TooMuch {
    pub what: &'static str,
    pub most: usize,
}

/// Something with the number of the statement it is from; of several, the latest counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Numbered<T> {
    pub seq: i64,
    pub is: T,
}

fn latest<T>(place: &mut Option<Numbered<T>>, seq: i64, is: T) {
    if place.as_ref().is_none_or(|held| held.seq < seq) {
        *place = Some(Numbered { seq, is });
    }
}

/// Which step blew up, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blown {
    /// `step` or `invocation`.
    pub what: String,
    pub name: String,
    pub phase: Option<String>,
    pub at: Timestamp,
    pub failure: Option<Failure>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finish {
    pub at: Timestamp,
    pub outcome: Outcome,
    pub summary: Option<String>,
    pub failure: Option<Failure>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Start {
    pub at: Timestamp,
    pub parent: Option<String>,
    pub heartbeat_seconds: Option<i64>,
}

/// Steps that ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    pub succeeded: i64,
    pub failed: i64,
    pub skipped: i64,
}

impl Steps {
    fn add(&mut self, status: StepStatus) {
        match status {
            StepStatus::Started => {}
            StepStatus::Succeeded => self.succeeded += 1,
            StepStatus::Failed => self.failed += 1,
            StepStatus::Skipped => self.skipped += 1,
        }
    }

    pub const fn total(self) -> i64 {
        self.succeeded + self.failed + self.skipped
    }
}

/// The usage of a model in a phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageLine {
    pub phase: Option<String>,
    pub provider: Option<String>,
    pub model: Option<String>,
    pub sum: UsageSum,
}

/// Everything that was stated, added up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    seen: Seen,
    first_at: Option<Timestamp>,
    pub last_at: Option<Timestamp>,
    pub start: Option<Numbered<Start>>,
    pub finish: Option<Numbered<Finish>>,
    pub steps: Steps,
    /// Steps that started and have not ended, by the number of their start.
    pub open: BTreeMap<i64, String>,
    /// Starts that are still to come, of steps that have ended.
    closed: BTreeSet<i64>,
    pub invocations: i64,
    pub tries: Sum,
    pub bytes: Sum,
    pub writes: i64,
    /// When each phase began, by number.
    pub phases: BTreeMap<i64, (String, Timestamp)>,
    pub notes: BTreeMap<i64, String>,
    pub counters: BTreeMap<String, i64>,
    /// In the order of phase, provider and model.
    pub usage: Vec<UsageLine>,
    pub blown: Option<Numbered<Blown>>,
    pub last_step: Option<Numbered<String>>,
    /// Statements of the log of steps, kept or not.
    pub logged: i64,
}

impl State {
    /// Takes a statement in. False if it was taken in before.
    ///
    /// # Errors
    /// [`TooMuch`] where the run would need more room than one has; the state is then of no use.
    pub fn take(&mut self, said: &Statement) -> Result<bool, TooMuch> {
        if !self.seen.add(said.seq) {
            return Ok(false);
        }
        self.first_at = Some(self.first_at.map_or(said.at, |at| at.min(said.at)));
        self.last_at = Some(self.last_at.map_or(said.at, |at| at.max(said.at)));
        self.logged += i64::from(said.is_logged());
        self.note(said);
        self.check()?;
        Ok(true)
    }

    fn note(&mut self, said: &Statement) {
        let (seq, at) = (said.seq, said.at);
        match &said.fact {
            Fact::Start { parent, heartbeat_seconds } => {
                let (parent, heartbeat_seconds) = (parent.clone(), *heartbeat_seconds);
                latest(&mut self.start, seq, Start { at, parent, heartbeat_seconds });
            }
            Fact::Step { name, status, began, failure, .. } => {
                self.step(seq, name, *status, *began);
                self.blow(said, name, *status, failure.as_ref());
            }
            Fact::Invocation { name, status, tries, bytes, failure, .. } => {
                self.invocations += 1;
                self.tries.add(*tries);
                self.bytes.add(*bytes);
                self.blow(said, name, *status, failure.as_ref());
            }
            Fact::Write { .. } => self.writes += 1,
            Fact::Phase { name } => drop(self.phases.insert(seq, (name.clone(), at))),
            Fact::Usage(usage) => self.use_model(said.phase.as_ref(), usage),
            Fact::Count { counters } => {
                for (name, more) in counters {
                    let count = self.counters.entry(name.clone()).or_default();
                    *count = count.saturating_add(*more);
                }
            }
            Fact::Note { text } => drop(self.notes.insert(seq, text.clone())),
            Fact::Heartbeat => {}
            Fact::Finish { outcome, summary, failure } => {
                let (summary, failure) = (summary.clone(), failure.clone());
                latest(&mut self.finish, seq, Finish { at, outcome: *outcome, summary, failure });
            }
        }
    }

    fn step(&mut self, seq: i64, name: &str, status: StepStatus, began: Option<i64>) {
        self.steps.add(status);
        latest(&mut self.last_step, seq, name.to_owned());
        if status == StepStatus::Started {
            if !self.closed.remove(&seq) {
                self.open.insert(seq, name.to_owned());
            }
        } else if let Some(began) = began
            && self.open.remove(&began).is_none()
        {
            self.closed.insert(began);
        }
    }

    fn blow(&mut self, said: &Statement, name: &str, status: StepStatus, why: Option<&Failure>) {
        if status == StepStatus::Failed {
            let blown = Blown {
                what: said.fact.word().to_owned(),
                name: name.to_owned(),
                phase: said.phase.clone(),
                at: said.at,
                failure: why.cloned(),
            };
            latest(&mut self.blown, said.seq, blown);
        }
    }

    fn use_model(&mut self, phase: Option<&String>, usage: &super::Usage) {
        let key = (phase, usage.provider.as_ref(), usage.model.as_ref());
        let key_of = |line: &UsageLine| {
            (line.phase.as_ref(), line.provider.as_ref(), line.model.as_ref()).cmp(&key)
        };
        let at = self.usage.binary_search_by(key_of).unwrap_or_else(|at| {
            let (provider, model) = (usage.provider.clone(), usage.model.clone());
            let sum = UsageSum::default();
            self.usage.insert(at, UsageLine { phase: phase.cloned(), provider, model, sum });
            at
        });
        self.usage[at].sum.add(usage);
    }

    fn check(&self) -> Result<(), TooMuch> {
        let limits = [
            (self.seen.stretches(), MOST_GAPS, "gaps in the numbers of its statements"),
            (self.open.len() + self.closed.len(), MOST_OPEN, "steps in flight"),
            (self.phases.len(), MOST_NAMED, "changes of phase"),
            (self.notes.len(), MOST_NAMED, "notes"),
            (self.counters.len(), MOST_NAMED, "counters"),
            (self.usage.len(), MOST_NAMED, "models by phase"),
        ];
        match limits.into_iter().find(|(count, most, _)| count > most) {
            Some((_, most, what)) => Err(TooMuch { what, most }),
            None => Ok(()),
        }
    }

    /// What stays when the detail of the run goes: what was counted, and what a later statement is
    /// compared with.
    #[must_use]
    pub fn pruned(self) -> Self {
        let (open, closed, notes) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        Self { open, closed, notes, last_step: None, ..self }
    }

    /// All usage of models, whatever the phase.
    pub fn usage_in_total(&self) -> Option<UsageSum> {
        let mut total = UsageSum::default();
        self.usage.iter().for_each(|line| total.merge(&line.sum));
        (!self.usage.is_empty()).then_some(total)
    }

    /// Silence of more than this many seconds is an interruption; `None` once it has finished, and
    /// where none was declared.
    pub fn heartbeat_seconds(&self) -> Option<i64> {
        let start = self.start.as_ref().filter(|_| self.finish.is_none())?;
        start.is.heartbeat_seconds
    }

    /// One short line about what went wrong.
    pub fn error_summary(&self) -> Option<String> {
        let told = self.finish.as_ref().and_then(|finish| finish.is.failure.as_ref());
        told.map(|failure| failure.message.clone())
            .or_else(|| self.blown.as_ref().map(|blown| blown.is.line()))
    }

    /// Writes the head of the run.
    pub fn show(&self, run: &mut Run) {
        run.status = self.finish.as_ref().map_or(RunStatus::Running, |end| end.is.outcome.status());
        run.started_at = self.start.as_ref().map(|start| start.is.at).or(self.first_at);
        run.completed_at = self.finish.as_ref().map(|finish| finish.is.at);
        run.failure = (run.status == RunStatus::Failed).then(|| self.failure());
        run.tally.tool_invocations = self.invocations;
        run.tally.memory_writes = self.writes;
        run.cost = self.usage_in_total().and_then(|usage| usage.cost()).map(spent);
        let silent_since = run.told.and_then(|told| told.silent_since);
        run.told = Some(Told {
            steps: self.steps.total(),
            failed_steps: self.steps.failed,
            silent_since: silent_since.filter(|_| self.finish.is_none()),
        });
    }

    fn failure(&self) -> Failure {
        let told = self.finish.as_ref().and_then(|finish| finish.is.failure.clone());
        told.unwrap_or_else(|| Failure {
            code: "reported-failed".to_owned(),
            message: self
                .error_summary()
                .unwrap_or_else(|| "Whoever ran it reported that it failed.".to_owned()),
            kind: FailureKind::Unknown,
        })
    }
}

impl Blown {
    /// `step load failed: no connection`
    pub fn line(&self) -> String {
        let why = self.failure.as_ref().map(|failure| format!(": {}", failure.message));
        format!("{} {} failed{}", self.what, self.name, why.unwrap_or_default())
    }
}

fn spent(amount: Usd) -> Spending {
    Spending { spent: amount, ..Spending::default() }
}
