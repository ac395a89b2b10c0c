//! Time along a chart: the days of a period, or its weeks or months where days would be too many.

use chrono::Days;

use crate::{period::Period, words};

words! {
    /// What one place on the axis stands for.
    Step {
        Day = "day",
        Week = "week",
        /// Of thirty days.
        Month = "month",
    }
}

impl Step {
    const fn days(self) -> u64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
        }
    }

    /// The finest with at most 92 places.
    pub fn of(period: Period) -> Self {
        match period.length() {
            0..=92 => Self::Day,
            93..=640 => Self::Week,
            _ => Self::Month,
        }
    }

    /// A period cut into steps that end with it. What is left at its beginning is a step if it is half as
    /// long as one, and otherwise part of the first: one day beside weeks would look like a week without runs.
    pub fn slots(self, period: Period) -> Vec<Period> {
        let mut slots = Vec::new();
        let mut until = period.until;
        while until > period.from {
            let from = until - Days::new(self.days());
            let least = period.from + Days::new(self.days() / 2);
            let from = if from < least { period.from } else { from };
            slots.push(Period { from, until });
            until = from;
        }
        slots.reverse();
        slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(first: &str, last: &str) -> Period {
        Period::of_days(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_period_is_cut_into_few_places_without_a_gap() {
        for (period, step, places) in [
            (days("2026-09-30", "2026-09-30"), Step::Day, 1),
            (days("2026-07-01", "2026-09-30"), Step::Day, 92),
            (days("2025-10-01", "2026-09-30"), Step::Week, 52),
            (days("2025-09-28", "2026-09-30"), Step::Week, 53),
            (days("2023-01-01", "2026-09-30"), Step::Month, 46),
        ] {
            assert_eq!(Step::of(period), step);
            let slots = step.slots(period);
            assert_eq!(slots.len(), places);
            assert_eq!((slots[0].from, slots[places - 1].until), (period.from, period.until));
            assert!(slots.windows(2).all(|pair| pair[0].until == pair[1].from));
        }
    }
}
