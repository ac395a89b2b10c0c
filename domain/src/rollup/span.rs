//! Days that are added up as one: a period of years is a few months, and the days at its ends.

use chrono::NaiveDate;

use super::DayCell;
use crate::{
    id::{AutomationId, WorkspaceId},
    period::Period,
    words,
};

words! {
    /// How many days a sum is of.
    Span {
        Day = "day",
        Month = "month",
    }
}

impl Span {
    /// A period as the fewest sums there are of it: whole months, and the days before and after those.
    pub fn cut(period: Period) -> Vec<(Self, Period)> {
        let month = Period::month_of(period.from);
        let from = if month.from == period.from { month.from } else { month.until };
        let until = Period::month_of(period.until).from;
        if from >= until {
            return vec![(Self::Day, period)];
        }
        let parts = [
            (Self::Day, Period { from: period.from, until: from }),
            (Self::Month, Period { from, until }),
            (Self::Day, Period { from: until, until: period.until }),
        ];
        parts.into_iter().filter(|(_, part)| part.from < part.until).collect()
    }
}

/// Days of an automation that are added up as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpanCell {
    pub workspace: WorkspaceId,
    pub automation: AutomationId,
    pub span: Span,
    /// The first of the days.
    pub day: NaiveDate,
}

impl SpanCell {
    /// Every sum that a day is part of.
    pub fn of(cell: DayCell) -> [Self; 2] {
        let DayCell { workspace, automation, day } = cell;
        let month = Period::month_of(day).from;
        [(Span::Day, day), (Span::Month, month)].map(|(span, day)| Self {
            workspace,
            automation,
            span,
            day,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_cut_into_whole_months_and_the_days_around_them() {
        let days = |from: &str, until: &str| {
            Period::new(from.parse().unwrap(), until.parse().unwrap()).unwrap()
        };
        let (day, month) = (Span::Day, Span::Month);
        for (from, until, parts) in [
            ("2026-07-01", "2026-08-01", vec![(month, "2026-07-01", "2026-08-01")]),
            ("2026-07-01", "2026-07-31", vec![(day, "2026-07-01", "2026-07-31")]),
            ("2026-07-02", "2026-08-31", vec![(day, "2026-07-02", "2026-08-31")]),
            ("2025-12-31", "2026-01-01", vec![(day, "2025-12-31", "2026-01-01")]),
            (
                "2024-01-31",
                "2024-03-02",
                vec![
                    (day, "2024-01-31", "2024-02-01"),
                    (month, "2024-02-01", "2024-03-01"),
                    (day, "2024-03-01", "2024-03-02"),
                ],
            ),
            (
                "2025-11-23",
                "2026-11-01",
                vec![(day, "2025-11-23", "2025-12-01"), (month, "2025-12-01", "2026-11-01")],
            ),
        ] {
            let parts: Vec<_> =
                parts.into_iter().map(|(span, from, until)| (span, days(from, until))).collect();
            assert_eq!(Span::cut(days(from, until)), parts);
        }
    }
}
