//! Which health is asked for: of what, over which days, and beside which. The query string is the question:
//! `automation=kyc&since=90d&compare=previous`, or days with `from` and `to`.

use chrono::{Days, NaiveDate};

use crate::{
    filter::{InvalidFilter, query, read},
    period::Period,
    words,
};

words! {
    /// What a period is put beside.
    Compare {
        /// The period of the same length before it.
        Previous = "previous",
    }
}

/// Days, unless something else is asked for.
pub const USUAL_DAYS: u64 = 30;

/// The most days of one question.
pub const MOST_DAYS: u64 = 1_500;

/// A question about health.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthQuery {
    /// The key of an automation; `None` for all of them.
    pub automation: Option<String>,
    /// The last so many days, today included.
    pub since: Option<u64>,
    pub from: Option<NaiveDate>,
    /// Included.
    pub to: Option<NaiveDate>,
    pub compare: Option<Compare>,
}

impl HealthQuery {
    /// Reads the decoded pairs of a query string; empty values count as absent.
    pub fn parse<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, InvalidFilter> {
        let asked = read::each(pairs, &[], Self::set)?;
        read::check_days(asked.from, asked.to)?;
        if asked.since.is_some() && (asked.from.is_some() || asked.to.is_some()) {
            return Err(InvalidFilter::new("since", "either since, or from and to"));
        }
        if asked.to.is_some() && asked.from.is_none() {
            return Err(InvalidFilter::new("from", "a period has a first day"));
        }
        Ok(asked)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidFilter> {
        match name {
            "automation" => self.automation = Some(read::key(name, value)?),
            "since" => self.since = Some(days(name, value)?),
            "from" => self.from = Some(read::day(name, value)?),
            "to" => self.to = Some(read::day(name, value)?),
            "compare" => self.compare = Some(read::value(name, value)?),
            _ => return Err(InvalidFilter::unknown(name)),
        }
        Ok(())
    }

    /// The pairs [`HealthQuery::parse`] reads.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.automation.clone().map(|key| ("automation", key)));
        pairs.extend(self.since.map(|days| ("since", format!("{days}d"))));
        pairs.extend(self.from.map(|day| ("from", day.to_string())));
        pairs.extend(self.to.map(|day| ("to", day.to_string())));
        pairs.extend(self.compare.map(|compare| ("compare", compare.to_string())));
        pairs
    }

    pub fn query(&self) -> String {
        query(self.pairs().iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// The days it is about.
    pub fn period(&self, today: NaiveDate) -> Result<Period, InvalidFilter> {
        let period = match self.from {
            Some(from) => Period::of_days(from, self.to.unwrap_or(today.max(from))),
            None => last_days(today, self.since.unwrap_or(USUAL_DAYS)),
        };
        let period = period.map_err(|error| InvalidFilter::new("from", &error))?;
        if period.length() > MOST_DAYS {
            let message = format!("expected at most {MOST_DAYS} days");
            return Err(InvalidFilter::new("from", &message));
        }
        Ok(period)
    }
}

fn last_days(today: NaiveDate, days: u64) -> Result<Period, crate::period::InvalidPeriod> {
    Period::of_days(today - Days::new(days.saturating_sub(1)), today)
}

/// A number of days, written `30d`, or of weeks, `4w`.
pub fn days(name: &str, text: &str) -> Result<u64, InvalidFilter> {
    let (number, times) = match text.strip_suffix('w') {
        Some(weeks) => (weeks, 7),
        None => (text.strip_suffix('d').unwrap_or_default(), 1),
    };
    let days = number.parse::<u64>().ok().and_then(|number| number.checked_mul(times));
    days.filter(|days| (1..=MOST_DAYS).contains(days) && !number.starts_with('+')).ok_or_else(
        || {
            let message = format!("expected days or weeks such as 30d or 4w, at most {MOST_DAYS}d");
            InvalidFilter::new(name, &message)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_question_reads_back_what_it_writes() {
        for text in [
            "",
            "since=90d",
            "automation=kyc&since=7d&compare=previous",
            "from=2026-07-01&to=2026-09-30",
        ] {
            let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
            assert_eq!(HealthQuery::parse(pairs).unwrap().query(), text);
        }
    }

    #[test]
    fn a_question_is_about_whole_days() {
        let today = day("2026-09-30");
        for (pairs, from, last) in [
            (vec![], "2026-09-01", "2026-09-30"),
            (vec![("since", "7d")], "2026-09-24", "2026-09-30"),
            (vec![("since", "2w")], "2026-09-17", "2026-09-30"),
            (vec![("from", "2026-07-01")], "2026-07-01", "2026-09-30"),
            (vec![("from", "2026-07-01"), ("to", "2026-07-31")], "2026-07-01", "2026-07-31"),
        ] {
            let period = HealthQuery::parse(pairs).unwrap().period(today).unwrap();
            assert_eq!((period.from, period.last_day()), (day(from), day(last)));
        }
    }

    #[test]
    fn what_it_does_not_understand_is_refused_by_name() {
        for (pairs, name) in [
            (vec![("since", "soon")], "since"),
            (vec![("since", "0d")], "since"),
            (vec![("since", "9999d")], "since"),
            (vec![("since", "7d"), ("from", "2026-07-01")], "since"),
            (vec![("to", "2026-07-01")], "from"),
            (vec![("compare", "next")], "compare"),
            (vec![("status", "failed")], "status"),
        ] {
            assert_eq!(HealthQuery::parse(pairs.clone()).unwrap_err().name, name, "{pairs:?}");
        }
        let long = HealthQuery { from: Some(day("2010-01-01")), ..HealthQuery::default() };
        assert_eq!(long.period(day("2026-09-30")).unwrap_err().name, "from");
    }
}
