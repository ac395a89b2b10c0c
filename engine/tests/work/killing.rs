//! Kill switches: nothing starts after the entry, what was going on ends, and nothing is made up for.

use std::{net::Ipv4Addr, time::Instant};

use chrono::Duration;
use domain::{
    approval::ApprovalStatus,
    audit::AuditFilter,
    export::ExportFormat,
    filter::RunFilter,
    id::RunId,
    incident::{Cause, IncidentFilter, IncidentType, Phase, Policy, Severity},
    item::{ItemState, SkipReason},
    kill::KillCount,
    member::Role,
    page::Seek,
    report::ReportOutcome,
    run::RunStatus,
    trigger::{EventFilter, TriggerKind},
};
use engine::{
    both_databases,
    services::{
        Caller, ExportedList, KillOrder, Presence, Pressed, RetryRequest, RunRequest, ServiceError,
        Services,
    },
    work::Engine,
};
use futures::StreamExt as _;
use ledger::Leaf;
use serde_json::Value;

use crate::{
    house::{House, replica},
    receiver::Plan,
    remote::{delivering, settle_in_time},
    reports,
};

const ASKING: &str = "approval: { before-action: { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss } }";

const LOOKING: &str = "
key: look
name: Look
trigger: { kind: governed-event, type: checked }
subjects: { from: register, kind: account }
action: { actioner: findings.create, with: { key: '{{ event.id }}-{{ subject.key }}', title: Look, severity: low } }
on-item-failure: close
";

async fn press(house: &House, automation: Option<&str>) -> Result<Pressed, ServiceError> {
    let automation = automation.map(str::to_owned);
    let order = KillOrder { automation, reason: "it writes nonsense".into() };
    house.services.press_kill_switch(house.acting(Role::Operator), order).await
}

async fn release(house: &House, pressed: &Pressed) -> Result<(), ServiceError> {
    let now = Presence::SignedIn(house.clock.now());
    let (owner, id) = (house.acting(Role::Owner), pressed.switch.id);
    house.services.release_kill_switch(owner, id, "it is mended", now).await.map(drop)
}

/// The leaves of the whole log as anybody can take them home, oldest first.
pub async fn exported_leaves(services: &Services, caller: Caller) -> Vec<Leaf> {
    let all = ExportedList::Audit(AuditFilter::default());
    let mut export = services.export(caller, all, ExportFormat::Jsonl).await.unwrap();
    let mut file = Vec::new();
    while let Some(bytes) = export.bytes.next().await {
        file.append(&mut bytes.unwrap());
    }
    let text = String::from_utf8(file).unwrap();
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let leaf = |row: Value| Some(row.get("leaf")?.as_str()?.as_bytes().to_vec());
    let lines = rows.filter_map(leaf);
    let mut leaves: Vec<Leaf> = lines.map(|line| Leaf::parse(&line).unwrap()).collect();
    leaves.sort_by_key(|leaf| leaf.seq);
    assert!(leaves.iter().zip(0..).all(|(leaf, seq)| leaf.seq == seq), "the whole log");
    leaves
}

/// Starts before and after the entry that a switch was pressed.
fn starts_around(leaves: &[Leaf]) -> (usize, usize) {
    let kill = leaves.iter().position(|leaf| leaf.verb == "kill-switch.activated").unwrap();
    let starts = |part: &[Leaf]| part.iter().filter(|leaf| leaf.verb == "item.started").count();
    (starts(&leaves[..kill]), starts(&leaves[kill..]))
}

pub async fn working(engines: &[Engine]) -> Vec<tokio::task::JoinHandle<()>> {
    let run = |engine: &Engine| {
        let engine = engine.clone();
        tokio::spawn(async move { engine.run_until_idle().await.unwrap() })
    };
    engines.iter().map(run).collect()
}

async fn events(house: &House) -> Vec<i64> {
    let all = EventFilter { kind: Some(TriggerKind::Schedule), ..EventFilter::default() };
    let found = house.services.trigger_events(house.host, &all, Seek::First, 50).await.unwrap();
    found.rows.iter().map(|heard| heard.runs).collect()
}

both_databases! {
    async fn a_pressed_switch_ends_what_goes_on_and_lets_finish_what_is_in_flight(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(2).await;
        receiver.plan([Plan::Hold, Plan::Hold]);
        let run = house.event("e-1", None).await[0];
        let work = working(std::slice::from_ref(&house.engine)).await;
        receiver.arrival().await;
        receiver.arrival().await;
        let waiting = house.event("e-2", None).await[0];
        let preview = house.services.kill_preview(house.acting(Role::Owner), None).await.unwrap();
        assert_eq!(preview, KillCount { runs: 2, waiting: 0, in_flight: 2 });
        let pressed = press(&house, None).await.unwrap();
        assert_eq!((pressed.stopped.runs, pressed.stopped.in_flight), (2, 2));
        assert_eq!(house.run(run).await.status, RunStatus::Running, "until what is in flight ends");
        assert_eq!(house.run(waiting).await.status, RunStatus::Killed);
        (0..2).for_each(|_| receiver.release());
        for worker in work {
            worker.await.unwrap();
        }
        assert_eq!(house.run(run).await.status, RunStatus::Killed);
        assert_eq!(house.counts(run).await.succeeded, 2, "the outcomes are recorded");
        assert!(house.verbs(run).await.ends_with(&["run.killed", "report.created"]));
        for run in [run, waiting] {
            let [report] = &reports::reports(&house, run).await[..] else { panic!("one report") };
            assert_eq!(report.outcome, ReportOutcome::Killed);
            assert!(report.summary.as_ref().unwrap().starts_with("Stopped by a kill switch. "));
        }
        let killed = RunFilter { statuses: vec![RunStatus::Killed], ..RunFilter::default() };
        let listed = house.services.runs(house.host, &killed, Seek::First, 9).await.unwrap();
        assert_eq!(listed.page.rows.len(), 2);
        assert!(press(&house, None).await.unwrap_err().code() == "kill-switch-pressed");
    }

    async fn a_killed_run_has_exactly_one_incident_with_all_five_layers(db: TestStore) {
        let (house, _receiver) = delivering(&db, ASKING).await;
        house.accounts(3).await;
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        assert_eq!(house.counts(run).await.awaiting_approval, 3);
        let pressed = press(&house, Some("request-evidence")).await.unwrap();
        assert_eq!(pressed.stopped, KillCount { runs: 1, waiting: 3, in_flight: 0 });
        for _ in 0..2 {
            house.settle().await;
        }
        let filter = IncidentFilter::of_run(run);
        let found = house.services.incidents(house.host, &filter, Seek::First, 9).await.unwrap();
        let [incident] = &found.page.rows[..] else { panic!("one incident") };
        assert_eq!((incident.kind, incident.cause), (IncidentType::KillSwitchActivated, Cause::KillSwitchPressed));
        assert_eq!((incident.severity, incident.phase), (Severity::Critical, Phase::Invoke));
        assert_eq!((incident.policy, incident.item), (Policy::StopEverything, None));
        assert!(incident.facts.message.contains("skipped: 3; in flight: 0"), "{}", incident.facts.message);
        let context = incident.facts.context.as_ref().unwrap();
        assert_eq!(context["reason"], "it writes nonsense");
        assert_eq!(context["kill_switch"], pressed.switch.id.to_string());
        assert_eq!(incident.presentation, incident.cause.entry().presentation());
        let items = house.items(run).await;
        assert!(items.iter().all(|item| {
            (item.state, item.skip_reason)
                == (ItemState::Skipped, Some(SkipReason::KilledBeforeStart))
        }));
        let withdrawn = ApprovalStatus::Withdrawn;
        let withdrawn =
            house.services.approvals(house.host, withdrawn, Seek::First, 9).await.unwrap();
        assert_eq!(withdrawn.rows.len(), 3);
        assert_eq!(house.counts(run).await.skipped, 3);
    }

    async fn the_switch_of_one_automation_leaves_the_others_alone(db: TestStore) {
        let (house, _receiver) = delivering(&db, "").await;
        house.apply(LOOKING).await;
        house.accounts(2).await;
        let pressed = press(&house, Some("request-evidence")).await.unwrap();
        let runs = house.event("e-1", None).await;
        settle_in_time(&house).await;
        let [run] = runs[..] else { panic!("{runs:?}") };
        assert_eq!(house.run(run).await.status, RunStatus::Completed);
        let leaves = exported_leaves(&house.services, house.host).await;
        let kill = leaves.iter().find(|leaf| leaf.verb == "kill-switch.activated").unwrap();
        assert_eq!(kill.object.kind, "automation");
        for leaf in leaves.iter().filter(|leaf| leaf.verb == "item.started") {
            let version = leaf.policy.as_ref().unwrap();
            assert_ne!(version.id, kill.object.id);
            assert_eq!(version.version, 1);
        }
        assert!(press(&house, Some("unknown")).await.is_err());
        release(&house, &pressed).await.unwrap();
        assert_eq!(house.event("e-2", None).await.len(), 2);
    }

    async fn what_comes_while_it_is_pressed_is_kept_refused_and_never_made_up_for(db: TestStore) {
        let (house, _receiver) = delivering(&db, "").await;
        house.apply(&LOOKING.replace("look", "daily").replace("Look\ntr", "Daily\ntr").replace(
            "{ kind: governed-event, type: checked }",
            "{ kind: schedule, cron: '0 9 * * *', missed: all }",
        )).await;
        house.apply(&LOOKING.replace("key: look", "key: asked").replace(
            "{ kind: governed-event, type: checked }",
            "{ kind: manual-request }",
        )).await;
        house.accounts(1).await;
        let pressed = press(&house, None).await.unwrap();
        assert_eq!(house.event("e-1", None).await, []);
        assert_eq!(house.event("e-1", None).await, [], "told again it is the same");
        house.clock.advance(Duration::days(2));
        house.settle().await;
        assert_eq!(events(&house).await, [0, 0], "fires are kept and set nothing off");
        let asked = house.services.request_run(house.host, "asked", RunRequest::default()).await;
        assert_eq!(asked.unwrap_err().code(), "kill-switch-pressed");
        let switches = house.services.kill_switches(house.host).await.unwrap();
        assert_eq!((switches[0].1.runs, switches[0].1.refused), (0, 3));
        let all = EventFilter::default();
        let heard = house.services.trigger_events(house.host, &all, Seek::First, 9);
        let event = heard.await.unwrap().rows.last().unwrap().event.id;
        let refused = house.services.refusals_of_event(house.host, event).await.unwrap();
        assert_eq!(refused, [pressed.switch.id]);
        release(&house, &pressed).await.unwrap();
        house.settle().await;
        let all = RunFilter::default();
        let runs = house.services.runs(house.host, &all, Seek::First, 9).await.unwrap();
        assert!(runs.page.rows.is_empty(), "nothing is made up for");
        assert_eq!(house.event("e-2", None).await.len(), 1);
        house.clock.advance(Duration::days(1));
        house.settle().await;
        assert_eq!(events(&house).await, [1, 0, 0], "the next fire sets it off");
    }

    async fn a_failed_item_is_not_retried_while_it_is_pressed(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        receiver.plan([Plan::Refuse(503); 3]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        let pressed = press(&house, None).await.unwrap();
        assert_eq!(pressed.stopped.runs, 0, "what has ended stays as it ended");
        let plan_digest = house.services.retry_plan(house.host, run).await.unwrap().digest;
        let request =
            RetryRequest { run, plan_digest, acknowledged: Vec::new(), reason: String::new() };
        let refused = house.services.retry(house.acting(Role::Operator), request).await;
        assert_eq!(refused.unwrap_err().code(), "kill-switch-pressed");
        release(&house, &pressed).await.unwrap();
        assert!(reports::retry(&house, run).await);
        settle_in_time(&house).await;
        assert_eq!(house.run(run).await.status, RunStatus::Completed);
    }

    async fn releasing_needs_a_person_who_is_there_and_a_reason(db: TestStore) {
        let house = House::new(&db).await;
        let pressed = press(&house, None).await.unwrap();
        let (owner, id) = (house.acting(Role::Owner), pressed.switch.id);
        let old = Presence::SignedIn(house.clock.now() - Duration::minutes(11));
        let wrong = Presence::Password("not the password", Ipv4Addr::LOCALHOST.into());
        for (presence, reason, code) in [
            (Presence::Unknown, "mended", "fresh-sign-in-needed"),
            (old, "mended", "fresh-sign-in-needed"),
            (wrong, "mended", "invalid"),
            (Presence::SignedIn(house.clock.now()), " ", "invalid"),
        ] {
            let answer = house.services.release_kill_switch(owner, id, reason, presence).await;
            assert_eq!(answer.unwrap_err().code(), code, "{presence:?} {reason}");
        }
        assert_eq!(house.services.pressed_switches(house.host).await.unwrap().len(), 1);
        release(&house, &pressed).await.unwrap();
        assert_eq!(house.services.pressed_switches(house.host).await.unwrap(), []);
        assert_eq!(release(&house, &pressed).await.unwrap_err().code(), "not-found");
        let leaves = exported_leaves(&house.services, house.host).await;
        let last = leaves.last().unwrap();
        assert_eq!((last.verb.as_str(), last.object.kind.as_str()), ("kill-switch.released", "workspace"));
    }

    async fn under_load_of_two_workers_nothing_starts_after_the_entry(db: TestStore) {
        let long = std::env::var_os("ASSIZE_TEST_LONG").is_some();
        // An event sets off two runs: of local items in batches, and of remote ones a few at a time.
        let (repetitions, events, accounts) = if long { (20, 50, 100) } else { (2, 2, 80) };
        let (house, _receiver) = delivering(&db, "").await;
        house.apply(LOOKING).await;
        house.accounts(accounts).await;
        let (_, other) = replica(&db.store, &house.clock, "worker-2");
        let engines = [house.engine.clone(), other];
        let mut skipped = 0;
        for repetition in 0..repetitions {
            let mut started: Vec<RunId> = Vec::new();
            for n in 0..events {
                started.extend(house.event(&format!("e-{repetition}-{n}"), None).await);
            }
            let before = exported_leaves(&house.services, house.host).await.len();
            let work = working(&engines).await;
            // Pressed while remote items are in flight, and while batches of local ones are written.
            first_outcome(&house, started[repetition % 2]).await;
            let pressed = press(&house, None).await.unwrap();
            for worker in work {
                worker.await.unwrap();
            }
            let leaves = exported_leaves(&house.services, house.host).await;
            let (earlier, later) = starts_around(&leaves[before..]);
            assert_eq!(later, 0, "repetition {repetition}: started after the kill entry");
            assert!(earlier > 0, "it was under load");
            for &run in &started {
                let run = house.run(run).await;
                assert!(matches!(run.status, RunStatus::Killed | RunStatus::Completed));
                skipped += run.counts.skipped;
            }
            release(&house, &pressed).await.unwrap();
        }
        assert!(skipped > 0, "something was left to be stopped");
    }
}

/// Waits until something of this run has been carried out.
pub async fn first_outcome(house: &House, run: RunId) {
    let begun = Instant::now();
    while house.run(run).await.counts.succeeded == 0 {
        assert!(begun.elapsed().as_secs() < 120, "nothing was carried out");
        tokio::task::yield_now().await;
    }
}
