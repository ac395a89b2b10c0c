//! Health is read from sums: they are what a recount gives, however runs moved, through windows as well, and what
//! the migration adds up of runs that were there before.

use std::collections::BTreeMap;

use chrono::{Days, TimeDelta};
use domain::{
    budget::Spending,
    health::{HealthQuery, Stretch, bucket},
    id::AutomationId,
    incident::Cause,
    member::{Principal, Role},
    money::Usd,
    period::Period,
    problem::Failure,
    reported::{Fact, Outcome, Statement, Usage},
    rollup::started_order,
    run::Run,
    window::Sight,
};
use engine::{
    both_databases,
    ids::Ids,
    services::{Caller, NewReport},
    store::{Backend, ByAutomation, ModelUsage, Session},
};

use crate::{
    bare::Bare,
    exports::host,
    house::{House, at, start},
    pages::{Dice, populated},
};

const MIGRATIONS: [&str; 2] = [
    include_str!("../../../migrations/sqlite/0015_health.sql"),
    include_str!("../../../migrations/postgres/0015_health.sql"),
];

/// The days around those of the runs, one by one and all together.
fn days() -> Vec<Period> {
    let first = start().date_naive() - Days::new(1);
    let day = |n| Period { from: first + Days::new(n), until: first + Days::new(n + 1) };
    let mut days: Vec<_> = (0..8).map(day).collect();
    days.push(Period { from: first, until: first + Days::new(8) });
    days
}

/// The stretches of days, counted run by run.
pub fn recounted(
    days: &[Period],
    runs: &[Run],
    sight: &Sight,
) -> BTreeMap<AutomationId, Vec<Stretch>> {
    let mut by: BTreeMap<AutomationId, Vec<Stretch>> = BTreeMap::new();
    for run in runs.iter().filter(|run| sight.covers(started_order(run))) {
        let empty = || days.iter().copied().map(Stretch::new).collect();
        let stretches = by.entry(run.automation).or_insert_with(empty);
        for stretch in stretches.iter_mut().filter(|of| of.days.covers(started_order(run))) {
            *stretch.outcomes.entry(run.status).or_default() += 1;
            let took = run.completed_at.zip(run.started_at).map(|(end, start)| end - start);
            if let Some(took) = took {
                stretch.lengths.add(bucket(took.num_milliseconds()), 1);
            }
            if let Some(cost) = run.cost.filter(|_| run.status.is_terminal()) {
                stretch.costed += 1;
                stretch.cost += cost.total().nanos();
            }
        }
    }
    by
}

/// Without cells that came to nothing, in order.
fn tidy(found: ByAutomation) -> BTreeMap<AutomationId, Vec<Stretch>> {
    let mut found: BTreeMap<_, _> = found.into_iter().collect();
    for stretch in found.values_mut().flatten() {
        stretch.outcomes.retain(|_, runs| *runs != 0);
    }
    found.retain(|_, stretches: &mut Vec<Stretch>| stretches.iter().any(|of| of.runs() > 0));
    found
}

pub fn dollars(dice: &Dice) -> Option<Spending> {
    let spent = Usd::of_nanos(dice.below(1_000_000) as i64).unwrap();
    (dice.below(2) == 0).then(|| Spending { spent, ..Spending::default() })
}

async fn whole(session: &mut Session, house: &House) -> ByAutomation {
    session.stretches(house.workspace, None, &days()).await.unwrap()
}

pub fn said(seq: i64, seconds: i64, fact: Fact) -> Statement {
    Statement { seq, at: at(seconds), phase: Some("plan".to_owned()), fact, detail: None }
}

pub fn tokens(seq: i64, seconds: i64, model: &str) -> Statement {
    let model = Some(model.to_owned());
    let (input_tokens, output_tokens) = (Some(1_000), Some(100));
    let usage = Usage { model, input_tokens, output_tokens, ..Usage::default() };
    said(seq, seconds, Fact::Usage(usage))
}

pub async fn tell(house: &House, external_id: &str, statements: Vec<Statement>) {
    let (external_id, automation) = (external_id.to_owned(), "agent".to_owned());
    let report = NewReport { external_id, automation, name: None, statements };
    house.services.report_run(host(house), report).await.unwrap();
}

/// Everything that is not about runs one by one.
async fn sums(house: &House) -> (Vec<ModelUsage>, Vec<(Cause, i64)>) {
    let mut session = house.session().await;
    let all = days();
    let mut usage = session.model_usage(house.workspace, None, &all).await.unwrap();
    usage.sort_by(|a, b| (a.slot, &a.model).cmp(&(b.slot, &b.model)));
    (usage, session.causes(house.workspace, None, all[8]).await.unwrap())
}

both_databases! {
    async fn the_sums_of_health_are_what_a_recount_gives_before_and_after_an_upgrade(db: TestStore) {
        let dice = Dice(Ids::seeded(41));
        let (house, mut runs) = populated(&db, &dice).await;
        for n in 0..runs.len() {
            let before = runs[n].clone();
            let other = runs[dice.below(runs.len())].clone();
            let after = Run {
                status: other.status,
                started_at: other.started_at,
                completed_at: other.completed_at.map(|at| at + TimeDelta::microseconds(dice.below(9_000_000) as i64)),
                cost: dollars(&dice),
                ..before.clone()
            };
            runs[n] = after.clone();
            house.write(move |tx| Box::pin(async move { tx.update_run(&before, &after).await }))
                .await.unwrap();
        }
        let mut session = house.session().await;
        let found = whole(&mut session, &house).await;
        assert_eq!(tidy(found.clone()), recounted(&days(), &runs, &Sight::All));
        let one = house.automations[1];
        let of_one = session.stretches(house.workspace, Some(one), &days()).await.unwrap();
        assert_eq!(of_one.get(&one), found.get(&one));
        assert_eq!((of_one.len(), session.stretches(house.other, None, &days()).await.unwrap().len()), (1, 0));

        // What is told late, twice, and of a start on another day.
        tell(&house, "r-1", vec![tokens(3, 90_000, "m"), tokens(4, 90_001, "n")]).await;
        tell(&house, "r-1", vec![tokens(3, 90_000, "m"), tokens(5, 90_002, "m")]).await;
        let start = Fact::Start { parent: None, heartbeat_seconds: None };
        tell(&house, "r-1", vec![said(0, 0, start)]).await;
        let failure = Some(Failure::unknown("broke", "no disk left"));
        let finish = Fact::Finish { outcome: Outcome::Failed, summary: None, failure };
        tell(&house, "r-1", vec![said(9, 95_000, finish)]).await;
        let (usage, causes) = sums(&house).await;
        let lines: Vec<_> = usage.iter().map(|line| (line.slot, line.model.as_str(), line.usage.calls, line.usage.input_tokens)).collect();
        assert_eq!(lines, [(1, "m", 2, 2_000), (1, "n", 1, 1_000), (8, "m", 2, 2_000), (8, "n", 1, 1_000)]);
        assert_eq!((usage[0].phase.as_str(), usage[0].usage.unpriced), ("plan", 2));
        assert_eq!(causes.iter().map(|(_, incidents)| incidents).sum::<i64>(), 1);

        // The same figures come of adding up what is there.
        let found = tidy(whole(&mut session, &house).await);
        let mut bare = Bare::open(&db).await;
        for table in ["figure_rollup", "usage_rollup", "incident_rollup"] {
            bare.run(&format!("DROP TABLE {table}")).await.unwrap();
        }
        bare.run(MIGRATIONS[usize::from(db.store.backend() == Backend::Postgres)]).await.unwrap();
        let mut session = house.session().await;
        assert_eq!(tidy(whole(&mut session, &house).await), found);
        assert_eq!(sums(&house).await, (usage, causes));
    }

    async fn through_windows_health_is_that_of_the_days_that_are_seen(db: TestStore) {
        let dice = Dice(Ids::seeded(42));
        let (house, runs) = populated(&db, &dice).await;
        let id = house.member(Role::Auditor).await.id;
        let auditor = Caller { principal: Principal::Member { id, role: Role::Auditor }, ..host(&house) };
        let seen: Vec<Period> = [1, 3].map(|n| days()[n]).to_vec();
        for window in &seen {
            house.services.grant_window(host(&house), id, *window).await.unwrap();
        }
        let expected = recounted(&days(), &runs, &Sight::through(seen));
        let (from, to) = (days()[8].from, days()[8].last_day());
        let asked = HealthQuery { from: Some(from), to: Some(to), ..HealthQuery::default() };
        let found = house.services.health(auditor, &asked).await.unwrap();
        assert_eq!(found.now.total().runs(), expected.values().map(|of| of[8].runs()).sum::<i64>());
        for (n, slot) in found.now.slots.iter().enumerate() {
            assert_eq!(slot.runs(), expected.values().map(|of| of[n].runs()).sum::<i64>(), "day {n}");
        }
        assert_eq!(found.standing(), domain::health::Standing::Unknown, "too little is seen to judge");
        assert!(house.services.health(host(&house), &asked).await.unwrap().now.total().runs() > found.now.total().runs());
    }
}
