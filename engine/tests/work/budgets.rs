//! Budgets: reserved when an attempt starts, settled when it ends, and never exceeded, not even by two
//! workers at once.

use chrono::Duration;
use domain::{
    budget::Spending,
    id::RunId,
    incident::{Cause, Incident, IncidentFilter, IncidentType, Phase, Policy, Severity},
    item::ItemState,
    member::Role,
    money::Usd,
    page::Seek,
    problem::FailureKind,
    report::ReportOutcome,
    run::RunStatus,
};
use engine::both_databases;

use crate::{
    house::{House, replica},
    receiver::Plan,
    remote::{delivering, settle_in_time},
    reports,
};

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// An automation of local actions with this budget.
fn spending(budget: &str) -> String {
    format!(
        "
key: look
name: Look
trigger: {{ kind: governed-event, type: checked }}
subjects: {{ from: register, kind: account }}
action: {{ actioner: findings.create, with: {{ key: '{{{{ event.id }}}}-{{{{ subject.key }}}}', title: Look, severity: low }} }}
budget: {budget}
on-item-failure: close
"
    )
}

async fn incidents(house: &House, run: RunId) -> Vec<Incident> {
    let filter = IncidentFilter::of_run(run);
    let found = house.services.incidents(house.host, &filter, Seek::First, 200).await.unwrap();
    found.page.rows
}

/// How the present period of the only budget stands.
async fn period(house: &House) -> Spending {
    let budgets = house.services.budgets(house.host).await.unwrap();
    budgets[0].period.map(|period| period.spending).unwrap_or_default()
}

/// What the log says was reserved by starts, in all.
async fn reserved_by_starts(house: &House, runs: &[RunId]) -> Usd {
    let mut sum = Usd::default();
    for &run in runs {
        for entry in house.entries(run).await {
            if entry.verb.as_str() == "item.started" {
                let reserved = entry.payload.unwrap()["reserved"].as_str().unwrap().to_owned();
                sum = sum.plus(usd(&reserved));
            }
        }
    }
    sum
}

both_databases! {
    async fn a_run_spends_no_more_than_its_ceiling(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&spending("{ cost: { fixed: 0.30 }, per-run: 1.00 }")).await;
        house.accounts(5).await;
        let run = house.event("e-1", None).await[0];
        assert_eq!(house.run(run).await.cost, Some(Spending::default()), "estimated from the start");
        house.settle().await;
        let counts = house.counts(run).await;
        assert_eq!((counts.succeeded, counts.failed), (3, 2));
        let spent = Spending { spent: usd("0.90"), ..Spending::default() };
        assert_eq!(house.run(run).await.cost, Some(spent));
        let [report] = &reports::reports(&house, run).await[..] else { panic!("one report") };
        assert_eq!(report.total_cost_estimate, Some(usd("0.90")));
        let found = incidents(&house, run).await;
        assert_eq!(found.len(), 2, "one for each item that was held back");
        for incident in &found {
            assert_eq!((incident.kind, incident.cause), (IncidentType::BudgetOverrun, Cause::RunBudgetExhausted));
            assert_eq!((incident.severity, incident.phase), (Severity::High, Phase::Invoke));
            assert_eq!(incident.policy, Policy::FixTheDefinition);
            let said = "Cumulative cost $1.20 would exceed ceiling $1.00 of the run.";
            assert_eq!(incident.facts.message, said);
            assert_eq!(incident.presentation, incident.cause.entry().presentation());
        }
        let items = house.items(run).await;
        assert!(items.iter().filter(|item| item.state == ItemState::Failed).all(|item| {
            let failure = item.failure.as_ref().unwrap();
            failure.kind == FailureKind::Deterministic && !item.invoked
        }));
        let done = items.iter().find(|item| item.state == ItemState::Succeeded).unwrap();
        let cost = house.services.item_cost(house.host, run, done.id).await.unwrap().unwrap();
        assert_eq!((cost.spent, cost.reserved), (usd("0.30"), Usd::default()));
    }

    async fn what_a_period_has_not_left_waits_for_the_next_one(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&spending("{ cost: { fixed: 0.25 }, per-period: { every: month, ceiling: 1 } }")).await;
        house.accounts(3).await;
        let first = house.event("e-1", None).await[0];
        house.settle().await;
        let second = house.event("e-2", None).await[0];
        house.settle().await;
        assert_eq!(house.counts(first).await.succeeded, 3);
        let counts = house.counts(second).await;
        assert_eq!((counts.succeeded, counts.failed), (1, 2));
        assert_eq!(period(&house).await.committed(), usd("1"));
        let incident = incidents(&house, second).await.remove(0);
        assert_eq!((incident.cause, incident.policy), (Cause::PeriodBudgetExhausted, Policy::RetryIsSafe));
        assert_eq!(incident.facts.message, "Cumulative cost $1.25 would exceed ceiling $1.00 of the month.");
        house.clock.advance(Duration::days(31));
        assert_eq!(period(&house).await, Spending::default(), "the next month begins anew");
        assert!(reports::retry(&house, second).await);
        house.settle().await;
        assert_eq!(house.run(second).await.status, RunStatus::Completed);
        assert_eq!(period(&house).await.total(), usd("0.50"));
        let periods = house.run(second).await.automation;
        let periods = house.services.budget_periods(house.host, periods).await.unwrap();
        assert_eq!(periods.len(), 2);
        reports::recount(&house, second).await;
    }

    async fn a_price_for_each_unit_is_worked_out_from_the_subject(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&spending("{ cost: { per-unit: 0.002, units: '{{ subject.pages }}' } }")).await;
        house.import("account", &[
            serde_json::json!({"key": "A", "pages": 1500}),
            serde_json::json!({"key": "B", "pages": 1}),
            serde_json::json!({"key": "C", "pages": "many"}),
        ]).await;
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        assert_eq!(house.run(run).await.cost.unwrap().total(), usd("3.002"));
        let [incident] = &incidents(&house, run).await[..] else { panic!("one incident") };
        assert_eq!(incident.facts.failure.as_ref().unwrap().code, "cost-does-not-resolve");
    }

    async fn two_workers_at_once_never_exceed_a_ceiling(db: TestStore) {
        let long = std::env::var_os("ASSIZE_TEST_LONG").is_some();
        let (repetitions, runs, accounts) = if long { (20, 50, 20) } else { (2, 8, 5) };
        let house = House::new(&db).await;
        let budget = "{ cost: { fixed: 0.07 }, per-period: { every: day, ceiling: 1.00 } }";
        house.apply(&spending(budget)).await;
        house.accounts(accounts).await;
        let (_, other) = replica(&db.store, &house.clock, "worker-2");
        let engines = [house.engine.clone(), other];
        for repetition in 0..repetitions {
            let mut all: Vec<RunId> = Vec::new();
            for n in 0..runs {
                all.extend(house.event(&format!("e-{repetition}-{n}"), None).await);
            }
            let work = engines.clone().map(|engine| {
                tokio::spawn(async move { engine.run_until_idle().await.unwrap() })
            });
            for worker in work {
                worker.await.unwrap();
            }
            // A batch that lost to the other worker too often is taken up again.
            house.clock.advance(Duration::seconds(31));
            house.settle().await;
            let spent = period(&house).await;
            assert_eq!((spent.total(), spent.reserved), (usd("0.98"), Usd::default()), "14 of them fit");
            assert_eq!(reserved_by_starts(&house, &all).await, usd("0.98"), "as the log says");
            let mut succeeded = 0;
            for &run in &all {
                succeeded += house.counts(run).await.succeeded;
            }
            assert_eq!(succeeded, 14);
            house.clock.advance(Duration::days(1));
        }
    }

    async fn what_failed_for_good_frees_its_money_and_what_is_unknown_keeps_it(db: TestStore) {
        let budget = "budget: { cost: { fixed: 0.50 }, per-period: { every: quarter, ceiling: 5 } }";
        let (house, receiver) = delivering(&db, budget).await;
        house.accounts(1).await;
        receiver.plan([Plan::Refuse(422)]);
        let refused = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        assert_eq!(house.run(refused).await.cost.unwrap().committed(), Usd::default());
        receiver.plan([Plan::LoseReply; 3]);
        let lost = house.event("e-2", None).await[0];
        settle_in_time(&house).await;
        let item = house.items(lost).await.remove(0);
        let unknown = item.failure.as_ref().is_some_and(|f| f.kind == FailureKind::Unknown);
        let cost = house.run(lost).await.cost.unwrap();
        // The key is honoured: a later try may have brought the answer back.
        let expected = if unknown { ("0.50", "0") } else { ("0", "0.50") };
        assert_eq!((cost.reserved, cost.total()), (usd(expected.0), usd(expected.1)));
        assert_eq!(period(&house).await, cost);
    }

    async fn money_reserved_for_a_repeat_is_free_again_when_the_run_is_stopped(db: TestStore) {
        let budget = "budget: { cost: { fixed: 0.50 }, per-run: 5 }";
        let (house, receiver) = delivering(&db, budget).await;
        house.accounts(1).await;
        receiver.plan([Plan::Refuse(503)]);
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        assert_eq!(house.run(run).await.cost.unwrap().reserved, usd("0.50"), "it is tried again");
        house.services.cancel(house.acting(Role::Owner), run, "enough").await.unwrap();
        let cost = house.run(run).await.cost.unwrap();
        assert_eq!(cost, Spending::default(), "nothing was done, so nothing was spent");
        let [report] = &reports::reports(&house, run).await[..] else { panic!("one report") };
        assert_eq!(report.total_cost_estimate, Some(Usd::default()));
    }

    async fn a_receiver_that_reports_more_than_was_reserved_is_an_incident(db: TestStore) {
        let budget = "budget: { cost: { reported-at-most: 6 }, per-run: 10 }";
        let (house, receiver) = delivering(&db, budget).await;
        house.accounts(1).await;
        receiver.plan([Plan::Charge("2.40"), Plan::Charge("12.80")]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        assert_eq!(house.run(run).await.cost.unwrap().total(), usd("2.40"));
        assert_eq!(incidents(&house, run).await.len(), 0);
        let run = house.event("e-2", None).await[0];
        settle_in_time(&house).await;
        let cost = house.run(run).await.cost.unwrap();
        assert_eq!((cost.spent, cost.overrun), (usd("6"), usd("6.80")), "what was reserved is kept to");
        let [incident] = &incidents(&house, run).await[..] else { panic!("one incident") };
        assert_eq!((incident.kind, incident.cause), (IncidentType::BudgetOverrun, Cause::CostAboveReserved));
        assert_eq!((incident.severity, incident.phase), (Severity::Medium, Phase::Record));
        let said = "Cumulative cost $12.80 exceeded ceiling $10.00.";
        assert!(incident.facts.message.ends_with(said), "{}", incident.facts.message);
        let [report] = &reports::reports(&house, run).await[..] else { panic!("one report") };
        assert_eq!((report.outcome, report.total_cost_estimate), (ReportOutcome::Partial, Some(usd("12.80"))));
    }
}
