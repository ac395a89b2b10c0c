//! Days on which clocks change: 20 zones, both changes.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use domain::trigger::{MissedFires, Schedule, Timing};

use super::Calendar;

/// Zone, the day clocks go forward, the day they go back, the first minute of the gap.
const CHANGES: [(&str, &str, &str, &str); 20] = [
    ("Europe/London", "2026-03-29", "2026-10-25", "01:00"),
    ("Europe/Dublin", "2026-03-29", "2026-10-25", "01:00"),
    ("Europe/Lisbon", "2026-03-29", "2026-10-25", "01:00"),
    ("Europe/Berlin", "2026-03-29", "2026-10-25", "02:00"),
    ("Europe/Paris", "2026-03-29", "2026-10-25", "02:00"),
    ("Europe/Athens", "2026-03-29", "2026-10-25", "03:00"),
    ("Europe/Helsinki", "2026-03-29", "2026-10-25", "03:00"),
    ("Atlantic/Azores", "2026-03-29", "2026-10-25", "00:00"),
    ("America/New_York", "2026-03-08", "2026-11-01", "02:00"),
    ("America/Chicago", "2026-03-08", "2026-11-01", "02:00"),
    ("America/Denver", "2026-03-08", "2026-11-01", "02:00"),
    ("America/Los_Angeles", "2026-03-08", "2026-11-01", "02:00"),
    ("America/Anchorage", "2026-03-08", "2026-11-01", "02:00"),
    ("America/St_Johns", "2026-03-08", "2026-11-01", "02:00"),
    ("America/Havana", "2026-03-08", "2026-11-01", "00:00"),
    ("America/Santiago", "2026-09-06", "2026-04-05", "00:00"),
    ("Australia/Sydney", "2026-10-04", "2026-04-05", "02:00"),
    ("Australia/Adelaide", "2026-10-04", "2026-04-05", "02:00"),
    ("Australia/Lord_Howe", "2026-10-04", "2026-04-05", "02:00"),
    ("Pacific/Auckland", "2026-09-27", "2026-04-05", "02:00"),
];

fn calendar(cron: &str, zone: &str) -> Calendar {
    let timing = Timing::Cron(cron.into());
    Calendar::new(&Schedule { timing, timezone: zone.into(), missed: MissedFires::All }).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// From two days before to two days after, in the zone.
fn around(zone: Tz, middle: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    let noon = |date: NaiveDate| {
        zone.from_local_datetime(&date.and_hms_opt(12, 0, 0).unwrap()).unwrap().to_utc()
    };
    (noon(middle - Duration::days(2)), noon(middle + Duration::days(2)))
}

#[test]
fn the_table_names_real_changes() {
    for (name, forward, back, gap) in CHANGES {
        let zone: Tz = name.parse().unwrap();
        let gap: NaiveTime = gap.parse().unwrap();
        assert!(zone.from_local_datetime(&day(forward).and_time(gap)).single().is_none(), "{name}");
        let offset = |date: NaiveDate, hour| {
            let local = date.and_hms_opt(hour, 0, 0).unwrap();
            zone.from_local_datetime(&local).latest().unwrap().offset().fix().local_minus_utc()
        };
        assert!(offset(day(back) - Duration::days(1), 12) > offset(day(back), 12), "{name}");
    }
}

#[test]
fn a_daily_job_at_any_fixed_time_fires_exactly_once_on_each_day() {
    for (name, forward, back, _) in CHANGES {
        let zone: Tz = name.parse().unwrap();
        for change in [day(forward), day(back)] {
            let (start, end) = around(zone, change);
            for minute in (0..24 * 60).step_by(15) {
                let cron = format!("{} {} * * *", minute % 60, minute / 60);
                let fires = calendar(&cron, name).due_between(start, end, 50);
                let on_the_day =
                    fires.iter().filter(|fire| fire.with_timezone(&zone).date_naive() == change);
                assert_eq!(on_the_day.count(), 1, "{name} {change} {cron}: {fires:?}");
                assert_eq!(fires.len(), 4, "{name} {change} {cron}: {fires:?}");
            }
        }
    }
}

#[test]
fn walking_fire_by_fire_never_goes_back_or_stands_still() {
    for (name, forward, back, _) in CHANGES {
        let zone: Tz = name.parse().unwrap();
        for (change, cron) in [forward, back].into_iter().flat_map(|date| {
            ["*/10 * * * *", "30 1 * * *", "0,30 0-4 * * *"].map(|c| (day(date), c))
        }) {
            let (start, end) = around(zone, change);
            let calendar = calendar(cron, name);
            let mut last = start;
            while let Some(next) = calendar.next_after(last).filter(|next| *next <= end) {
                assert!(next > last, "{name} {change} {cron}: {next} after {last}");
                last = next;
            }
        }
    }
}

#[test]
fn a_job_every_ten_minutes_keeps_its_pace_through_both_changes() {
    for (name, forward, back, _) in CHANGES {
        let zone: Tz = name.parse().unwrap();
        for change in [day(forward), day(back)] {
            let (start, end) = around(zone, change);
            let fires = calendar("*/10 * * * *", name).due_between(start, end, 1_000);
            let expected = (end - start).num_minutes() / 10;
            assert_eq!(i64::try_from(fires.len()).unwrap(), expected, "{name} {change}");
        }
    }
}

#[test]
fn looking_back_finds_the_fire_that_looking_forward_found() {
    for (name, forward, back, _) in CHANGES {
        let zone: Tz = name.parse().unwrap();
        for change in [day(forward), day(back)] {
            let (start, end) = around(zone, change);
            for cron in ["30 1 * * *", "15 2 * * *", "0 0 * * *", "30 3 * * *"] {
                let calendar = calendar(cron, name);
                for hour in 0..(end - start).num_hours() {
                    let now = start + Duration::hours(hour);
                    let ahead = calendar.due_between(start, now, 100).pop();
                    let behind = calendar.last_until(now).filter(|fire| *fire > start);
                    assert_eq!(behind, ahead, "{name} {change} {cron} {now}");
                }
            }
        }
    }
}

fn fires_on(cron: &str, zone: &str, date: &str) -> Vec<String> {
    let zone: Tz = zone.parse().unwrap();
    let (start, end) = around(zone, day(date));
    calendar(cron, zone.name())
        .due_between(start, end, 1_000)
        .into_iter()
        .map(|fire| fire.with_timezone(&zone))
        .filter(|fire| fire.date_naive().day() == day(date).day())
        .map(|fire| fire.format("%H:%M %z").to_string())
        .collect()
}

#[test]
fn a_fixed_time_in_the_gap_fires_at_the_first_instant_after_it() {
    assert_eq!(fires_on("30 1 * * *", "Europe/London", "2026-03-29"), ["02:00 +0100"]);
    assert_eq!(fires_on("30 2 * * *", "America/New_York", "2026-03-08"), ["03:00 -0400"]);
    // Lord Howe changes by half an hour.
    assert_eq!(fires_on("15 2 * * *", "Australia/Lord_Howe", "2026-10-04"), ["02:30 +1100"]);
    // Santiago has no midnight on the day.
    assert_eq!(fires_on("0 0 * * *", "America/Santiago", "2026-09-06"), ["01:00 -0300"]);
}

#[test]
fn a_fixed_time_that_comes_twice_fires_the_first_time() {
    assert_eq!(fires_on("30 1 * * *", "Europe/London", "2026-10-25"), ["01:30 +0100"]);
    assert_eq!(fires_on("30 1 * * *", "America/New_York", "2026-11-01"), ["01:30 -0400"]);
    assert_eq!(fires_on("45 1 * * *", "Australia/Lord_Howe", "2026-04-05"), ["01:45 +1100"]);
}

#[test]
fn a_repeating_job_leaves_the_gap_out_and_fires_in_both_passes() {
    let forward = fires_on("*/30 0-2 * * *", "Europe/London", "2026-03-29");
    assert_eq!(forward, ["00:00 +0000", "00:30 +0000", "02:00 +0100", "02:30 +0100"]);
    let back = fires_on("*/30 1 * * *", "Europe/London", "2026-10-25");
    assert_eq!(back, ["01:00 +0100", "01:30 +0100", "01:00 +0000", "01:30 +0000"]);
}
