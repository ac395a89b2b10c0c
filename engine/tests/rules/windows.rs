//! What an auditor sees through their windows, service by service.

use std::{collections::HashSet, path::Path};

use chrono::TimeDelta;
use domain::{
    audit::{AuditFilter, Entry, Verb},
    filter::RunFilter,
    id::RunId,
    member::Role,
    page::Seek,
    record::RecordRef,
};
use engine::{
    both_databases,
    services::{Caller, Happened, Happening, NewBundle, ServiceError, What, WrongEntry},
    signing::SigningDir,
    store::RecordFilter,
    testing::TestStore,
    work::Signer,
};
use tempfile::TempDir;

use crate::{
    acts::{ACTS, Foreign, act},
    house::{House, Scene, period},
    roles::services_in,
    seen_through::{
        SERVICES,
        Through::{self, Nothing, Whole, Windows},
    },
};

/// Those that have a test below and are none of the acts.
const HERE: &[&str] = &[
    "sight",
    "watched",
    "audit_entries",
    "audit_page",
    "audit_entry",
    "removed_entry",
    "check_audit",
    "inclusion_proof",
    "inclusion_proof_in",
    "tlog_proof",
    "bundles",
    "bundle",
    "order_bundle",
    "download_bundle",
];

fn through(name: &str) -> Option<Through> {
    SERVICES.iter().find(|(known, _)| *known == name).map(|(_, through)| *through)
}

#[test]
fn every_service_says_what_windows_do_to_it() {
    let mut names = Vec::new();
    services_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/services"), &mut names);
    for name in &names {
        assert!(through(name).is_some(), "{name} is not in the table of windows");
    }
    for (name, through) in SERVICES {
        assert!(names.iter().any(|known| known == name), "{name} is no service");
        let tried = HERE.contains(name) || ACTS.iter().any(|(act, ..)| act == name);
        assert!(*through != Windows || tried, "{name} is not tried through a window");
    }
}

/// Acts that read, with what they do to an id of something that is not there.
fn reads() -> impl Iterator<Item = (&'static str, Foreign, Through)> {
    // The runs of a definition are asked for by its id, and definitions are always there.
    let foreign = |name, foreign| match name {
        "latest_runs" | "recent_statuses" => Foreign::TakesNone,
        _ => foreign,
    };
    let known = move |&(name, _, id)| Some((name, foreign(name, id), through(name)?));
    ACTS.iter().filter_map(known).filter(|(.., through)| *through != Nothing)
}

/// An answer that tells of nothing, as it would be if nothing were there.
fn is_nothing(answer: &Result<String, ServiceError>, foreign: Foreign) -> bool {
    match answer {
        Err(ServiceError::NotFound(_)) => foreign == Foreign::NotFound,
        Ok(found) if found.starts_with("RunSummary") => found.contains("Total { runs: 0,"),
        Ok(found) => foreign != Foreign::NotFound && matches!(found.as_str(), "[]" | "{}" | "0"),
        Err(_) => false,
    }
}

/// A scene of 1 July, and the clock at 4 July.
async fn early(db: &TestStore) -> (House, Scene) {
    let house = House::new(db).await;
    let early = house.scene().await;
    house.services.clock().advance(TimeDelta::days(3));
    (house, early)
}

/// A scene of now about an account that is new.
async fn late(house: &House) -> Scene {
    house.import(house.host, "key,status\nACC-0002,active\n").await.unwrap();
    house.scene_about("ACC-0002").await
}

const JULY_1: &[(&str, &str)] = &[("2026-07-01", "2026-07-02")];
const JULY_4: &[(&str, &str)] = &[("2026-07-03", "2026-07-04")];

async fn run_ids(house: &House, caller: Caller) -> Vec<RunId> {
    let all = RunFilter::default();
    let found = house.services.runs(caller, &all, Seek::First, 100).await.unwrap();
    found.page.rows.iter().map(|run| run.id).collect()
}

async fn entries(house: &House, caller: Caller, filter: &AuditFilter) -> Vec<Entry> {
    house.services.audit_entries(caller, filter, 500).await.unwrap()
}

both_databases! {
    async fn what_came_after_a_window_changes_nothing_in_it_and_is_not_there(db: TestStore) {
        let (house, early) = early(&db).await;
        let auditor = house.acting(Role::Auditor);
        // With a window over everything, while there is nothing but the early scene.
        let mut before = Vec::new();
        for (name, ..) in reads() {
            before.push(act(&house, auditor, name, &early).await.unwrap());
        }
        let late = late(&house).await;
        house.look_through(JULY_1).await;
        for ((name, foreign, through), before) in reads().zip(before) {
            let (seen, unseen) =
                (act(&house, auditor, name, &early).await, act(&house, auditor, name, &late).await);
            match (name, through) {
                // It asks about this quarter.
                ("brief", _) => assert!(matches!(seen, Err(ServiceError::OutsideWindows(_)))),
                // In no particular order.
                (_, Whole) => assert_eq!(seen.unwrap().len(), before.len(), "{name}"),
                _ => assert_eq!(seen.unwrap(), before, "{name}"),
            }
            if through == Windows && foreign != Foreign::TakesNone {
                assert!(is_nothing(&unseen, foreign), "{name}: {unseen:?}");
            }
        }
    }

    async fn through_the_later_window_the_later_things_are_seen(db: TestStore) {
        let (house, early) = early(&db).await;
        let (late, auditor) = (late(&house).await, house.acting(Role::Auditor));
        house.look_through(JULY_4).await;
        for (name, foreign, through) in reads() {
            if through != Windows || foreign == Foreign::TakesNone {
                continue;
            }
            let seen = act(&house, auditor, name, &late).await;
            assert!(seen.is_ok() && (name == "decisions_of" || !is_nothing(&seen, foreign)),
                "{name}: {seen:?}");
            let unseen = act(&house, auditor, name, &early).await;
            assert!(is_nothing(&unseen, foreign), "{name}: {unseen:?}");
        }
    }

    async fn without_a_window_there_is_nothing(db: TestStore) {
        let (house, early) = early(&db).await;
        let auditor = house.acting(Role::Auditor);
        house.look_through(&[]).await;
        for (name, foreign, through) in reads() {
            let answer = act(&house, auditor, name, &early).await;
            match (name, through) {
                ("brief", _) => {
                    let words = answer.unwrap_err().to_string();
                    assert!(words.contains("ask an owner"), "{words}");
                }
                (_, Windows) => assert!(is_nothing(&answer, foreign), "{name}: {answer:?}"),
                _ => assert!(answer.is_ok(), "{name}: {answer:?}"),
            }
        }
        assert!(entries(&house, auditor, &AuditFilter::default()).await.is_empty());
    }

    async fn windows_limit_nobody_but_auditors(db: TestStore) {
        let (house, early) = early(&db).await;
        house.look_through(&[]).await;
        let all = run_ids(&house, house.host).await;
        for role in [Role::Owner, Role::Operator, Role::Approver, Role::Viewer] {
            assert_eq!(run_ids(&house, house.acting(role)).await, all);
            assert!(house.services.run(house.acting(role), early.held).await.is_ok());
        }
    }

    async fn a_revoked_window_is_gone_with_the_next_call(db: TestStore) {
        let (house, early) = early(&db).await;
        let (services, auditor) = (&house.services, house.acting(Role::Auditor));
        house.look_through(JULY_1).await;
        assert_eq!(run_ids(&house, auditor).await, run_ids(&house, house.host).await);
        assert!(services.run(auditor, early.held).await.is_ok());
        house.look_through(&[]).await;
        assert!(run_ids(&house, auditor).await.is_empty());
        let gone = services.run(auditor, early.held).await;
        assert!(matches!(gone, Err(ServiceError::NotFound("run"))), "{gone:?}");
        house.look_through(JULY_1).await;
        assert!(services.run(auditor, early.held).await.is_ok());
    }

    async fn those_who_watch_through_a_window_are_told_what_lies_in_it(db: TestStore) {
        let (house, early) = early(&db).await;
        let (services, auditor) = (&house.services, house.acting(Role::Auditor));
        late(&house).await;
        let told = async |caller| {
            let watched = services.watched(caller).await.unwrap();
            let until = services.live_place(&watched).await.unwrap();
            match services.happened(&watched, -1, until).await.unwrap() {
                Happened::Told(told) => told.happenings,
                Happened::TooMuch => panic!(),
            }
        };
        let runs = |told: &[Happening]| -> HashSet<RunId> {
            let run = |happening: &Happening| match &happening.what {
                What::Run(run, _) | What::RunCreated(run, _) => Some(run.id),
                What::Incident(incident) => incident.run,
                What::Approvals(_) => None,
            };
            told.iter().filter_map(run).collect()
        };
        let everything = told(house.host).await;
        assert_eq!(runs(&everything), run_ids(&house, house.host).await.into_iter().collect());
        house.look_through(JULY_1).await;
        let seen = told(auditor).await;
        assert_eq!(runs(&seen), run_ids(&house, auditor).await.into_iter().collect());
        assert!(runs(&seen).contains(&early.held) && seen.len() < everything.len());
        let before = services.watched(auditor).await.unwrap();
        house.look_through(&[]).await;
        assert!(runs(&told(auditor).await).is_empty());
        assert_ne!(services.watched(auditor).await.unwrap(), before, "who sees less watches less");
    }

    async fn windows_with_a_gap_show_what_lies_on_both_sides_of_it(db: TestStore) {
        let (house, _) = early(&db).await;
        let (services, auditor) = (&house.services, house.acting(Role::Auditor));
        let first = run_ids(&house, house.host).await;
        late(&house).await;
        services.clock().advance(TimeDelta::days(3));
        house.scene_about("ACC-0002").await;
        house.look_through(&[("2026-07-01", "2026-07-01"), ("2026-07-07", "2026-07-31")]).await;
        let seen = run_ids(&house, auditor).await;
        assert_eq!(&seen[seen.len() - first.len()..], &first[..]);
        assert_eq!(seen.len(), 2 * first.len());
        let groups = services.run_groups(auditor, &RunFilter::default()).await.unwrap();
        let total: i64 = groups.iter().map(|(_, group)| group.total.runs).sum();
        assert_eq!(total, seen.len() as i64);
    }

    async fn a_record_is_seen_when_it_was_created_changed_or_acted_on(db: TestStore) {
        let house = House::new(&db).await;
        let (services, auditor) = (&house.services, house.acting(Role::Auditor));
        let rows = "key,status\nACTED-ON,active\nCHANGED,active\nLEFT-ALONE,active\n";
        house.import(house.host, rows).await.unwrap();
        services.clock().advance(TimeDelta::days(3));
        house.request_about("looks", "ACTED-ON").await;
        house.import(house.host, "key,status\nCHANGED,closed\nCREATED,active\n").await.unwrap();
        house.look_through(JULY_4).await;
        let filter = RecordFilter { kind: "account".into(), key_contains: None };
        let listed = services.list_records(auditor, &filter, Seek::First, 50).await.unwrap().rows;
        let mut keys: Vec<_> = listed.into_iter().map(|record| record.key).collect();
        keys.sort();
        assert_eq!(keys, ["ACTED-ON", "CHANGED", "CREATED"]);
        for (key, seen) in [("ACTED-ON", true), ("CHANGED", true), ("LEFT-ALONE", false)] {
            let reference = RecordRef { kind: "account".into(), key: key.into() };
            assert_eq!(services.record_by_ref(auditor, &reference).await.is_ok(), seen, "{key}");
        }
        let sizes: Vec<_> = services.registers(auditor).await.unwrap();
        let sizes: Vec<_> = sizes.iter().map(|size| (size.kind.as_str(), size.records)).collect();
        assert_eq!(sizes, [("account", 3), ("finding", 1)], "the result of what was done, too");
    }

    async fn an_entry_is_seen_when_it_was_made_in_a_window(db: TestStore) {
        let (house, early) = early(&db).await;
        let late = late(&house).await;
        let auditor = house.acting(Role::Auditor);
        for windows in [JULY_1, JULY_4, &[("2026-06-01", "2026-06-30")]] {
            house.look_through(windows).await;
            let seen = |entry: &Entry| {
                windows.iter().any(|(first, last)| period(first, last).covers(entry.at))
            };
            for filter in [
                AuditFilter::default(),
                AuditFilter { run: Some(early.held), ..AuditFilter::default() },
                AuditFilter { run: Some(late.held), ..AuditFilter::default() },
                AuditFilter { record: Some(early.record), ..AuditFilter::default() },
                AuditFilter { verb: Some(Verb::RunCreated), ..AuditFilter::default() },
                AuditFilter { kind: Some("item".into()), ..AuditFilter::default() },
                AuditFilter { from: "2026-07-02".parse().ok(), ..AuditFilter::default() },
                AuditFilter { to: "2026-07-03".parse().ok(), ..AuditFilter::default() },
            ] {
                let mut all = entries(&house, house.host, &filter).await;
                let found = entries(&house, auditor, &filter).await;
                all.retain(seen);
                assert_eq!(found, all, "{filter:?} {windows:?}");
                let page = house.services.audit_page(auditor, &filter, 499).await.unwrap();
                assert_eq!(page.entries, all, "{filter:?} {windows:?}");
            }
        }
    }

    async fn an_entry_outside_is_neither_shown_nor_checked_nor_proven(db: TestStore) {
        let (house, _) = early(&db).await;
        let late = late(&house).await;
        let (services, auditor, folder) =
            (&house.services, house.acting(Role::Auditor), TempDir::new().unwrap());
        let signer =
            Signer::new(services.clone(), SigningDir::new(folder.path().join("s")), Some("a.example"));
        signer.tick(services.clock().now()).await.unwrap();
        house.look_through(JULY_1).await;
        let of = AuditFilter { run: Some(late.held), ..AuditFilter::default() };
        let hidden = entries(&house, house.host, &of).await[0].seq;
        let signed = services.latest_checkpoint(auditor).await.unwrap().unwrap();
        for (seq, seen) in [(0, true), (hidden, false)] {
            let place = u64::try_from(seq).unwrap();
            let answers = [
                services.audit_entry(auditor, seq).await.map(drop),
                services.inclusion_proof(auditor, place).await.map(drop),
                services.inclusion_proof_in(auditor, &signed, place).await.map(drop),
                services.tlog_proof(auditor, place).await.map(drop),
            ];
            for answer in answers {
                let absent = matches!(answer, Err(ServiceError::NotFound(_)));
                assert_eq!((answer.is_ok(), absent), (seen, !seen), "{seq}: {answer:?}");
            }
            assert!(matches!(services.removed_entry(auditor, seq).await, Err(ServiceError::NotFound(_))));
            let checked = services.check_audit(auditor, &[seq]).await.unwrap();
            let missing = checked.faults.iter().filter(|f| f.wrong == WrongEntry::Missing).count();
            assert_eq!(missing, usize::from(!seen));
            assert!(checked.log.is_ok(), "the whole log is counted all the same");
        }
        assert!(services.verify_audit(auditor).await.unwrap().is_ok());
        // The same as for a place beyond the end.
        let beyond = services.audit_entry(auditor, 1_000_000).await.unwrap_err().to_string();
        let outside = services.audit_entry(auditor, hidden).await.unwrap_err().to_string();
        assert_eq!(outside, beyond);
    }

    async fn bundles_are_those_of_periods_inside_the_windows(db: TestStore) {
        let (house, _) = early(&db).await;
        let (auditor, folder) = (house.acting(Role::Auditor), TempDir::new().unwrap());
        let services = house.services.clone().with_bundles(folder.path());
        house.look_through(JULY_1).await;
        let order = |first, last| NewBundle { period: period(first, last), automations: Vec::new() };
        let inside = order("2026-07-01", "2026-07-02");
        let inside = services.order_bundle(house.host, inside).await.unwrap().id;
        let across = order("2026-07-02", "2026-07-03");
        let across = services.order_bundle(house.host, across).await.unwrap().id;
        let listed = services.bundles(auditor, None, 9).await.unwrap();
        assert_eq!(listed.iter().map(|bundle| bundle.id).collect::<Vec<_>>(), [inside]);
        assert!(services.bundle(auditor, inside).await.is_ok());
        let absent = [
            services.bundle(auditor, across).await.map(drop),
            services.download_bundle(auditor, across).await.map(drop),
            services.bundles(auditor, Some(across), 9).await.map(drop),
        ];
        assert!(absent.iter().all(|answer| matches!(answer, Err(ServiceError::NotFound(_)))));

        assert!(services.order_bundle(auditor, order("2026-07-01", "2026-07-01")).await.is_ok());
        let refusal = services.order_bundle(auditor, order("2026-07-01", "2026-07-03")).await;
        let refusal = refusal.unwrap_err();
        assert_eq!(refusal.code(), "outside-windows");
        assert!(refusal.to_string().contains("1 Jul – 2 Jul 2026"), "{refusal}");
        let (entry, payload) = house.last_entry().await;
        assert_eq!((entry.verb, entry.actor), (Verb::ActRefused, auditor.principal.member()));
        assert_eq!((payload["from"].as_str(), payload["to"].as_str()), (Some("2026-07-01"), Some("2026-07-03")));
    }

    async fn the_brief_is_about_a_period_inside_the_windows(db: TestStore) {
        let (house, _) = early(&db).await;
        let early = run_ids(&house, house.host).await.len();
        late(&house).await;
        let (services, auditor) = (&house.services, house.acting(Role::Auditor));
        house.look_through(JULY_1).await;
        let day = period("2026-07-01", "2026-07-01");
        let brief = services.brief(auditor, day).await.unwrap();
        assert_eq!(brief, services.brief(house.host, day).await.unwrap());
        assert_eq!(brief.total.runs, early as i64);
        let refusal = services.brief(auditor, period("2026-07-01", "2026-07-03")).await.unwrap_err();
        assert!(matches!(refusal, ServiceError::OutsideWindows(_)), "{refusal}");
        assert!(refusal.to_string().contains("1 Jul – 2 Jul 2026"), "{refusal}");
    }
}
