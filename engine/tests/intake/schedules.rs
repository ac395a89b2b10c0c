//! The scheduler.

use domain::{Timestamp, run::Run, trigger::TriggerKind};
use engine::{both_databases, work::scheduler};
use serde_json::json;

use crate::house::{House, at, daily};

/// The instants a schedule has fired for, once for each run, oldest first.
async fn fired(house: &House, key: &str) -> Vec<Timestamp> {
    let mut session = house.session().await;
    let waiting = session.runs_to_match(None, 1_000).await.unwrap();
    let mut instants = Vec::new();
    for (workspace, run) in waiting {
        let run: Run = session.run(workspace, run).await.unwrap().unwrap();
        let event = session.trigger_event(workspace, run.trigger_event).await.unwrap().unwrap();
        if event.source == format!("assize/schedule/{key}") {
            instants.push(event.occurred_at);
        }
    }
    instants.sort();
    instants
}

fn days(days: &[u32]) -> Vec<Timestamp> {
    days.iter().map(|day| at(&format!("2026-07-{day:02}T06:00:00Z"))).collect()
}

both_databases! {
    async fn a_fire_is_an_event_named_by_its_instant(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&daily("nightly", "skip")).await;
        house.clock.advance_to(at("2026-07-02T06:00:01Z"));
        assert_eq!(house.schedule_tick().await, 1);
        assert_eq!(house.schedule_tick().await, 0);
        let mut session = house.session().await;
        let found = session
            .trigger_event_by_external_id(
                house.workspace,
                "assize/schedule/nightly",
                "2026-07-02T06:00:00Z",
            )
            .await;
        let event = found.unwrap().unwrap();
        assert_eq!(event.kind, TriggerKind::Schedule);
        assert_eq!(event.payload, json!({"scheduled_for": "2026-07-02T06:00:00Z"}));
        assert_eq!(event.occurred_at, at("2026-07-02T06:00:00Z"));
        let runs = session.runs_of_event(house.workspace, event.id).await.unwrap();
        assert_eq!(runs.len(), 1);
        drop(session);
        assert_eq!(house.verbs(runs[0].id).await, ["run.created"]);
    }

    async fn missed_fires_follow_the_policy(db: TestStore) {
        let house = House::new(&db).await;
        for policy in ["skip", "latest", "all"] {
            house.apply(&daily(policy, policy)).await;
        }
        house.clock.advance_to(at("2026-07-04T12:00:00Z"));
        assert_eq!(house.schedule_tick().await, 4);
        assert_eq!(house.schedule_tick().await, 0);
        assert_eq!(fired(&house, "skip").await, days(&[]));
        assert_eq!(fired(&house, "latest").await, days(&[4]));
        assert_eq!(fired(&house, "all").await, days(&[2, 3, 4]));

        house.clock.advance_to(at("2026-07-05T06:01:00Z"));
        assert_eq!(house.schedule_tick().await, 3);
        assert_eq!(fired(&house, "skip").await, days(&[5]));
        assert_eq!(fired(&house, "latest").await, days(&[4, 5]));
        assert_eq!(fired(&house, "all").await, days(&[2, 3, 4, 5]));
    }

    async fn a_fire_that_is_a_little_late_was_not_missed(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&daily("nightly", "skip")).await;
        house.clock.advance_to(at("2026-07-02T06:04:59Z"));
        assert_eq!(house.schedule_tick().await, 1);
    }

    async fn many_missed_fires_are_made_up_for_in_portions(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&daily("nightly", "all").replace("0 6 * * *", "0 * * * *")).await;
        house.clock.advance(chrono::Duration::hours(70));
        assert_eq!(house.schedule_tick().await, 50);
        assert_eq!(house.schedule_tick().await, 20);
        assert_eq!(house.schedule_tick().await, 0);
    }

    async fn a_schedule_for_one_instant_fires_once(db: TestStore) {
        let house = House::new(&db).await;
        let once = daily("once", "latest")
            .replace("cron: '0 6 * * *', timezone: UTC", "at: '2026-07-02T06:00:00Z'");
        house.apply(&once).await;
        house.clock.advance_to(at("2026-07-03T06:00:00Z"));
        assert_eq!(house.schedule_tick().await, 1);
        house.clock.advance_to(at("2026-07-09T06:00:00Z"));
        assert_eq!(house.schedule_tick().await, 0);
    }

    async fn schedulers_that_look_at_once_fire_once(db: TestStore) {
        let house = House::new(&db).await;
        for key in ["a1", "b1", "c1"] {
            house.apply(&daily(key, "all")).await;
        }
        house.clock.advance_to(at("2026-07-04T12:00:00Z"));
        let ticking = (0..4).map(|_| {
            let (services, now) = (house.replica(), house.clock.now());
            tokio::spawn(async move { scheduler::tick(&services, now).await.unwrap() })
        });
        let mut created = 0;
        for tick in ticking.collect::<Vec<_>>() {
            created += tick.await.unwrap();
        }
        assert_eq!(created, 9);
        for key in ["a1", "b1", "c1"] {
            assert_eq!(fired(&house, key).await, days(&[2, 3, 4]), "{key}");
        }
    }

    async fn the_next_fire_of_all_schedules_is_known(db: TestStore) {
        let house = House::new(&db).await;
        let next = async || scheduler::next_due(&house.services).await.unwrap();
        assert_eq!(next().await, None);
        house.apply(&daily("late", "all")).await;
        house.apply(&daily("early", "skip").replace("0 6", "0 5")).await;
        assert_eq!(next().await, Some(at("2026-07-02T05:00:00Z")));
        house.clock.advance_to(at("2026-07-02T05:00:00Z"));
        assert_eq!(next().await, Some(at("2026-07-02T05:00:00Z")), "due, and not fired yet");
        house.schedule_tick().await;
        assert_eq!(next().await, Some(at("2026-07-02T06:00:00Z")));
        house.clock.advance_to(at("2026-07-03T05:30:00Z"));
        assert_eq!(next().await, Some(house.clock.now()), "missed, and to be made up for");
        house.schedule_tick().await;
        assert_eq!(next().await, Some(at("2026-07-03T06:00:00Z")));
    }

    async fn a_version_applied_before_the_fire_is_the_one_that_runs(db: TestStore) {
        let house = House::new(&db).await;
        let id = house.apply(&daily("nightly", "all")).await[0].automation;
        house.apply(&daily("nightly", "all").replace("title: Look", "title: See")).await;
        house.clock.advance_to(at("2026-07-02T06:00:00Z"));
        house.schedule_tick().await;
        let mut session = house.session().await;
        let (workspace, run) = session.runs_to_match(None, 1).await.unwrap()[0];
        let run = session.run(workspace, run).await.unwrap().unwrap();
        assert_eq!((run.automation, run.version), (id, 2));
    }
}
