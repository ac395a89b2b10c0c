//! Bundles: what an auditor takes home of a period, and how far the making of it has come.

use chrono::{Datelike as _, Months, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{BundleId, MemberId, WorkspaceId},
    problem::Failure,
    words,
};

words! {
    BundleStatus {
        /// Ordered; nobody has begun.
        Pending = "pending",
        /// A worker writes it, under a lease.
        Assembling = "assembling",
        /// It can be downloaded.
        Ready = "ready",
        Failed = "failed",
    }
}

/// Whole days in UTC: from the first one until the one after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub from: NaiveDate,
    /// Not part of it any more.
    pub until: NaiveDate,
}

/// Days that make no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPeriod {
    #[error("the period ends before it begins")]
    Empty,
    #[error("the period lies outside of the years 1970 to 9998")]
    OutOfReach,
}

impl Period {
    /// From `from` until the day before `until`.
    pub fn new(from: NaiveDate, until: NaiveDate) -> Result<Self, InvalidPeriod> {
        let years = 1970..=9998;
        if !years.contains(&from.year()) || !years.contains(&until.year()) {
            return Err(InvalidPeriod::OutOfReach);
        }
        if from >= until { Err(InvalidPeriod::Empty) } else { Ok(Self { from, until }) }
    }

    /// The days from the first to the last, both included.
    pub fn of_days(first: NaiveDate, last: NaiveDate) -> Result<Self, InvalidPeriod> {
        Self::new(first, last.succ_opt().ok_or(InvalidPeriod::OutOfReach)?)
    }

    /// The month of a day.
    pub fn month_of(day: NaiveDate) -> Self {
        Self::months(day.with_day(1).unwrap_or(day), 1)
    }

    /// The quarter of a day.
    pub fn quarter_of(day: NaiveDate) -> Self {
        let first = day.with_day(1).unwrap_or(day);
        Self::months(first - Months::new(first.month0() % 3), 3)
    }

    /// The quarter before that of a day.
    pub fn quarter_before(day: NaiveDate) -> Self {
        let this = Self::quarter_of(day).from;
        Self::months(this - Months::new(3), 3)
    }

    /// The month before that of a day.
    pub fn month_before(day: NaiveDate) -> Self {
        Self::months(Self::month_of(day).from - Months::new(1), 1)
    }

    fn months(from: NaiveDate, count: u32) -> Self {
        Self { from, until: from + Months::new(count) }
    }

    /// Its first instant.
    pub fn begin(&self) -> Timestamp {
        self.from.and_time(NaiveTime::MIN).and_utc()
    }

    /// The first instant after it.
    pub fn end(&self) -> Timestamp {
        self.until.and_time(NaiveTime::MIN).and_utc()
    }

    /// Does an instant lie in it?
    pub fn covers(&self, at: Timestamp) -> bool {
        (self.begin()..self.end()).contains(&at)
    }

    /// Its last day.
    pub fn last_day(&self) -> NaiveDate {
        self.until.pred_opt().unwrap_or(self.until)
    }
}

/// `Q3 2026`, `September 2026`, or the days.
impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (from, last) = (self.from, self.last_day());
        if *self == Self::quarter_of(from) {
            write!(f, "Q{} {}", from.month0() / 3 + 1, from.year())
        } else if *self == Self::month_of(from) {
            write!(f, "{}", from.format("%B %Y"))
        } else if from == last {
            write!(f, "{from}")
        } else {
            write!(f, "{from} to {last}")
        }
    }
}

/// An order for a bundle, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    pub id: BundleId,
    pub workspace: WorkspaceId,
    pub period: Period,
    /// The keys of the automations it is limited to, sorted; none for all of the workspace.
    pub automations: Vec<String>,
    /// `None` when it was ordered on the host's command line.
    pub requested_by: Option<MemberId>,
    pub requested_at: Timestamp,
    pub status: BundleStatus,
    pub failure: Option<Failure>,
    /// Counts the tries at it; names the try that every later write belongs to (the fence).
    pub attempt: i64,
    /// Until when the one who writes it is trusted to be alive, or when it is worth another look.
    pub lease_until: Option<Timestamp>,
    pub rows_done: i64,
    /// Known once the writing has begun.
    pub rows_expected: Option<i64>,
    /// Entries under the checkpoint it carries.
    pub checkpoint_size: Option<i64>,
    pub file: Option<BundleFile>,
    /// When it became ready or failed.
    pub ended_at: Option<Timestamp>,
}

/// The file of a ready bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleFile {
    /// What it is called when it is downloaded.
    pub name: String,
    /// In bytes.
    pub size: i64,
    /// Hexadecimal SHA-256.
    pub digest: String,
}

/// How often a bundle may be begun before it is given up: what interrupts every try would go on
/// interrupting.
pub const MOST_TRIES: i64 = 20;

impl Bundle {
    /// Is there something for a worker to do: nobody began it, or whoever did is gone?
    pub fn is_due(&self, now: Timestamp) -> bool {
        !self.is_finished() && self.lease_until.is_none_or(|until| until <= now)
    }

    pub fn is_finished(&self) -> bool {
        matches!(self.status, BundleStatus::Ready | BundleStatus::Failed)
    }

    /// Was it begun so often, and interrupted again, that another try would end like the others?
    pub fn is_hopeless(&self) -> bool {
        self.status == BundleStatus::Assembling && self.attempt >= MOST_TRIES
    }

    /// Whole per cent of the rows that are written, while it is being made.
    pub fn percent(&self) -> Option<i64> {
        let expected = self.rows_expected.filter(|expected| *expected > 0)?;
        Some((self.rows_done.clamp(0, expected)) * 100 / expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_named_after_its_quarter_or_month() {
        let named = |from, until| Period::new(day(from), day(until)).unwrap().to_string();
        assert_eq!(named("2026-07-01", "2026-10-01"), "Q3 2026");
        assert_eq!(named("2026-02-01", "2026-03-01"), "February 2026");
        assert_eq!(named("2026-07-01", "2026-09-30"), "2026-07-01 to 2026-09-29");
        assert_eq!(named("2026-07-01", "2026-07-02"), "2026-07-01");
    }

    #[test]
    fn quarters_and_months_are_found_by_any_of_their_days() {
        let quarter = Period::new(day("2026-10-01"), day("2027-01-01")).unwrap();
        assert_eq!(Period::quarter_of(day("2026-12-31")), quarter);
        assert_eq!(Period::quarter_before(day("2027-03-31")), quarter);
        let month = Period::new(day("2024-02-01"), day("2024-03-01")).unwrap();
        assert_eq!(Period::month_of(day("2024-02-29")), month);
    }

    #[test]
    fn a_period_has_at_least_a_day_and_lies_in_reach() {
        let refused = |from, until| Period::new(day(from), day(until)).unwrap_err();
        assert_eq!(refused("2026-07-01", "2026-07-01"), InvalidPeriod::Empty);
        assert_eq!(refused("2026-07-02", "2026-07-01"), InvalidPeriod::Empty);
        assert_eq!(refused("0001-07-02", "2026-07-01"), InvalidPeriod::OutOfReach);
        assert_eq!(refused("2026-07-02", "9999-01-01"), InvalidPeriod::OutOfReach);
    }
}
