//! The sweep: what goes, what stays, what a hold keeps, and that it can end anywhere.

use chrono::TimeDelta;
use domain::{
    audit::{Draft, Object, Verb},
    id::RunId,
    member::{Principal, Role},
    permission::Permission,
    retention::{Policy, Term, Terms},
    run::RunStatus,
    trigger::TriggerKind,
};
use engine::{
    both_databases,
    services::{NewEvent, NewHold, NewRetention, ServiceError},
    store::Stretch,
    testing::TestStore,
    work::retention::{self, Swept},
};
use serde_json::json;

use crate::house::{House, replica, start};

const LOOKS: &str = "key: looks\nname: Looks\ntrigger: { kind: governed-event }\n\
     subjects: { from: register, kind: account }\n\
     action: { actioner: findings.create, with: { title: 'About {{ subject.key }}', severity: low } }\n";

/// A house with some accounts, and an automation that looks at each.
async fn house(db: &TestStore) -> House {
    let house = House::new(db).await;
    house.accounts(3).await;
    house.apply(LOOKS).await;
    house
}

/// A run that ended.
async fn ended(house: &House, event: &str) -> RunId {
    let run = house.event(event, None).await.remove(0);
    house.settle().await;
    assert_eq!(house.run(run).await.status, RunStatus::Completed);
    run
}

async fn sweep(house: &House) -> Swept {
    retention::run(&house.services, house.clock.now()).await.unwrap()
}

/// Whether a sweep finds no run to prune or to empty.
async fn nothing_is_due(house: &House) -> bool {
    let swept = sweep(house).await;
    swept.pruned + swept.emptied == 0
}

fn terms(days: Option<u32>, runs: Option<u32>) -> Terms {
    Terms { detail: Term { days, runs }, failed: None }
}

fn policy(days: Option<u32>, runs: Option<u32>) -> NewRetention {
    let policy = Policy { executed: terms(days, runs), ..Policy::default() };
    NewRetention { definition: None, policy: Some(policy) }
}

/// Whether nothing of a run's detail is left, or all of it is there.
async fn is_stub(house: &House, run: RunId) -> bool {
    let found = house.run(run).await;
    let items = house.items(run).await;
    assert_eq!(items.len(), 3);
    let mut attempts = 0;
    for item in &items {
        assert_eq!(item.parameters.is_none(), found.pruned.is_some(), "{run}");
        assert!(item.input_digest.is_some() && item.effect_key.is_some() && item.result.is_some());
        let detail = house.services.item(house.host, run, item.id).await.unwrap();
        attempts += detail.attempts.len();
    }
    let entries = house.entries(run).await;
    let erased = entries.iter().filter(|entry| entry.is_erased()).count();
    let event = house.services.run(house.host, run).await.unwrap().event;
    let gone = [attempts == 0, erased > 0, event.is_pruned()];
    assert!(gone.iter().all(|gone| *gone == found.pruned.is_some()), "{run}: {gone:?}");
    found.pruned.is_some()
}

both_databases! {
    async fn a_run_whose_time_is_over_becomes_a_stub_that_says_so(db: TestStore) {
        let house = house(&db).await;
        let (run, owner) = (ended(&house, "one").await, house.acting(Role::Owner));
        let before = (house.run(run).await, house.services.run_reports(owner, run).await.unwrap());
        house.clock.advance(TimeDelta::days(400));
        assert!(nothing_is_due(&house).await, "400 days are not over");
        house.clock.advance(TimeDelta::seconds(1));
        let swept = sweep(&house).await;
        assert_eq!((swept.pruned, swept.emptied), (1, 1));
        assert!(is_stub(&house, run).await);
        let after = house.run(run).await;
        let pruned = after.pruned.clone().unwrap();
        assert_eq!(pruned.to_string(), "pruned on 2027-08-05 under the default: 400 days");
        let counts = (before.0.counts, before.0.status, before.0.completed_at);
        assert_eq!((after.counts, after.status, after.completed_at), counts);
        assert_eq!(house.services.run_reports(owner, run).await.unwrap(), before.1);
        // The entry that says so keeps its words, and the digest of the report still stands.
        let entries = house.entries(run).await;
        let said = |verb| entries.iter().find(|e| e.verb == verb).unwrap().payload.clone().unwrap();
        assert_eq!(said(Verb::RunPruned)["under"], "the default: 400 days");
        assert!(said(Verb::ReportCreated)["digests"].is_object());
        assert!(house.services.verify_audit(owner).await.unwrap().is_ok());
        let places: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
        let check = house.services.check_audit(owner, &places).await.unwrap();
        assert!(check.faults.is_empty() && check.erased > 0, "{check:?}");
        assert!(sweep(&house).await.is_idle(), "there is nothing left to do");
        // The same event is still known, and sets nothing off a second time.
        let again = NewEvent { occurred_at: start(), ..house.about("one", None) };
        let again = house.services.receive_event(house.host, again).await.unwrap();
        assert_eq!(again.runs, [run]);
    }

    async fn live_runs_and_the_last_ones_are_kept(db: TestStore) {
        let house = house(&db).await;
        let owner = house.acting(Role::Owner);
        let mut runs = Vec::new();
        for n in 0..5 {
            runs.push(ended(&house, &format!("e-{n}")).await);
            house.clock.advance(TimeDelta::hours(1));
        }
        let live = house.event("live", None).await.remove(0);
        house.services.set_retention(owner, policy(None, Some(2))).await.unwrap();
        assert_eq!(sweep(&house).await.pruned, 3);
        for (n, run) in runs.iter().enumerate() {
            assert_eq!(is_stub(&house, *run).await, n < 3, "{n}");
        }
        let pruned = house.run(runs[0]).await.pruned.unwrap();
        assert_eq!(pruned.under, "policy 1: the last 2 runs");
        house.clock.advance(TimeDelta::days(5_000));
        house.services.set_retention(owner, policy(Some(1), None)).await.unwrap();
        assert_eq!(sweep(&house).await.pruned, 2);
        assert_eq!(house.run(live).await.pruned, None);
    }

    async fn a_hold_of_any_kind_wins_over_the_policy(db: TestStore) {
        let house = house(&db).await;
        let owner = house.acting(Role::Owner);
        let run = ended(&house, "one").await;
        let day = house.clock.now().date_naive();
        house.clock.advance(TimeDelta::days(500));
        let hold = |definition: Option<&str>, run, period| NewHold {
            definition: definition.map(str::to_owned),
            run,
            period,
            reason: "a dispute".to_owned(),
        };
        let days = domain::period::Period::of_days(day, day).unwrap();
        for new in [
            hold(None, None, None),
            hold(Some("looks"), None, None),
            hold(None, Some(run), None),
            hold(None, None, Some(days)),
        ] {
            let placed = house.services.place_hold(owner, new).await.unwrap();
            assert!(nothing_is_due(&house).await, "{:?}", placed.scope);
            assert!(!is_stub(&house, run).await);
            let preview = house.services.retention_preview(owner).await.unwrap();
            assert_eq!(preview.due_runs(), 0);
            house.services.release_hold(owner, placed.id, "settled").await.unwrap();
        }
        let other = days.from.pred_opt().unwrap();
        let elsewhere = domain::period::Period::of_days(other, other).unwrap();
        house.services.place_hold(owner, hold(None, None, Some(elsewhere))).await.unwrap();
        let preview = house.services.retention_preview(owner).await.unwrap();
        assert_eq!((preview.due_runs(), preview.automations[0].due_items), (1, 3));
        assert!(preview.due_bytes() > 0 && preview.bytes_in(365) > 0);
        assert_eq!(sweep(&house).await.pruned, 1);
        assert!(is_stub(&house, run).await);
    }

    async fn a_hold_placed_while_the_detail_goes_stops_it(db: TestStore) {
        let house = house(&db).await;
        let owner = house.acting(Role::Owner);
        let run = ended(&house, "one").await;
        house.clock.advance(TimeDelta::days(500));
        // Marked, and not yet emptied.
        assert_eq!(retention::tick(&house.services, house.clock.now()).await.unwrap().pruned, 1);
        let new = NewHold { reason: "a dispute".to_owned(), ..NewHold::default() };
        let hold = house.services.place_hold(owner, new).await.unwrap();
        assert!(nothing_is_due(&house).await);
        assert!(house.items(run).await.iter().all(|item| item.parameters.is_some()));
        house.services.release_hold(owner, hold.id, "settled").await.unwrap();
        sweep(&house).await;
        assert!(is_stub(&house, run).await);
    }

    async fn a_sweep_that_dies_anywhere_is_gone_on_with_by_whoever_comes_next(db: TestStore) {
        let house = house(&db).await;
        let mut runs = Vec::new();
        for n in 0..4 {
            runs.push(ended(&house, &format!("e-{n}")).await);
        }
        house.clock.advance(TimeDelta::days(500));
        // Between any two transactions another process goes on; some begin together.
        let (other, _) = replica(&db.store, &house.clock, "worker-2");
        let (mut pruned, mut emptied) = (0, 0);
        loop {
            let now = house.clock.now();
            let both = tokio::join!(
                retention::tick(&house.services, now),
                retention::tick(&other, now)
            );
            let (one, two) = (both.0.unwrap(), both.1.unwrap());
            pruned += one.pruned + two.pruned;
            emptied += one.emptied + two.emptied;
            if one.is_idle() && two.is_idle() {
                break;
            }
        }
        assert_eq!((pruned, emptied), (4, 4));
        for run in runs {
            assert!(is_stub(&house, run).await);
            let entries = house.entries(run).await;
            assert_eq!(entries.iter().filter(|e| e.verb == Verb::RunPruned).count(), 1);
        }
        assert!(house.services.verify_audit(house.host).await.unwrap().is_ok());
    }

    async fn a_step_that_is_rolled_back_leaves_the_run_as_it_was(db: TestStore) {
        let house = house(&db).await;
        let run = ended(&house, "one").await;
        let workspace = house.workspace.id;
        let now = house.clock.now();
        let refused = |step| async move {
            match step {
                Err(engine::store::StoreError::Driver(_)) => {}
                other => panic!("{other:?}"),
            }
        };
        // Without an entry no run is marked, and without a mark no detail goes.
        let mut tx = db.store.begin().await.unwrap();
        refused(tx.mark_pruned(workspace, &[(run, "nothing".into())], now).await).await;
        drop(tx);
        let stretch = Stretch { run, from: 0, until: 3, place: 0 };
        let mut tx = db.store.begin().await.unwrap();
        refused(tx.empty_items(workspace, &[stretch]).await).await;
        drop(tx);
        // With an entry it is, but nothing is there before the commit.
        let mut tx = db.store.begin().await.unwrap();
        let draft = Draft::new(Principal::System, Verb::RunPruned, Object::new("run", run));
        let ids = engine::ids::Ids::seeded(9);
        tx.append_audit(workspace, &ids, now, &[draft.in_run(run).with(json!({"a": 1}))])
            .await
            .unwrap();
        tx.mark_pruned(workspace, &[(run, "a test".into())], now).await.unwrap();
        tx.empty_items(workspace, &[stretch]).await.unwrap();
        drop(tx);
        assert!(!is_stub(&house, run).await);
    }

    async fn a_policy_is_set_in_versions_with_what_stood_before(db: TestStore) {
        let house = house(&db).await;
        let (services, owner) = (&house.services, house.acting(Role::Owner));
        let set = |new| services.set_retention(owner, new);
        let first = set(policy(Some(50), None)).await.unwrap();
        let own = NewRetention { definition: Some("looks".into()), ..policy(Some(10), Some(3)) };
        let second = set(own.clone()).await.unwrap();
        assert_eq!((first.number, second.number), (1, 2));
        assert_eq!(set(own).await.unwrap_err().code(), "retention-unchanged");
        let held = services.retention(owner).await.unwrap();
        let automation = second.automation.unwrap();
        assert_eq!(held.policies.for_automation(automation).number, 2);
        assert_eq!(held.policies.workspace.policy.executed.detail, Term::days(50));
        set(NewRetention { definition: Some("looks".into()), policy: None }).await.unwrap();
        let held = services.retention(owner).await.unwrap();
        assert_eq!(held.policies.for_automation(automation).number, 1);
        assert_eq!(held.versions.len(), 3);
        let filter = domain::audit::AuditFilter::default();
        let last = services.audit_entries(owner, &filter, 1).await.unwrap().remove(0);
        let said = last.payload.unwrap();
        assert_eq!(last.verb, Verb::RetentionChanged);
        assert_eq!(said["before"]["executed"]["detail"], json!({"days": 10, "runs": 3}));
        assert_eq!(said["number"], 3);
        for (new, field) in [
            (policy(Some(0), None), "executed"),
            (NewRetention { definition: Some("none".into()), ..policy(Some(9), None) }, "definition"),
        ] {
            match set(new).await.unwrap_err() {
                ServiceError::Invalid(errors) => assert_eq!(errors[0].field, field),
                other => panic!("{other:?}"),
            }
        }
        let refused = services.set_retention(house.acting(Role::Operator), policy(Some(9), None));
        let refused = refused.await.unwrap_err();
        assert!(matches!(refused, ServiceError::Refused(r) if r.permission == Permission::ManageRetention));
    }

    async fn what_only_grows_goes_in_time(db: TestStore) {
        let house = house(&db).await;
        let told = NewEvent { kind: TriggerKind::MonitorResult, ..house.about("idle", None) };
        let idle = house.services.receive_event(house.host, told).await.unwrap().event.id;
        let kept = ended(&house, "one").await;
        house.services.retention_preview(house.host).await.unwrap();
        house.clock.advance(TimeDelta::days(401));
        let swept = sweep(&house).await;
        // The idle event, and the links with which members were invited.
        let gone = 1 + house.members.len() as u64;
        assert_eq!((swept.seen, swept.forgotten), (2, gone), "{swept:?}");
        let gone = house.services.trigger_event(house.host, idle).await;
        assert!(matches!(gone, Err(ServiceError::NotFound(_))), "{gone:?}");
        assert!(is_stub(&house, kept).await);
        let storage = house.services.storage(house.host).await.unwrap();
        assert_eq!(storage.sweeps.runs, 1);
        assert_eq!(storage.sweeps.finished_at, Some(house.clock.now()));
        assert!(storage.tables.iter().any(|table| table.name == "run_item" && table.bytes > 0));
        assert_eq!((storage.automations[0].full_runs, storage.automations[0].stubs), (0, 1));
        assert_eq!(storage.days.len(), 1);
    }
}

/// What a table weighs with its indexes.
async fn weight(house: &House, table: &str) -> i64 {
    let weights = house.services.store().read().await.unwrap().weights().await.unwrap();
    weights.iter().find(|weight| weight.name == table).map_or(0, |weight| weight.bytes)
}

#[tokio::test]
async fn the_holes_that_pruning_leaves_in_pages_are_closed() {
    let db = engine::testing::fresh(engine::store::Backend::Sqlite).await.unwrap();
    let house = House::new(&db).await;
    house.accounts(300).await;
    house.apply(&LOOKS.replace("About", &"About ".repeat(100))).await;
    ended(&house, "one").await;
    house.clock.advance(TimeDelta::days(401));
    let (items, (size, _)) = (
        weight(&house, "run_item").await,
        db.store.read().await.unwrap().database_size().await.unwrap(),
    );
    let given_back = sweep(&house).await.given_back;
    let left = weight(&house, "run_item").await;
    assert!(items - left > 300 * 600 * 3 / 4, "{items} bytes became {left}");
    let (smaller, free) = db.store.read().await.unwrap().database_size().await.unwrap();
    assert_eq!((size - smaller, free), (given_back, 0));
    assert!(given_back > 300 * 600, "{given_back}");
}

#[tokio::test]
async fn a_new_file_of_sqlite_gives_back_what_is_free() {
    let db = engine::testing::fresh(engine::store::Backend::Sqlite).await.unwrap();
    assert_eq!(db.store.gives_back().await.unwrap(), Some(true));
    db.store.compact().await.unwrap();
    assert_eq!(db.store.give_back().await.unwrap(), 0);
}
