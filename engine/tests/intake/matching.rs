//! Matching: from a run to its items.

use domain::{
    automation::OnItemFailure,
    effect::ActionerClass,
    id::RunId,
    item::{ItemState, SkipReason},
    run::{Run, RunStatus},
};
use engine::{both_databases, services::Services, work::intake};

use crate::house::{House, on_event, start};

/// The only run of a new event.
async fn one_run(house: &House, subject: Option<&str>) -> RunId {
    let runs = house.fire("e-1", subject).await;
    assert_eq!(runs.len(), 1);
    runs[0]
}

fn failure(run: &Run) -> (&str, &str) {
    let failure = run.failure.as_ref().unwrap();
    (&failure.code, &failure.message)
}

async fn keys(house: &House, run: RunId) -> Vec<String> {
    house.items(run).await.into_iter().map(|item| item.subject_key).collect()
}

both_databases! {
    async fn the_condition_selects_subjects_of_the_register(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(9).await;
        house.apply(&on_event("check", "register", "subject.risk > 6 && event.payload.severity == 'high'")).await;
        let run = one_run(&house, None).await;
        assert_eq!(house.match_tick().await, 1);
        assert_eq!(house.match_tick().await, 0);
        assert_eq!(keys(&house, run).await, ["ACC-0007", "ACC-0008", "ACC-0009"]);
        let item = &house.items(run).await[2];
        assert_eq!((item.position, item.state, item.round), (2, ItemState::Queued, 0));
        assert_eq!((item.class, item.actioner.as_str()), (ActionerClass::Local, "findings.create"));
        assert_eq!(item.not_before, start());
        let run = house.run(run).await;
        assert_eq!((run.status, run.matched), (RunStatus::Running, true));
        assert_eq!((run.counts.subjects_matched, run.counts.open), (3, 3));
        assert_eq!(run.on_item_failure, OnItemFailure::Close);
        assert_eq!(house.verbs(run.id).await, ["run.created", "run.matched"]);
    }

    async fn the_subject_of_the_event_is_the_only_one(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(3).await;
        house.apply(&on_event("check", "event", "subject.status == 'active'")).await;
        let run = one_run(&house, Some("ACC-0002")).await;
        house.match_all().await;
        assert_eq!(keys(&house, run).await, ["ACC-0002"]);
    }

    async fn a_run_that_selects_nobody_is_completed(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(3).await;
        house.apply(&on_event("check", "register", "subject.risk > 100")).await;
        let run = one_run(&house, None).await;
        house.match_all().await;
        let run = house.run(run).await;
        assert_eq!((run.status, run.completed_at), (RunStatus::Completed, Some(start())));
        let verbs = ["run.created", "run.matched", "run.completed", "report.created"];
        assert_eq!(house.verbs(run.id).await, verbs);
    }

    async fn a_register_without_records_gives_a_completed_run(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("check", "register", "")).await;
        let run = one_run(&house, None).await;
        house.match_all().await;
        assert_eq!(house.run(run).await.status, RunStatus::Completed);
    }

    async fn a_subject_that_cannot_be_used_fails_the_run(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(1).await;
        house.apply(&on_event("check", "event", "")).await;
        house.apply(&on_event("suppliers", "event", "").replace("kind: account", "kind: supplier")).await;
        let cases = [
            (None, 0, "subject-not-found", "The event names no subject"),
            (Some("ACC-9"), 0, "subject-not-found", "The event is about account/ACC-9, and there"),
            (Some("ACC-0001"), 1, "subject-of-another-kind", "The event is about account/ACC-0001; this"),
        ];
        for (subject, which, code, message) in cases {
            let run = house.fire(&format!("e-{subject:?}"), subject).await[which];
            house.match_all().await;
            let run = house.run(run).await;
            assert_eq!((run.status, run.matched), (RunStatus::Failed, true));
            assert_eq!(failure(&run).0, code);
            assert!(failure(&run).1.starts_with(message), "{:?}", run.failure);
            let verbs = ["run.created", "run.failed", "incident.raised", "report.created"];
            assert_eq!(house.verbs(run.id).await, verbs);
        }
    }

    async fn a_large_register_is_matched_in_chunks_that_go_on_after_a_stop(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(1_203).await;
        house.apply(&on_event("check", "register", "subject.risk != 7")).await;
        let run = one_run(&house, None).await;
        let mut seen = Vec::new();
        for _ in 0..2 {
            assert_eq!(house.match_tick().await, 1);
            seen.push(house.run(run).await.counts.subjects_matched);
        }
        assert!(!house.run(run).await.matched);
        // The process ends here, and another one goes on.
        let replica = house.replica();
        assert_eq!(intake::tick(&replica, house.clock.now()).await.unwrap(), 1);
        seen.push(house.run(run).await.counts.subjects_matched);
        assert_eq!(seen, [499, 999, 1_202]);
        assert_eq!(house.match_tick().await, 0);
        let items = house.items(run).await;
        assert!(items.iter().map(|item| item.position).eq(0..1_202));
        assert!(house.run(run).await.matched);
    }

    async fn a_large_run_does_not_keep_the_others_waiting(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(1_100).await;
        house.apply(&on_event("large", "register", "")).await;
        house.apply(&on_event("small", "event", "")).await;
        let runs = house.fire("e-1", Some("ACC-0001")).await;
        assert_eq!(house.match_tick().await, 2);
        assert!(!house.run(runs[0]).await.matched);
        assert!(house.run(runs[1]).await.matched);
    }

    async fn processes_that_match_at_once_double_nothing(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(1_100).await;
        for key in ["one", "two"] {
            house.apply(&on_event(key, "register", "")).await;
        }
        let runs = house.fire("e-1", None).await;
        let matching = (0..4).map(|_| {
            let (services, now) = (house.replica(), house.clock.now());
            tokio::spawn(async move { match_all(&services, now).await })
        });
        for done in matching.collect::<Vec<_>>() {
            done.await.unwrap();
        }
        house.match_all().await;
        for run in runs {
            let items = house.items(run).await;
            assert!(items.iter().map(|item| item.position).eq(0..1_100));
            let stored = house.run(run).await;
            assert!(stored.matched);
            assert_eq!(stored.counts.subjects_matched, 1_100);
            assert_eq!(house.verbs(run).await, ["run.created", "run.matched"]);
        }
    }

    async fn a_condition_that_does_not_evaluate_fails_the_run_and_names_the_subject(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(3).await;
        house.import("b.csv", "key,status\nACC-0002,active\n").await.unwrap();
        house.apply(&on_event("check", "register", "subject.risk > 1")).await;
        let run = one_run(&house, None).await;
        house.match_all().await;
        let run = house.run(run).await;
        assert_eq!(run.status, RunStatus::Failed);
        let (code, message) = failure(&run);
        assert_eq!(code, "condition-does-not-evaluate");
        assert!(message.starts_with("For account/ACC-0002: "), "{message}");
        assert!(message.contains("risk"), "{message}");
        assert!(house.items(run.id).await.is_empty());
    }

    async fn items_of_earlier_chunks_are_skipped_when_the_run_fails(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(600).await;
        house.import("b.csv", "key,status\nACC-0555,active\n").await.unwrap();
        house.apply(&on_event("check", "register", "subject.risk > 400")).await;
        let run = one_run(&house, None).await;
        house.match_all().await;
        let items = house.items(run).await;
        assert_eq!(items.len(), 100);
        for item in &items {
            assert_eq!(item.state, ItemState::Skipped);
            assert_eq!(item.skip_reason, Some(SkipReason::RunFailed));
        }
        let run = house.run(run).await;
        assert_eq!((run.status, run.counts.skipped, run.counts.open), (RunStatus::Failed, 100, 0));
        assert_eq!(house.verbs(run.id).await.iter().filter(|verb| **verb == "run.failed").count(), 1);
    }
}

async fn match_all(services: &Services, now: domain::Timestamp) {
    while intake::tick(services, now).await.unwrap() > 0 {}
}
