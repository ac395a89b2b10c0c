//! What is unusual about an automation, case by case: found where it is, and never from too little.

use chrono::{NaiveDate, TimeDelta};
use domain::{
    health::{AnomalyType, Judgement, Standing, Stretch, Subject, Windows, bucket},
    period::{Period, begin_of},
    run::{Run, RunStatus, Told},
    trigger::TriggerKind,
};

use crate::build;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 9, 30).unwrap()
}

/// What happens on a day: runs, those of them that fail, seconds and cents of each.
type OfDay = fn(i64) -> (i64, i64, i64, i64);

fn stretch(days: Period, of: OfDay) -> Stretch {
    let mut stretch = Stretch::new(days);
    for day in days.from.iter_days().take_while(|day| *day < days.until) {
        let (runs, failed, seconds, cents) = of((today() - day).num_days());
        *stretch.outcomes.entry(RunStatus::Completed).or_default() += runs - failed;
        *stretch.outcomes.entry(RunStatus::Failed).or_default() += failed;
        stretch.lengths.add(bucket(seconds * 1_000), runs);
        stretch.costed += runs;
        stretch.cost += runs * cents * 10_000_000;
    }
    stretch
}

fn judged(enabled: bool, of: OfDay) -> (Standing, Vec<AnomalyType>) {
    let windows = Windows::up_to(today(), today());
    let filled = windows.filled(windows.all().into_iter().map(|days| stretch(days, of)).collect());
    let now = begin_of(today());
    let subject = Subject { key: "kyc", enabled, windows: &filled, going: &[], now };
    let Judgement { standing, anomalies } = subject.judge();
    for anomaly in &anomalies {
        assert_eq!(anomaly.runs.definitions, ["kyc"]);
        assert!(anomaly.runs.from.is_some() && anomaly.says().contains("usually"), "{anomaly:?}");
    }
    (standing, anomalies.iter().map(|anomaly| anomaly.kind).collect())
}

#[test]
fn what_is_unusual_is_found_and_what_is_not_is_let_be() {
    use AnomalyType::{Cost, Duration, FailureRate, FiresLess, FiresMore};
    let cases: [(&str, OfDay, Standing, &[AnomalyType]); 15] = [
        ("nothing ever ran", |_| (0, 0, 0, 0), Standing::Unknown, &[]),
        (
            "it ran for four days",
            |ago| (i64::from(ago < 4) * 20, 20 * i64::from(ago == 0), 9, 1),
            Standing::Unknown,
            &[],
        ),
        ("every day as ever", |ago| (20 + ago % 3, 0, 30 + ago % 5, 4), Standing::Ok, &[]),
        (
            "a day that has just begun",
            |ago| (if ago == 0 { 1 } else { 24 }, 0, 30, 4),
            Standing::Ok,
            &[],
        ),
        (
            "the first run of a day that has just begun takes ten times as long",
            |ago| (if ago == 0 { 1 } else { 24 }, 0, if ago == 0 { 300 } else { 30 }, 4),
            Standing::Ok,
            &[],
        ),
        ("one of a hundred failed", |ago| (100, i64::from(ago == 0), 30, 4), Standing::Ok, &[]),
        (
            "a third failed today",
            |ago| (30, 10 * i64::from(ago == 0), 30, 4),
            Standing::Attention,
            &[FailureRate],
        ),
        (
            "a third failed on one day before",
            |ago| (30, 10 * i64::from(ago == 0 || ago == 9), 30, 4),
            Standing::Attention,
            &[FailureRate],
        ),
        ("half fail every day", |ago| (30, 15 - ago % 2, 30, 4), Standing::Ok, &[]),
        (
            "it takes three times as long",
            |ago| (30, 0, if ago == 0 { 90 } else { 30 }, 4),
            Standing::Attention,
            &[Duration],
        ),
        (
            "it costs three times as much",
            |ago| (30, 0, 30, if ago == 0 { 12 } else { 4 }),
            Standing::Attention,
            &[Cost],
        ),
        (
            "it did not fire yesterday",
            |ago| (24 * i64::from(ago != 1), 0, 30, 4),
            Standing::Attention,
            &[FiresLess],
        ),
        (
            "it fired thrice as often yesterday",
            |ago| (if ago == 1 { 72 } else { 24 }, 0, 30, 4),
            Standing::Attention,
            &[FiresMore],
        ),
        ("the weekly run came", |ago| (i64::from(ago % 7 == 2), 0, 30, 4), Standing::Ok, &[]),
        (
            "the weekly run did not come",
            |ago| (i64::from(ago % 7 == 2 && ago > 6), 0, 30, 4),
            Standing::Attention,
            &[FiresLess],
        ),
    ];
    for (what, of, standing, found) in cases {
        assert_eq!(judged(true, of), (standing, found.to_vec()), "{what}");
    }
    let off = judged(false, |ago| (24 * i64::from(ago != 1), 0, 30, 4));
    assert_eq!(off, (Standing::Ok, vec![]), "what is switched off is not expected to fire");
}

#[test]
fn a_reported_run_that_is_silent_or_goes_on_for_far_too_long_is_late() {
    let windows = Windows::up_to(today(), today());
    let usual: OfDay = |_| (10, 0, 30, 4);
    let filled =
        windows.filled(windows.all().into_iter().map(|days| stretch(days, usual)).collect());
    let now = begin_of(today()) + TimeDelta::hours(6);
    let late = |minutes: i64, silent: Option<i64>| {
        let silent_since = silent.map(|ago| now - TimeDelta::minutes(ago));
        let run = Run {
            status: RunStatus::Running,
            trigger_kind: TriggerKind::Reported,
            started_at: Some(now - TimeDelta::minutes(minutes)),
            told: Some(Told { silent_since, ..Told::default() }),
            ..build::run()
        };
        let subject = Subject { key: "agent", enabled: true, windows: &filled, going: &[run], now };
        subject
            .judge()
            .anomalies
            .first()
            .map(|anomaly| (anomaly.kind, anomaly.observed, anomaly.usual.is_some()))
    };
    assert_eq!(late(0, None), None);
    assert_eq!(late(60, None), Some((AnomalyType::LateRun, 3_600_000, true)));
    assert_eq!(late(60, Some(5)), Some((AnomalyType::LateRun, 300_000, false)));
}
