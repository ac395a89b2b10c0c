//! Periods of whole days in UTC.

use chrono::{Days, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Days in a row, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Window {
    pub fn contains(self, at: Timestamp) -> bool {
        (self.from..=self.to).contains(&at.date_naive())
    }

    /// The days that lie in both.
    pub fn common(self, other: Self) -> Option<Self> {
        let both = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from <= both.to).then_some(both)
    }

    /// Its first instant.
    pub fn start(self) -> Timestamp {
        midnight(self.from)
    }

    /// The first instant after it.
    pub fn end(self) -> Timestamp {
        midnight(self.to.checked_add_days(Days::new(1)).unwrap_or(self.to))
    }
}

fn midnight(day: NaiveDate) -> Timestamp {
    day.and_time(NaiveTime::MIN).and_utc()
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: &str, to: &str) -> Window {
        Window { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn a_window_holds_its_last_day_to_the_end() {
        let quarter = window("2026-07-01", "2026-09-30");
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert!(quarter.contains(at("2026-07-01T00:00:00Z")));
        assert!(quarter.contains(at("2026-09-30T23:59:59.999999Z")));
        assert!(!quarter.contains(at("2026-06-30T23:59:59.999999Z")));
        assert!(!quarter.contains(at("2026-10-01T00:00:00Z")));
        assert_eq!(quarter.end(), at("2026-10-01T00:00:00Z"));
    }

    #[test]
    fn what_two_windows_share_is_a_window_or_nothing() {
        let quarter = window("2026-07-01", "2026-09-30");
        let summer = window("2026-06-01", "2026-08-31");
        assert_eq!(quarter.common(summer), Some(window("2026-07-01", "2026-08-31")));
        assert_eq!(quarter.common(window("2026-10-01", "2026-10-01")), None);
    }
}
