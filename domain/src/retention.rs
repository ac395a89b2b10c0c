//! Retention: how long the detail of runs is kept, and under which policy it went.
//!
//! Pruning takes payloads and step detail; the run itself stays as a stub that says when and why.
//! A run that has not ended is never pruned, and a legal hold wins over everything here.

mod forecast;
mod history;

use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Timestamp, run::RunStatus, time};

pub use forecast::Growth;
pub use history::{Effective, Policies, PolicyVersion};

/// How long something is kept: whichever limit is reached first ends it. Without any it is kept for
/// ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Days from the end of a run.
    pub days: Option<u32>,
    /// The newest runs of an automation that have ended.
    pub runs: Option<u32>,
}

/// What ended the time of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Days(u32),
    Runs(u32),
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(1) => f.write_str("1 day"),
            Self::Days(days) => write!(f, "{days} days"),
            Self::Runs(1) => f.write_str("the last run"),
            Self::Runs(runs) => write!(f, "the last {runs} runs"),
        }
    }
}

/// The place of a run among those of its automation: when it ended, and its id.
pub type End = (Timestamp, Uuid);

/// Where the runs begin that are kept: those before are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    by_days: Option<(End, u32)>,
    by_runs: Option<(End, u32)>,
}

impl Edge {
    /// The first end that is kept; `None` where everything is.
    pub fn place(&self) -> Option<End> {
        self.by_days.into_iter().chain(self.by_runs).map(|(place, _)| place).max()
    }

    /// What ended the time of a run that ended there; `None` while it is kept.
    pub fn rule(&self, end: End) -> Option<Rule> {
        let by_days = self.by_days.filter(|(edge, _)| end < *edge).map(|(_, n)| Rule::Days(n));
        let by_runs = self.by_runs.filter(|(edge, _)| end < *edge).map(|(_, n)| Rule::Runs(n));
        by_days.or(by_runs)
    }
}

impl Term {
    pub const fn days(days: u32) -> Self {
        Self { days: Some(days), runs: None }
    }

    /// What is due at `now`. `last` is the end of the oldest of the newest [`Term::runs`]; `None`
    /// where there are not that many.
    pub fn edge(&self, now: Timestamp, last: Option<End>) -> Edge {
        let since = |days: u32| (begins(now, days), Uuid::nil());
        Edge { by_days: self.days.map(|days| (since(days), days)), by_runs: last.zip(self.runs) }
    }

    /// Whether nothing ends before `other` ends it.
    fn is_at_least(&self, other: &Self) -> bool {
        let longer = |own: Option<u32>, other: Option<u32>| match (own, other) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(other)) => own >= other,
        };
        longer(self.days, other.days) && longer(self.runs, other.runs)
    }

    fn is_in_range(&self) -> bool {
        let fits = |number: Option<u32>, most| number.is_none_or(|n| (1..=most).contains(&n));
        fits(self.days, MOST_DAYS) && fits(self.runs, MOST_RUNS)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.days.map(Rule::Days), self.runs.map(Rule::Runs)) {
            (None, None) => f.write_str("for ever"),
            (Some(rule), None) | (None, Some(rule)) => rule.fmt(f),
            (Some(days), Some(runs)) => write!(f, "{days} or {runs}, whichever comes first"),
        }
    }
}

/// The first instant that is less than so many days ago.
pub fn begins(now: Timestamp, days: u32) -> Timestamp {
    time::later(now, -TimeDelta::days(i64::from(days)))
}

/// A hundred years.
pub const MOST_DAYS: u32 = 36_500;

/// Finding the oldest of the newest runs walks over all of them.
pub const MOST_RUNS: u32 = 100_000;

/// The terms of runs of one nature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Of the detail.
    pub detail: Term,
    /// Of the detail of runs that did not end well, where it is kept longer. Those are counted for
    /// themselves.
    pub failed: Option<Term>,
}

impl Terms {
    /// The term of runs that ended this way.
    pub fn of(&self, status: RunStatus) -> &Term {
        self.failed.as_ref().filter(|_| ended_badly(status)).unwrap_or(&self.detail)
    }

    /// The terms that differ, each with the statuses it is for.
    pub fn groups(&self) -> Vec<(Term, Vec<RunStatus>)> {
        let ends = || RunStatus::ALL.iter().copied().filter(|status| status.is_terminal());
        match self.failed {
            None => vec![(self.detail, ends().collect())],
            Some(failed) => {
                let (bad, well): (Vec<_>, Vec<_>) = ends().partition(|&end| ended_badly(end));
                vec![(self.detail, well), (failed, bad)]
            }
        }
    }
}

/// Whether a run that ended this way counts as failed.
pub fn ended_badly(status: RunStatus) -> bool {
    use RunStatus as S;
    matches!(status, S::CompletedWithFailures | S::Failed | S::Killed)
}

/// How long runs are kept: those that Assize carried out, and those that were reported to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub executed: Terms,
    pub reported: Terms,
    /// Days from the end of a reported run until its stub goes, too; `None` keeps stubs for ever.
    #[serde(default)]
    pub reported_stub_days: Option<u32>,
}

impl Default for Policy {
    /// What holds where nobody said anything else.
    fn default() -> Self {
        let reported = Term { days: Some(30), runs: Some(100) };
        Self {
            executed: Terms { detail: Term::days(400), failed: None },
            reported: Terms { detail: reported, failed: None },
            reported_stub_days: None,
        }
    }
}

/// A policy that cannot be: which field, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct InvalidPolicy {
    pub field: &'static str,
    pub message: &'static str,
}

impl Policy {
    /// The terms with the statuses each is for, and whether they are of reported runs.
    pub fn groups(&self) -> impl Iterator<Item = (bool, Term, Vec<RunStatus>)> + use<> {
        let of = |reported, terms: &Terms| {
            terms.groups().into_iter().map(move |(term, statuses)| (reported, term, statuses))
        };
        of(false, &self.executed).chain(of(true, &self.reported))
    }

    /// Everything that is wrong with it.
    pub fn faults(&self) -> Vec<InvalidPolicy> {
        let mut faults = Vec::new();
        let mut check = |is_right: bool, field, message| {
            if !is_right {
                faults.push(InvalidPolicy { field, message });
            }
        };
        let names = [("executed", "executed_failed"), ("reported", "reported_failed")];
        for (terms, (detail, failed)) in [self.executed, self.reported].iter().zip(names) {
            check(terms.detail.is_in_range(), detail, RANGE);
            let Some(longer) = terms.failed else { continue };
            check(longer.is_in_range(), failed, RANGE);
            let message = "failed runs are kept at least as long as the others";
            check(longer.is_at_least(&terms.detail), failed, message);
        }
        if let Some(days) = self.reported_stub_days {
            let Terms { detail, failed } = self.reported;
            let stub = Term::days(days);
            check(stub.is_in_range(), STUBS, RANGE);
            let days = detail.days.into_iter().chain(failed.and_then(|term| term.days)).max();
            let message = "a stub stays at least as long as the detail";
            check(days.is_none_or(|detail| stub.is_at_least(&Term::days(detail))), STUBS, message);
        }
        faults
    }
}

/// What stubs are called where a fault is told.
const STUBS: &str = "reported_stubs";

const RANGE: &str = "days are from 1 to 36,500, runs from 1 to 100,000";

/// That, when and under which policy the detail of a run went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pruned {
    pub at: Timestamp,
    /// In words: "policy 3: 400 days".
    pub under: String,
}

impl fmt::Display for Pruned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pruned on {} under {}", self.at.format("%Y-%m-%d"), self.under)
    }
}
