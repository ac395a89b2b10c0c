//! The `trigger` of a definition.

use chrono::{DateTime, Utc};
use domain::trigger::{MissedFires, Schedule, Timing, Trigger, TriggerKind};

use super::{
    error::Report,
    fields::{Field, Fields},
};
use crate::schedule;

/// Fields of a schedule.
pub(super) const SCHEDULE: &[&str] = &["kind", "cron", "at", "timezone", "missed"];
/// Fields of every other kind.
pub(super) const LISTENING: &[&str] = &["kind", "type", "source"];
/// The longest type or source, in characters.
const LONGEST_NAME: usize = 200;

pub(super) fn trigger(field: &Field<'_>, report: &Report<'_>) -> Option<Trigger> {
    let is_schedule = field.node.get("kind").is_some_and(|kind| {
        let kind = Field { node: &kind.value, path: String::new() };
        kind.text(&Report::new("")) == Some(TriggerKind::Schedule.as_str())
    });
    let known = if is_schedule { SCHEDULE } else { LISTENING };
    let fields = field.fields(report, known)?;
    let kind =
        fields.require(report, "kind")?.word(report, TriggerKind::DECLARED, TriggerKind::as_str)?;
    if is_schedule {
        let schedule = Some(schedule(field, &fields, report)?);
        return Some(Trigger { kind, schedule, event_type: None, source: None });
    }
    let name = |name| fields.get(name).map(|field| field.line(report, LONGEST_NAME));
    let (event_type, source) = (name("type"), name("source"));
    Some(Trigger { kind, schedule: None, event_type: given(event_type)?, source: given(source)? })
}

/// An optional value: `None` if it was given and wrong.
#[expect(clippy::option_option, reason = "given or not, then right or not")]
fn given<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        Some(None) => None,
        Some(value) => Some(value),
        None => Some(None),
    }
}

fn schedule(field: &Field<'_>, fields: &Fields<'_>, report: &Report<'_>) -> Option<Schedule> {
    let timezone = match fields.get("timezone") {
        Some(field) => field.line(report, LONGEST_NAME)?,
        None => "UTC".to_owned(),
    };
    let missed = match fields.get("missed") {
        Some(field) => field.word(report, MissedFires::ALL, MissedFires::as_str)?,
        None => MissedFires::Latest,
    };
    let (when, timing) = match (fields.get("cron"), fields.get("at")) {
        (Some(cron), None) => {
            let text = cron.line(report, LONGEST_NAME)?;
            (cron, Timing::Cron(text))
        }
        (None, Some(at)) => {
            let instant = instant(&at, report)?;
            (at, Timing::At(instant))
        }
        _ => {
            let message = "a schedule has either 'cron' or 'at'";
            field.error(report, "missing-field", message);
            return None;
        }
    };
    let schedule = Schedule { timing, timezone, missed };
    match schedule::validate(&schedule) {
        Ok(()) => Some(schedule),
        Err(error) => {
            let place = match &error {
                schedule::ScheduleError::TimeZone(_) => fields.get("timezone").unwrap_or(when),
                _ => when,
            };
            place.error(report, error.code(), error.to_string());
            None
        }
    }
}

fn instant(field: &Field<'_>, report: &Report<'_>) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(field.text(report)?);
    if instant.is_err() {
        let message = "this has to be an instant such as 2026-08-01T06:00:00Z";
        field.error(report, "invalid-value", message);
    }
    Some(instant.ok()?.to_utc())
}
