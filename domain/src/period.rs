//! Periods: whole days in UTC, which lists, bundles, the brief and the windows of auditors are about.

use chrono::{Datelike as _, Days, Months, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The first instant of a day.
pub fn begin_of(day: NaiveDate) -> Timestamp {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// The first instant after a day.
pub fn end_of(day: NaiveDate) -> Timestamp {
    begin_of(day.succ_opt().unwrap_or(day))
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
        begin_of(self.from)
    }

    /// The first instant after it.
    pub fn end(&self) -> Timestamp {
        begin_of(self.until)
    }

    /// Does an instant lie in it?
    pub fn covers(&self, at: Timestamp) -> bool {
        (self.begin()..self.end()).contains(&at)
    }

    /// Does another period lie in it, whole?
    pub fn holds(&self, other: Self) -> bool {
        self.from <= other.from && other.until <= self.until
    }

    /// How many days it has.
    pub fn length(&self) -> u64 {
        u64::try_from((self.until - self.from).num_days()).unwrap_or(0)
    }

    /// The period of the same length that ends where it begins.
    pub fn before(&self) -> Self {
        Self { from: self.from - Days::new(self.length()), until: self.from }
    }

    /// The days it shares with another one.
    pub fn shared(&self, other: Self) -> Option<Self> {
        let (from, until) = (self.from.max(other.from), self.until.min(other.until));
        (from < until).then_some(Self { from, until })
    }

    /// From the first to the last day of some periods; `None` of none.
    pub fn around(periods: impl IntoIterator<Item = Self>) -> Option<Self> {
        let both =
            |a: Self, b: Self| Self { from: a.from.min(b.from), until: a.until.max(b.until) };
        periods.into_iter().reduce(both)
    }

    /// Its parts in each of the months it touches, oldest first.
    pub fn by_month(&self) -> Vec<Self> {
        let mut months = Vec::new();
        let mut from = self.from;
        while from < self.until {
            let until = Self::month_of(from).until.min(self.until);
            months.push(Self { from, until });
            from = until;
        }
        months
    }

    /// Its last day.
    pub fn last_day(&self) -> NaiveDate {
        self.until.pred_opt().unwrap_or(self.until)
    }

    /// Its days as people write them: `1 Jul – 30 Sep 2026`.
    pub fn days(&self) -> String {
        let (from, last) = (self.from, self.last_day());
        let end = last.format("%-d %b %Y");
        match () {
            () if from == last => end.to_string(),
            () if from.year() == last.year() => format!("{} – {end}", from.format("%-d %b")),
            () => format!("{} – {end}", from.format("%-d %b %Y")),
        }
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

    #[test]
    fn its_days_are_written_as_people_write_them() {
        let written = |from, last| Period::of_days(day(from), day(last)).unwrap().days();
        assert_eq!(written("2026-07-01", "2026-09-30"), "1 Jul – 30 Sep 2026");
        assert_eq!(written("2025-12-01", "2026-01-31"), "1 Dec 2025 – 31 Jan 2026");
        assert_eq!(written("2026-07-04", "2026-07-04"), "4 Jul 2026");
    }

    #[test]
    fn the_period_before_is_as_long_and_shares_no_day() {
        let quarter = Period::of_days(day("2026-07-01"), day("2026-09-30")).unwrap();
        let before = quarter.before();
        assert_eq!((quarter.length(), before.length(), before.until), (92, 92, quarter.from));
        assert_eq!(quarter.shared(before), None);
        let month = Period::month_of(day("2026-09-01"));
        let beyond = Period::new(month.from, day("2026-12-01")).unwrap();
        assert_eq!(quarter.shared(beyond), Some(month));
    }

    #[test]
    fn a_period_falls_into_the_months_it_touches() {
        let parts = |from, until| {
            let months = Period::new(day(from), day(until)).unwrap().by_month();
            months.iter().map(Period::days).collect::<Vec<_>>()
        };
        assert_eq!(
            parts("2024-01-31", "2024-03-02"),
            ["31 Jan 2024", "1 Feb – 29 Feb 2024", "1 Mar 2024"]
        );
        assert_eq!(parts("2025-12-31", "2026-01-01"), ["31 Dec 2025"]);
        let days = ["2026-02-01", "2024-02-01"].map(|month| Period::month_of(day(month)));
        assert_eq!(Period::around(days).unwrap().days(), "1 Feb 2024 – 28 Feb 2026");
    }

    #[test]
    fn a_day_ends_where_the_next_one_begins() {
        assert_eq!(end_of(day("2026-06-30")), begin_of(day("2026-07-01")));
        let period = Period::of_days(day("2026-07-01"), day("2026-09-30")).unwrap();
        assert_eq!(
            (period.begin(), period.end()),
            (begin_of(period.from), end_of(day("2026-09-30")))
        );
        assert!(period.covers(period.begin()) && !period.covers(period.end()));
        assert!(period.holds(period) && !period.holds(Period::quarter_of(day("2026-10-01"))));
    }
}
