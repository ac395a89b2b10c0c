//! Budgets: what an action is estimated to cost, and how much may be spent. Reserved when an attempt
//! starts, settled when it ends, so that spent and reserved together never exceed a ceiling.

use chrono::{Datelike as _, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    decide::Outcome,
    id::{AutomationId, ItemId, RunId},
    item::{Item, ItemState},
    money::Usd,
    period::Period,
    problem::{Failure, FailureKind},
    words,
};

words! {
    /// How often a budget begins anew, in UTC.
    Every {
        Day = "day",
        /// From Monday.
        Week = "week",
        Month = "month",
        Quarter = "quarter",
    }
}

impl Every {
    /// The first day of the period of an instant.
    pub fn begin(self, at: Timestamp) -> NaiveDate {
        let day = at.date_naive();
        match self {
            Self::Day => day,
            Self::Week => day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday())),
            Self::Month => Period::month_of(day).from,
            Self::Quarter => Period::quarter_of(day).from,
        }
    }
}

/// What one action is estimated to cost, in US dollars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Cost {
    /// Always the same.
    Fixed { amount: Usd },
    /// A price for each unit; `units` is a template that gives a whole number.
    PerUnit { price: Usd, units: String },
    /// The receiver says what it cost; until then this much is reserved.
    Reported { at_most: Usd },
}

/// How much may be spent in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodCeiling {
    pub every: Every,
    pub ceiling: Usd,
}

/// What a definition says about money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    pub cost: Cost,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_run: Option<Usd>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_period: Option<PeriodCeiling>,
}

/// What has been spent and what is reserved, of a run or of a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spending {
    /// Settled, out of what had been reserved.
    pub spent: Usd,
    /// For attempts that have not ended, or of which nobody knows whether they acted.
    pub reserved: Usd,
    /// What receivers reported beyond what had been reserved for it.
    pub overrun: Usd,
}

impl Spending {
    /// What it really cost.
    pub fn total(self) -> Usd {
        self.spent.plus(self.overrun)
    }

    /// What is gone or may be.
    pub fn committed(self) -> Usd {
        self.total().plus(self.reserved)
    }

    /// Refuses what would exceed a ceiling.
    pub fn check(self, amount: Usd, ceiling: Usd) -> Result<(), Exceeded> {
        let cumulative = self.committed().plus(amount);
        if cumulative <= ceiling { Ok(()) } else { Err(Exceeded { cumulative, ceiling }) }
    }

    /// After a change; `None` where more would be taken back than is there.
    pub fn after(self, change: Change) -> Option<Self> {
        Some(Self {
            spent: self.spent.changed_by(change.spent)?,
            reserved: self.reserved.changed_by(change.reserved)?,
            overrun: self.overrun.changed_by(change.overrun)?,
        })
    }
}

/// One more action would have cost more than there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Cumulative cost ${cumulative} would exceed ceiling ${ceiling}")]
pub struct Exceeded {
    pub cumulative: Usd,
    pub ceiling: Usd,
}

impl Exceeded {
    /// Why an item is not begun: a run keeps its ceiling, a period ends.
    pub fn failure(self, every: Option<Every>) -> Failure {
        match every {
            None => Failure::deterministic("run-budget-exhausted", format!("{self} of the run.")),
            Some(every) => {
                Failure::transient("period-budget-exhausted", format!("{self} of the {every}."))
            }
        }
    }
}

/// How spending changes, in thousand-millionths of a dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    pub spent: i64,
    pub reserved: i64,
    pub overrun: i64,
}

impl Change {
    /// An attempt begins.
    pub fn reserving(amount: Usd) -> Self {
        Self { reserved: amount.nanos(), ..Self::default() }
    }

    /// An attempt ended: what had been reserved for it is free, and this was spent.
    pub fn settling(reserved: Usd, spent: Usd) -> Self {
        let within = spent.min(reserved);
        Self {
            spent: within.nanos(),
            reserved: -reserved.nanos(),
            overrun: spent.nanos() - within.nanos(),
        }
    }

    /// Whether it takes something out of what is left.
    pub fn takes(self) -> bool {
        self.spent + self.reserved > 0
    }
}

impl std::ops::AddAssign for Change {
    fn add_assign(&mut self, other: Self) {
        self.spent += other.spent;
        self.reserved += other.reserved;
        self.overrun += other.overrun;
    }
}

/// What an item has cost, and what is reserved for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemCost {
    pub item: ItemId,
    pub run: RunId,
    pub automation: AutomationId,
    /// The period that what is reserved belongs to; none where there is no ceiling for periods.
    pub period: Option<(Every, NaiveDate)>,
    pub spent: Usd,
    pub reserved: Usd,
}

/// How a period of a budget stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodSpending {
    pub automation: AutomationId,
    pub every: Every,
    pub begins: NaiveDate,
    /// Of the version under which something was last reserved.
    pub ceiling: Usd,
    #[serde(flatten)]
    pub spending: Spending,
}

/// What an attempt that ended has cost; `None` keeps the reservation, for it may have acted or is
/// about to be tried again.
pub fn settled(outcome: &Outcome, reserved: Usd, reported: Option<Usd>) -> Option<Usd> {
    match outcome {
        Outcome::Succeeded | Outcome::Replayed(_) => Some(reported.unwrap_or(reserved)),
        Outcome::TryAgain { .. } => None,
        Outcome::Failed(failure) if failure.kind == FailureKind::Unknown => None,
        // Nothing was done.
        Outcome::Skipped(_) | Outcome::AwaitingApproval { .. } | Outcome::Failed(_) => {
            Some(reported.unwrap_or_default())
        }
    }
}

/// Whether what is reserved for an item that ended without an answer stays reserved: nobody knows
/// whether an earlier attempt acted.
pub fn stays_reserved(item: &Item) -> bool {
    let unknown = |failure: &Failure| failure.kind == FailureKind::Unknown;
    match item.state {
        ItemState::Failed => item.failure.as_ref().is_some_and(unknown),
        _ => item.first_sent_at.is_some() && item.failure.as_ref().is_none_or(unknown),
    }
}
