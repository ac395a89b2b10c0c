//! Which days are held against which: the last one, and as many before it as a band is made of.
//!
//! What runs on most days is judged by the day, against the four weeks before; everything else by seven days,
//! against the twelve such weeks before. How runs went is judged up to this very day. How often something
//! fired is judged up to the last day that is over: a day that has just begun is not a quiet one.

use chrono::{Days, NaiveDate};

use super::Stretch;
use crate::period::Period;

/// Days and weeks that a band is made of, besides the one that is judged.
const DAYS: u64 = 28;
const WEEKS: u64 = 12;

/// Days before which something is judged by the day only if it ran on four of five of them.
const KNOWN_DAYS: usize = 7;

/// The windows that are looked at, each list oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows<T = Period> {
    pub days: Vec<T>,
    pub weeks: Vec<T>,
    /// Weeks up to the last day that is over.
    pub whole_weeks: Vec<T>,
    /// The last of the days is not over.
    pub goes_on: bool,
}

impl Windows {
    /// Up to a day.
    pub fn up_to(last: NaiveDate, today: NaiveDate) -> Self {
        let until = last + Days::new(1);
        let goes_on = last >= today;
        let whole = if goes_on { last } else { until };
        Self {
            days: back(until, 1, DAYS + 1),
            weeks: back(until, 7, WEEKS + 1),
            whole_weeks: back(whole, 7, WEEKS + 1),
            goes_on,
        }
    }

    /// All of them, one list after the other.
    pub fn all(&self) -> Vec<Period> {
        [&self.days[..], &self.weeks, &self.whole_weeks].concat()
    }

    /// The days that are looked at, from the first to the last.
    pub fn whole(&self) -> Option<Period> {
        let first = self.weeks.first().into_iter().chain(self.whole_weeks.first());
        let from = first.map(|week| week.from).min()?;
        Some(Period { from, until: self.weeks.last()?.until })
    }

    /// What happened in the windows, in the order of [`Windows::all`].
    pub fn filled(&self, mut with: Vec<Stretch>) -> Windows<Stretch> {
        let whole_weeks = with.split_off(self.days.len() + self.weeks.len());
        let weeks = with.split_off(self.days.len());
        Windows { days: with, weeks, whole_weeks, goes_on: self.goes_on }
    }
}

impl Windows<Stretch> {
    fn is_daily(&self) -> bool {
        let days = since_first(&self.days);
        let ran = days.iter().filter(|day| day.runs() > 0).count();
        days.len() > KNOWN_DAYS && ran * 5 >= days.len() * 4
    }

    /// The windows for how runs went; the last one is judged.
    pub fn of_going(&self) -> &[Stretch] {
        if self.is_daily() { &self.days } else { &self.weeks }
    }

    /// The windows for how often it fired, from the first in which it did; the last one is judged.
    pub fn of_firing(&self) -> &[Stretch] {
        let windows = match self.is_daily() {
            true if self.goes_on => self.days.split_last().map_or(&[][..], |(_, days)| days),
            true => &self.days,
            false => &self.whole_weeks,
        };
        since_first(windows)
    }
}

/// What was not there yet did not fail to fire.
fn since_first(windows: &[Stretch]) -> &[Stretch] {
    let first = windows.iter().position(|window| window.runs() > 0).unwrap_or(windows.len());
    &windows[first..]
}

fn back(until: NaiveDate, days: u64, count: u64) -> Vec<Period> {
    let window =
        |n| Period { from: until - Days::new(days * n), until: until - Days::new(days * (n - 1)) };
    (1..=count).rev().map(window).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_end_with_the_day_and_those_of_firing_with_the_last_that_is_over() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let windows = Windows::up_to(day("2026-09-30"), day("2026-09-30"));
        assert_eq!((windows.days.len(), windows.weeks.len(), windows.all().len()), (29, 13, 55));
        assert_eq!(windows.weeks[12].days(), "24 Sep – 30 Sep 2026");
        assert_eq!(windows.whole_weeks[12].days(), "23 Sep – 29 Sep 2026");
        assert_eq!(windows.whole().unwrap().from, windows.whole_weeks[0].from);
        let past = Windows::up_to(day("2026-06-30"), day("2026-09-30"));
        assert_eq!((past.whole_weeks, past.goes_on), (past.weeks, false));
    }
}
