//! Plain scheduling: cron, single fires and missed fires.

use chrono::{DateTime, Duration, Utc};
use domain::trigger::{MissedFires, Schedule, Timing};

use super::{Calendar, next_after, validate};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn cron(text: &str, timezone: &str) -> Schedule {
    Schedule {
        timing: Timing::Cron(text.into()),
        timezone: timezone.into(),
        missed: MissedFires::Latest,
    }
}

fn once(text: &str) -> Schedule {
    Schedule { timing: Timing::At(at(text)), timezone: "UTC".into(), missed: MissedFires::Latest }
}

fn calendar(schedule: &Schedule) -> Calendar {
    Calendar::new(schedule).unwrap()
}

#[test]
fn the_thirteen_mondays_of_the_example_quarter() {
    let mondays = calendar(&cron("0 6 * * MON", "America/Chicago"));
    let due = mondays.due_between(at("2026-07-01T05:00:00Z"), at("2026-10-01T04:59:59Z"), 100);
    assert_eq!(due.len(), 13);
    assert_eq!(due.first(), Some(&at("2026-07-06T11:00:00Z")));
    assert_eq!(due.last(), Some(&at("2026-09-28T11:00:00Z")));
}

#[test]
fn the_time_zone_decides_the_instant() {
    for (timezone, expected) in [
        ("UTC", "2026-07-02T06:00:00Z"),
        ("America/New_York", "2026-07-01T10:00:00Z"),
        ("Asia/Kolkata", "2026-07-02T00:30:00Z"),
        ("Australia/Lord_Howe", "2026-07-01T19:30:00Z"),
    ] {
        let next = next_after(&cron("0 6 * * *", timezone), at("2026-07-01T06:00:00Z"));
        assert_eq!(next, Ok(Some(at(expected))), "{timezone}");
    }
}

#[test]
fn the_start_is_excluded_and_the_end_included() {
    let daily = calendar(&cron("0 6 * * *", "UTC"));
    let (first, second) = (at("2026-07-01T06:00:00Z"), at("2026-07-02T06:00:00Z"));
    assert_eq!(daily.due_between(first, second, 10), [second]);
    assert!(daily.due_between(first, second - Duration::seconds(1), 10).is_empty());
    assert!(daily.due_between(second, first, 10).is_empty());
    assert_eq!(daily.due_between(first, at("2026-08-01T00:00:00Z"), 3).len(), 3);
}

#[test]
fn a_single_fire_fires_once() {
    let once = calendar(&once("2026-08-01T06:00:00Z"));
    assert_eq!(once.next_after(at("2026-07-01T00:00:00Z")), Some(at("2026-08-01T06:00:00Z")));
    assert_eq!(once.next_after(at("2026-08-01T06:00:00Z")), None);
    assert_eq!(
        once.due_between(at("2026-07-01T00:00:00Z"), at("2027-01-01T00:00:00Z"), 9).len(),
        1
    );
}

#[test]
fn missed_fires_follow_the_policy() {
    use MissedFires::{All, Latest, Skip};
    let hourly = calendar(&cron("0 * * * *", "UTC"));
    let last = at("2026-07-01T00:00:00Z");
    let fires = |now: &str, policy| -> Vec<String> {
        hourly
            .fires_due(last, at(now), policy, Duration::minutes(5), 100)
            .iter()
            .map(|fire| fire.format("%H:%M").to_string())
            .collect()
    };
    // On time: every policy says the same.
    for policy in [Skip, Latest, All] {
        assert_eq!(fires("2026-07-01T00:59:59Z", policy), [""; 0]);
        assert_eq!(fires("2026-07-01T01:00:00Z", policy), ["01:00"]);
        assert_eq!(fires("2026-07-01T01:04:59Z", policy), ["01:00"]);
    }
    // Down for hours, back just after a fire: that one is fresh and stands for the missed ones.
    assert_eq!(fires("2026-07-01T04:02:00Z", Skip), ["04:00"]);
    assert_eq!(fires("2026-07-01T04:02:00Z", Latest), ["04:00"]);
    assert_eq!(fires("2026-07-01T04:02:00Z", All), ["01:00", "02:00", "03:00", "04:00"]);
    // Back in the middle of an hour.
    assert_eq!(fires("2026-07-01T04:30:00Z", Skip), [""; 0]);
    assert_eq!(fires("2026-07-01T04:30:00Z", Latest), ["04:00"]);
    assert_eq!(fires("2026-07-01T04:30:00Z", All), ["01:00", "02:00", "03:00", "04:00"]);
}

#[test]
fn a_missed_single_fire_follows_the_policy() {
    let once = calendar(&once("2026-07-01T06:00:00Z"));
    let (last, now) = (at("2026-06-30T00:00:00Z"), at("2026-07-02T00:00:00Z"));
    let fires = |last, policy| once.fires_due(last, now, policy, Duration::minutes(5), 9).len();
    assert_eq!(fires(last, MissedFires::Skip), 0);
    assert_eq!(fires(last, MissedFires::Latest), 1);
    assert_eq!(fires(last, MissedFires::All), 1);
    assert_eq!(fires(at("2026-07-01T06:00:00Z"), MissedFires::Latest), 0);
}

#[test]
fn catching_up_in_portions_reaches_the_same_fires() {
    let minutely = calendar(&cron("* * * * *", "UTC"));
    let (start, now) = (at("2026-07-01T00:00:00Z"), at("2026-07-01T01:40:00Z"));
    let (mut last, mut seen) = (start, Vec::new());
    loop {
        let portion = minutely.fires_due(last, now, MissedFires::All, Duration::zero(), 7);
        let Some(&newest) = portion.last() else { break };
        last = newest;
        seen.extend(portion);
    }
    assert_eq!(seen, minutely.due_between(start, now, 1_000));
    assert_eq!(seen.len(), 100);
}

#[test]
fn a_clock_that_steps_back_fires_nothing_twice() {
    let hourly = calendar(&cron("0 * * * *", "UTC"));
    let last = at("2026-07-01T04:00:00Z");
    for policy in [MissedFires::Skip, MissedFires::Latest, MissedFires::All] {
        let due =
            hourly.fires_due(last, at("2026-07-01T03:30:00Z"), policy, Duration::minutes(5), 9);
        assert!(due.is_empty(), "{policy}");
    }
}

#[test]
fn good_cron_expressions_are_accepted() {
    for text in [
        "0 6 * * MON",
        "*/15 9-17 * * 1-5",
        "0 0 1 * *",
        "30 4 L * *",
        "0 9 * * MON#1",
        "0 9 15W * *",
        "0 0 29 2 *",
        "0  6   *  *   7",
        "5,35 * * jan,jul sun",
    ] {
        assert_eq!(validate(&cron(text, "Europe/London")), Ok(()), "{text}");
    }
}

#[test]
fn bad_schedules_are_refused_with_a_code() {
    for text in [
        "",
        "* * * *",
        "* * * * * *",
        "0 0 0 0 0 0 0",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "a b c d e",
        "@daily",
        "0 6 * * FOO",
        "*/0 * * * *",
        "5-1 * * * *",
        "é * * * *",
        "0 6 * * MON; rm",
        "-1 * * * *",
    ] {
        let error = validate(&cron(text, "UTC")).expect_err(text);
        assert_eq!(error.code(), "schedule-does-not-parse", "{text}: {error}");
    }
    let long = format!("{} * * * *", "1,".repeat(200));
    assert!(validate(&cron(&long, "UTC")).is_err());
    assert_eq!(validate(&cron("0 0 30 2 *", "UTC")).unwrap_err().code(), "schedule-never-fires");
    for timezone in ["", "Mars/Base", "Europe/london ", "+02:00"] {
        let error = validate(&cron("0 6 * * *", timezone)).expect_err(timezone);
        assert_eq!(error.code(), "schedule-unknown-time-zone", "{timezone}");
    }
}

#[test]
fn a_cron_is_told_in_words_and_on_the_clocks_of_its_zone() {
    let weekly = calendar(&cron("0 6 * * MON", "America/Chicago"));
    assert_eq!(weekly.describe().as_deref(), Some("At 06:00, on Monday"));
    let there = weekly.on_the_wall(at("2026-07-06T11:00:00Z"));
    assert_eq!(there.to_rfc3339(), "2026-07-06T06:00:00-05:00");
    let single = calendar(&once("2026-07-06T11:00:00Z"));
    assert_eq!(single.describe(), None);
    assert_eq!(
        single.on_the_wall(at("2026-07-06T11:00:00Z")).to_rfc3339(),
        "2026-07-06T11:00:00+00:00"
    );
}
