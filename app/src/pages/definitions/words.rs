//! Definitions in words: triggers, subjects, approvals.

use chrono::{DateTime, FixedOffset};
use domain::{
    Timestamp,
    approval::{ApprovalRule, OnExpiry},
    automation::{Definition, OnItemFailure, Subjects},
    time::seconds,
    trigger::{MissedFires, Schedule, Timing, Trigger, TriggerKind},
};
use engine::schedule::Calendar;

use super::cron;
use crate::format;

/// When a definition fires, in a phrase.
pub fn trigger(trigger: &Trigger) -> String {
    match (&trigger.schedule, trigger.kind) {
        (Some(schedule), _) => timing(schedule),
        (None, TriggerKind::Reported) => "Elsewhere; its runs are reported".to_owned(),
        (None, TriggerKind::ManualRequest) => "When a member asks for it".to_owned(),
        (None, kind) => {
            let any = || format!("any {}", kind.as_str().replace('-', " "));
            let what = trigger.event_type.clone().unwrap_or_else(any);
            let whose = trigger.source.as_deref().map(|source| format!(" from {source}"));
            format!("On {what}{}", whose.unwrap_or_default())
        }
    }
}

fn timing(schedule: &Schedule) -> String {
    match &schedule.timing {
        Timing::At(at) => format!("Once, at {}", format::absolute(*at)),
        Timing::Cron(text) => {
            let described = || Calendar::new(schedule).ok()?.describe();
            cron::in_words(text).or_else(described).unwrap_or_else(|| format!("cron {text}"))
        }
    }
}

/// The next fire: the instant, and the same as clocks in the schedule's zone show it.
pub fn next_fire(trigger: &Trigger, now: Timestamp) -> Option<(Timestamp, DateTime<FixedOffset>)> {
    let calendar = Calendar::new(trigger.schedule.as_ref()?).ok()?;
    let next = calendar.next_after(now)?;
    Some((next, calendar.on_the_wall(next)))
}

/// What happens to fires that were due while nothing was running.
pub const fn missed(policy: MissedFires) -> &'static str {
    match policy {
        MissedFires::Skip => "left out",
        MissedFires::Latest => "one run for the most recent of them",
        MissedFires::All => "one run for each, oldest first",
    }
}

/// Where the subjects of a run come from.
pub fn subjects(subjects: &Subjects) -> String {
    match subjects {
        Subjects::Register { kind } => format!("Every {kind} in its register"),
        Subjects::Event { kind } => format!("The {kind} that the event is about"),
    }
}

/// What a run with failed items does when nothing else is left.
pub const fn on_item_failure(then: OnItemFailure) -> &'static str {
    match then {
        OnItemFailure::Close => "The run closes, completed with failures",
        OnItemFailure::Hold => "The run stays open until a member retries or closes it",
    }
}

/// Every approval the definition asks for, and when.
pub fn approvals(definition: &Definition) -> Vec<(&'static str, &ApprovalRule)> {
    let approvals = &definition.approval;
    let all = [
        ("Before the actioner is called", &approvals.before_action),
        ("When the actioner asks a question", &approvals.on_question),
        ("Before failed items are retried", &approvals.retries),
    ];
    all.into_iter().filter_map(|(when, rule)| Some((when, rule.as_ref()?))).collect()
}

/// `1 approver, within 14 d, then dismissed`.
pub fn rule(rule: &ApprovalRule) -> String {
    let who = match rule.members.as_slice() {
        [] => format!(
            "{} with the role {}",
            format::plural(rule.quorum, "member", "members"),
            rule.role
        ),
        named => format!("{} of {}", rule.quorum, named.join(", ")),
    };
    let then = match rule.on_expiry {
        OnExpiry::Dismiss => "dismissed",
        OnExpiry::Approve => "approved",
    };
    format!("{who}, within {}, then {then}", length(rule.expires_after_seconds))
}

/// A length given in seconds.
pub fn length(amount: i64) -> String {
    format::duration(seconds(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(timing: Timing) -> Trigger {
        let timezone = "America/Chicago".to_owned();
        let schedule = Schedule { timing, timezone, missed: MissedFires::Skip };
        Trigger {
            kind: TriggerKind::Schedule,
            schedule: Some(schedule),
            event_type: None,
            source: None,
        }
    }

    #[test]
    fn triggers_read_as_phrases() {
        let weekly = schedule(Timing::Cron("0 6 * * MON".to_owned()));
        assert_eq!(trigger(&weekly), "Every Monday at 06:00");
        let odd = schedule(Timing::Cron("0 6,18 * 2 *".to_owned()));
        assert!(!trigger(&odd).starts_with("cron"), "{}", trigger(&odd));
        let event = Trigger {
            kind: TriggerKind::MonitorResult,
            schedule: None,
            event_type: Some("monitor.failed".to_owned()),
            source: Some("aml".to_owned()),
        };
        assert_eq!(trigger(&event), "On monitor.failed from aml");
    }

    #[test]
    fn the_next_fire_is_told_as_clocks_on_the_spot_show_it() {
        let weekly = schedule(Timing::Cron("0 6 * * MON".to_owned()));
        let now = "2026-10-27T00:00:00Z".parse().unwrap();
        let (at, there) = next_fire(&weekly, now).unwrap();
        assert_eq!(at.to_rfc3339(), "2026-11-02T12:00:00+00:00");
        assert_eq!(there.to_rfc3339(), "2026-11-02T06:00:00-06:00");
        let once = schedule(Timing::At("2026-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(next_fire(&once, now), None);
    }
}
