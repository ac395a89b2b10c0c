//! Months are added up beside days: whatever stretch is asked for, it is what its days alone give, on both sides of
//! every border, and through windows as well.

use std::collections::BTreeMap;

use chrono::{Days, TimeDelta};
use domain::{
    health::{Compare, HealthQuery, Step, Stretch},
    member::{Principal, Role},
    period::{Period, begin_of, end_of},
    problem::Failure,
    reported::{Fact, Outcome},
    run::{Run, RunStatus},
    window::Sight,
};
use engine::{both_databases, ids::Ids, services::Caller, store::Session};

use crate::{
    exports::host,
    health::{dollars, recounted, said, tell, tokens},
    house::{House, start},
    pages::Dice,
};

/// Of each step, and with each end on, before and after the border of a month.
const ASKED: [(&str, &str, Step); 8] = [
    ("2024-02-29", "2024-02-29", Step::Day),
    ("2024-02-01", "2024-02-29", Step::Day),
    ("2024-01-31", "2024-03-01", Step::Day),
    ("2024-01-02", "2024-04-02", Step::Day),
    ("2024-01-01", "2024-12-31", Step::Week),
    ("2024-02-15", "2025-03-14", Step::Week),
    ("2023-12-31", "2025-01-01", Step::Week),
    ("2022-07-01", "2025-04-30", Step::Month),
];

fn days(first: &str, last: &str) -> Period {
    Period::of_days(first.parse().unwrap(), last.parse().unwrap()).unwrap()
}

/// A run that ended: on any day, or in the first or the last instant of one beside the border of a month.
fn ended(dice: &Dice, house: &House) -> Run {
    let any = days("2023-12-28", "2023-12-28").from + Days::new(dice.below(480) as u64);
    let month = Period::month_of(any);
    let at = match dice.below(6) {
        0 => begin_of(month.from),
        1 => end_of(month.last_day()) - TimeDelta::microseconds(1),
        2 => begin_of(days("2024-02-29", "2024-02-29").from),
        _ => begin_of(any) + TimeDelta::minutes(dice.below(1_440) as i64),
    };
    let statuses = [RunStatus::Completed, RunStatus::Failed, RunStatus::CompletedWithFailures];
    Run {
        status: statuses[dice.below(statuses.len())],
        created_at: at,
        started_at: Some(at),
        completed_at: Some(at + TimeDelta::milliseconds(dice.below(900_000) as i64)),
        cost: dollars(dice),
        ..house.pending(dice.below(3))
    }
}

/// Who looks, and what of: everything, or what windows show that begin and end within months.
async fn lookers(house: &House) -> [(Caller, Sight); 2] {
    let seen = vec![days("2024-02-29", "2024-03-01"), days("2024-06-15", "2025-01-31")];
    let id = house.member(Role::Auditor).await.id;
    for window in &seen {
        house.services.grant_window(host(house), id, *window).await.unwrap();
    }
    let principal = Principal::Member { id, role: Role::Auditor };
    let auditor = Caller { principal, ..host(house) };
    [(host(house), Sight::All), (auditor, Sight::through(seen))]
}

/// What models were used for and what incidents were put down to in some days, in a few numbers.
async fn told(session: &mut Session, house: &House, days: Period) -> BTreeMap<String, i64> {
    let mut told: BTreeMap<String, i64> = BTreeMap::new();
    for line in session.model_usage(house.workspace, None, &[days]).await.unwrap() {
        *told.entry(line.model).or_default() += line.usage.input_tokens;
    }
    for (cause, incidents) in session.causes(house.workspace, None, days).await.unwrap() {
        *told.entry(cause.to_string()).or_default() += incidents;
    }
    told
}

both_databases! {
    async fn a_slot_is_what_its_days_give_wherever_months_begin(db: TestStore) {
        let dice = Dice(Ids::seeded(43));
        let house = House::new(&db).await;
        let runs: Vec<_> = (0..150).map(|_| ended(&dice, &house)).collect();
        house.store_runs(&runs).await;
        for (caller, sight) in lookers(&house).await {
            for (first, last, step) in ASKED {
                let asked = HealthQuery {
                    from: first.parse().ok(),
                    to: last.parse().ok(),
                    compare: Some(Compare::Previous),
                    ..HealthQuery::default()
                };
                let found = house.services.health(caller, &asked).await.unwrap();
                assert_eq!(found.step, step);
                let period = days(first, last);
                for (period, side) in [(period, 0), (period.before(), 1)] {
                    let slots = step.slots(period);
                    let mut expected = recounted(&slots, &runs, &sight);
                    for of in &found.automations {
                        let expected = expected.remove(&of.automation.id);
                        let empty = || slots.iter().copied().map(Stretch::new).collect();
                        let found = [&of.slots, &of.before][side];
                        assert_eq!(*found, expected.unwrap_or_else(empty), "{first} to {last}");
                    }
                    assert!(expected.is_empty());
                }
            }
        }
    }

    async fn a_period_of_months_is_told_the_same_as_its_days(db: TestStore) {
        let house = House::new(&db).await;
        let failure = Some(Failure::unknown("broke", "no disk left"));
        let finish = Fact::Finish { outcome: Outcome::Failed, summary: None, failure };
        for day in [-93, -62, -61, -60, -32, -31, -30, -2, -1] {
            let at = day * 86_400;
            let begin = Fact::Start { parent: None, heartbeat_seconds: None };
            let statements = vec![said(0, at, begin), tokens(1, at, "m"), said(2, at + 1, finish.clone())];
            tell(&house, &format!("r{day}"), statements).await;
        }
        let mut session = house.session().await;
        let today = start().date_naive();
        for (first, last) in [(120, 0), (93, 1), (92, 2), (61, 31), (60, 30), (62, 62), (31, 2), (30, 1)] {
            let (first, last) = (today - Days::new(first), today - Days::new(last));
            let whole = Period::of_days(first, last).unwrap();
            let mut by_day: BTreeMap<String, i64> = BTreeMap::new();
            for day in first.iter_days().take_while(|day| *day <= last) {
                for (what, n) in told(&mut session, &house, Period::of_days(day, day).unwrap()).await {
                    *by_day.entry(what).or_default() += n;
                }
            }
            assert_eq!(told(&mut session, &house, whole).await, by_day, "{}", whole.days());
        }
        let all = told(&mut session, &house, Period::of_days(today - Days::new(120), today).unwrap()).await;
        assert_eq!(all, BTreeMap::from([("m".to_owned(), 9_000), ("reported-run-failed".to_owned(), 9)]));
    }
}
