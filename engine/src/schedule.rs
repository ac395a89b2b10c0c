//! When a schedule fires: cron with a time zone, or once.
//!
//! Cron has five fields (`minute hour day-of-month month day-of-week`) with croner's extras `L`, `W`
//! and `#`, read on the wall clock of the schedule's time zone. When clocks change:
//!
//! - **Forward** (02:00 becomes 03:00): a job at a fixed time inside the gap fires at the first
//!   instant after it; repeating jobs (`*`, `*/n`, ranges and lists in minute or hour) leave the gap out.
//! - **Back** (02:00 becomes 01:00): a job at a fixed time fires in the first pass only; repeating
//!   jobs fire in both.
//!
//! So a daily job at a fixed time fires exactly once on every calendar day, in every zone.
//!
//! Everything here is a pure function of its arguments. A fire is named by its instant; that it
//! exists once is the database's business.

#[cfg(test)]
mod dst_tests;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Duration, FixedOffset, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    errors::CronError,
    parser::{CronParser, Seconds, Year},
};
use domain::trigger::{MissedFires, Schedule, Timing};

/// Why a schedule cannot be read, or never fires.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    #[error("'{0}' is not an IANA time zone such as America/Chicago")]
    TimeZone(String),
    #[error("'{0}' is not a cron expression of five fields: {1}")]
    Cron(String, String),
    #[error("the cron expression '{0}' never fires")]
    NeverFires(String),
}

impl ScheduleError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TimeZone(_) => "schedule-unknown-time-zone",
            Self::Cron(..) => "schedule-does-not-parse",
            Self::NeverFires(_) => "schedule-never-fires",
        }
    }
}

/// The longest text of a cron expression, in bytes.
const LONGEST_CRON: usize = 200;

/// A schedule read once, to be asked often.
#[derive(Debug, Clone)]
pub struct Calendar(Plan);

#[derive(Debug, Clone)]
enum Plan {
    Cron { cron: Box<Cron>, timezone: Tz },
    Once(DateTime<Utc>),
}

impl Calendar {
    /// # Errors
    /// The time zone or the cron expression is not one.
    pub fn new(schedule: &Schedule) -> Result<Self, ScheduleError> {
        let timezone = timezone(&schedule.timezone)?;
        Ok(Self(match &schedule.timing {
            Timing::At(instant) => Plan::Once(*instant),
            Timing::Cron(text) => Plan::Cron { cron: Box::new(cron(text)?), timezone },
        }))
    }

    /// The first fire after `after`, `after` itself excluded; `None` if there is none any more.
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.0 {
            Plan::Once(instant) => (*instant > after).then_some(*instant),
            Plan::Cron { cron, timezone } => cron
                .find_next_occurrence(&after.with_timezone(timezone), false)
                .ok()
                .map(|next| next.with_timezone(&Utc)),
        }
    }

    /// The cron expression in English: `At 06:00, on Monday`. Nothing for a schedule that fires once.
    pub fn describe(&self) -> Option<String> {
        match &self.0 {
            Plan::Once(_) => None,
            Plan::Cron { cron, .. } => Some(cron.describe().trim_end_matches('.').to_owned()),
        }
    }

    /// An instant as the clocks of the schedule's zone show it; UTC for a schedule that fires once.
    pub fn on_the_wall(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        match &self.0 {
            Plan::Once(_) => at.fixed_offset(),
            Plan::Cron { timezone, .. } => at.with_timezone(timezone).fixed_offset(),
        }
    }

    /// The last fire at or before `until`, if there was one.
    fn last_until(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.0 {
            Plan::Once(instant) => (*instant <= until).then_some(*instant),
            Plan::Cron { cron, timezone } => cron
                .find_previous_occurrence(&until.with_timezone(timezone), true)
                .ok()
                .map(|last| last.with_timezone(&Utc)),
        }
    }

    /// Fires in `(after, until]`, oldest first, at most `max`.
    pub fn due_between(
        &self,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
        max: usize,
    ) -> Vec<DateTime<Utc>> {
        std::iter::successors(self.next_after(after), |fire| self.next_after(*fire))
            .take_while(|fire| *fire <= until)
            .take(max)
            .collect()
    }

    /// The fires to act on at `now`, oldest first, given that everything up to `last` was settled.
    ///
    /// A fire is *missed* when it was due more than `grace` ago. Fires that are not missed always
    /// count; the policy decides about the others: none of them, the most recent one if nothing
    /// fresher stands for it, or all. At most `max` are returned; ask again from the last of them.
    pub fn fires_due(
        &self,
        last: DateTime<Utc>,
        now: DateTime<Utc>,
        policy: MissedFires,
        grace: Duration,
        max: usize,
    ) -> Vec<DateTime<Utc>> {
        let fresh_after = now.checked_sub_signed(grace).unwrap_or(now).max(last);
        match policy {
            MissedFires::All => self.due_between(last, now, max),
            MissedFires::Skip => self.due_between(fresh_after, now, max),
            MissedFires::Latest => {
                let fresh = self.due_between(fresh_after, now, max);
                if fresh.is_empty() {
                    self.last_until(now).filter(|fire| *fire > last).into_iter().collect()
                } else {
                    fresh
                }
            }
        }
    }
}

/// # Errors
/// The schedule cannot be read.
pub fn next_after(
    schedule: &Schedule,
    after: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, ScheduleError> {
    Ok(Calendar::new(schedule)?.next_after(after))
}

/// Checks a schedule as a definition states it: readable, and a cron that fires at some time.
///
/// # Errors
/// What is wrong with it.
pub fn validate(schedule: &Schedule) -> Result<(), ScheduleError> {
    let calendar = Calendar::new(schedule)?;
    match &schedule.timing {
        Timing::Cron(text) if calendar.next_after(DateTime::UNIX_EPOCH).is_none() => {
            Err(ScheduleError::NeverFires(text.clone()))
        }
        _ => Ok(()),
    }
}

fn timezone(name: &str) -> Result<Tz, ScheduleError> {
    name.parse().map_err(|_| ScheduleError::TimeZone(name.chars().take(80).collect()))
}

fn cron(text: &str) -> Result<Cron, ScheduleError> {
    let refused = |why: &str| {
        let shown = text.chars().take(80).collect();
        ScheduleError::Cron(shown, why.trim_end_matches('.').to_owned())
    };
    if text.len() > LONGEST_CRON {
        return Err(refused("it is too long"));
    }
    if !text.is_ascii() || text.contains('@') || text.split_whitespace().count() != 5 {
        return Err(refused("write minute, hour, day of month, month and day of week"));
    }
    CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build()
        .parse(text)
        .map_err(|error| match error {
            CronError::InvalidPattern(why)
            | CronError::IllegalCharacters(why)
            | CronError::ComponentError(why) => refused(&why),
            other => refused(&other.to_string()),
        })
}
