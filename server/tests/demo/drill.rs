//! The drill: one incident of each type, really brought about, and what is left of it afterwards.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    audit::{AuditFilter, Verb},
    filter::RunFilter,
    incident::{Cause, Incident, IncidentFilter, IncidentType, Standing},
    item::ItemState,
    page::{MAX_SIZE, Seek},
    period::Period,
    report::{ReportOutcome, RunReport},
    run::{Run, RunStatus},
};
use engine::both_databases;
use server::demo::{self, Example};
use tempfile::TempDir;

use crate::{
    bundle::{Desk, lines, unpack},
    house::House,
};

async fn incidents(house: &House, filter: &IncidentFilter) -> Vec<Incident> {
    let found = house.services.incidents(house.standing.host, filter, Seek::First, MAX_SIZE).await;
    found.unwrap().page.rows
}

async fn runs_of(house: &House, key: &str) -> Vec<Run> {
    let filter = RunFilter { definitions: vec![key.to_owned()], ..RunFilter::default() };
    let found = house.services.runs(house.standing.host, &filter, Seek::First, 9).await.unwrap();
    found.page.rows
}

async fn reports(house: &House, run: &Run) -> Vec<RunReport> {
    house.services.run_reports(house.standing.host, run.id).await.unwrap()
}

/// The layers that are the catalogue's, and a message.
fn has_all_layers(incident: &Incident) {
    let entry = incident.cause.entry();
    let judged = (incident.kind, incident.severity, incident.phase, incident.policy);
    assert_eq!(judged, (entry.kind, entry.severity, entry.phase, entry.policy));
    assert_eq!(incident.presentation, entry.presentation());
    assert!(!incident.facts.message.is_empty(), "{incident:?}");
}

both_databases! {
    async fn the_drill_brings_about_each_type_of_incident(db: TestStore) {
        let house = House::of(Example::IncidentDrill, &db).await;
        let host = house.standing.host;
        let table = demo::table(&house.services, host).await.unwrap();
        assert_eq!(demo::expected(Example::IncidentDrill).unwrap(), table);
        let all = incidents(&house, &IncidentFilter::default()).await;
        all.iter().for_each(has_all_layers);
        let types: BTreeSet<_> = all.iter().map(|incident| incident.kind).collect();
        assert_eq!(types, IncidentType::ALL.iter().copied().collect());
        let causes: BTreeSet<_> = all.iter().map(|incident| incident.cause).collect();
        assert_eq!(causes, BTreeSet::from([
            Cause::ReceiverUnavailable,
            Cause::ReceiverRefused,
            Cause::ReplyTimeout,
            Cause::RunBudgetExhausted,
            Cause::RecordNotFound,
            Cause::PolicyDenied,
            Cause::KillSwitchPressed,
            Cause::WorkerLost,
            Cause::AnswerTooLate,
        ]));
        let settled = IncidentFilter { standing: Some(Standing::Settled), ..IncidentFilter::default() };
        let settled: Vec<_> =
            incidents(&house, &settled).await.iter().map(|incident| incident.cause).collect();
        assert_eq!(settled, [Cause::ReceiverRefused]);
        assert!(house.services.verify_audit(host).await.unwrap().is_ok());
    }

    async fn lost_and_late_workers_leave_their_facts_and_do_nothing_twice(db: TestStore) {
        let house = House::of(Example::IncidentDrill, &db).await;
        let of = |cause| IncidentFilter { causes: vec![cause], ..IncidentFilter::default() };
        let lost = incidents(&house, &of(Cause::WorkerLost)).await;
        for incident in &lost {
            let facts = incident.facts.interruption.as_ref().unwrap();
            assert_eq!(facts.worker.as_deref(), Some("worker-2"));
            assert_eq!((facts.in_flight, facts.queued_again), (1, true));
            assert_eq!(facts.silent_ms, Some(41_000));
            assert_eq!(facts.last_durable_step, "attempt 1 started");
        }
        let late = incidents(&house, &of(Cause::AnswerTooLate)).await;
        assert_eq!((lost.len(), late.len()), (2, 1));
        assert_eq!(late[0].item, lost[0].item, "the latest of the two");
        assert_eq!(late[0].facts.attempt, Some(1));
        for run in runs_of(&house, "delivery-check").await {
            assert_eq!(run.status, RunStatus::Completed);
            assert_eq!(house.items(run.id).await[0].state, ItemState::IdempotentReplay);
        }
        // 6 attestations, 2 checks, and the request that was taken and never answered.
        assert_eq!(house.effects().len(), 9);
    }

    async fn every_round_that_ended_has_one_report_and_a_retry_adds_one(db: TestStore) {
        let house = House::of(Example::IncidentDrill, &db).await;
        let host = house.standing.host;
        let all = RunFilter::default();
        let runs = house.services.runs(host, &all, Seek::First, MAX_SIZE).await.unwrap().page.rows;
        let mut outcomes = BTreeMap::new();
        for run in &runs {
            let reports = reports(&house, run).await;
            assert_eq!(reports.len() as i64, run.round + 1);
            for report in reports {
                let filter = AuditFilter { run: Some(run.id), ..AuditFilter::default() };
                let entries = house.services.audit_entries(host, &filter, 500).await.unwrap();
                let written = entries.iter().find(|entry| entry.object.id == report.id.to_string());
                let written = written.filter(|entry| entry.verb == Verb::ReportCreated).unwrap();
                let digests = &written.payload.as_ref().unwrap()["digests"];
                assert_eq!(digests[format!("reports/{}", report.id)], report.digest());
                *outcomes.entry(report.outcome).or_insert(0) += 1;
            }
        }
        assert_eq!(outcomes, BTreeMap::from([
            (ReportOutcome::Success, 3),
            (ReportOutcome::Partial, 6),
            (ReportOutcome::Killed, 1),
        ]));
    }

    async fn both_revisions_are_in_the_export_as_they_were_written(db: TestStore) {
        let house = House::of(Example::IncidentDrill, &db).await;
        let run = runs_of(&house, "vendor-attestation").await.remove(0);
        let reports = reports(&house, &run).await;
        let desk = Desk::at(&house).await;
        let day = "2026-10-14".parse().unwrap();
        let ordered = desk.order_of(Period::of_days(day, day).unwrap(), Vec::new()).await;
        desk.make().await;
        let bundle = desk.ready(ordered.id).await;
        let checked = desk.verify(&bundle).await;
        assert_eq!(checked.code, 0, "{}", checked.text);
        let folder = TempDir::new().unwrap();
        unpack(&bundle, folder.path());
        let exported = lines(&folder.path().join("reports.jsonl"));
        let mut its: Vec<_> =
            exported.into_iter().filter(|line| line["run"] == run.id.to_string()).collect();
        its.sort_by_key(|line| line["revision"].as_i64());
        let kept: Vec<_> = reports.iter().map(|report| serde_json::to_value(report).unwrap()).collect();
        assert_eq!(its, kept);
        let told: Vec<_> = reports.iter().map(|r| (r.revision, r.outcome, r.total_steps)).collect();
        assert_eq!(told, [(1, ReportOutcome::Partial, 6), (2, ReportOutcome::Success, 6)]);
        assert_eq!(lines(&folder.path().join("incidents.jsonl")).len(), 13);
    }
}
