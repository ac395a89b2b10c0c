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

/// Sums of days or months, which are part of a longer sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub span: Span,
    pub days: Period,
    /// Taken off instead of added: days of a month that was added as a whole.
    pub is_off: bool,
}

impl Part {
    /// Parts that make up a period and are few to read: whole months, and where a month is within only in
    /// part, the days that are, or the whole of it without the days that are not.
    pub fn of(period: Period) -> Vec<Self> {
        let mut parts: Vec<Self> = Vec::new();
        for within in period.by_month() {
            let month = Period::month_of(within.from);
            if within.length() * 2 <= month.length() {
                parts.push(Self { span: Span::Day, days: within, is_off: false });
                continue;
            }
            match parts.last_mut() {
                Some(last) if last.is_whole() && last.days.until == month.from => {
                    last.days.until = month.until;
                }
                _ => parts.push(Self { span: Span::Month, days: month, is_off: false }),
            }
            let outside = [(month.from, within.from), (within.until, month.until)];
            let outside = outside.into_iter().filter(|(from, until)| from < until);
            parts.extend(outside.map(|(from, until)| Self {
                span: Span::Day,
                days: Period { from, until },
                is_off: true,
            }));
        }
        parts
    }

    fn is_whole(&self) -> bool {
        self.span == Span::Month
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
    fn a_period_is_whole_months_and_few_days_added_or_taken_off() {
        for (from, until, expected) in [
            ("2026-07-01", "2026-08-01", "+month 2026-07-01 2026-08-01"),
            ("2026-07-01", "2026-07-16", "+day 2026-07-01 2026-07-16"),
            ("2026-07-01", "2026-07-31", "+month 2026-07-01 2026-08-01 -day 2026-07-31 2026-08-01"),
            (
                "2026-07-02",
                "2026-07-31",
                "+month 2026-07-01 2026-08-01 -day 2026-07-01 2026-07-02 -day 2026-07-31 2026-08-01",
            ),
            ("2025-12-31", "2026-01-01", "+day 2025-12-31 2026-01-01"),
            (
                "2024-01-31",
                "2024-03-02",
                "+day 2024-01-31 2024-02-01 +month 2024-02-01 2024-03-01 +day 2024-03-01 2024-03-02",
            ),
            (
                "2025-11-23",
                "2026-11-22",
                "+day 2025-11-23 2025-12-01 +month 2025-12-01 2026-12-01 -day 2026-11-22 2026-12-01",
            ),
        ] {
            let period = Period::new(from.parse().unwrap(), until.parse().unwrap()).unwrap();
            let word = |part: &Part| {
                let (sign, span) = (if part.is_off { '-' } else { '+' }, part.span.as_str());
                format!("{sign}{span} {} {}", part.days.from, part.days.until)
            };
            let parts: Vec<_> = Part::of(period).iter().map(word).collect();
            assert_eq!(parts.join(" "), expected);
        }
    }
}
