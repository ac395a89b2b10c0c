//! The two functions of Postgres for those who run automations themselves, called by a role that can
//! change nothing.

use domain::{
    budget::Spending,
    counts::Counts,
    id::RunId,
    incident::{Cause, IncidentFilter, IncidentType, Severity},
    page::Seek,
    report::{ReportOutcome, Tally},
    run::{Run, RunStatus},
};
use engine::{
    store::Backend,
    testing::{TestStore, fresh},
};

use crate::{
    bare::Bare,
    house::{House, at},
};

/// A run that ended without a report, as one that Assize did not carry out.
async fn reported_run(house: &House) -> Run {
    let run = Run {
        status: RunStatus::CompletedWithFailures,
        started_at: Some(at(10)),
        completed_at: Some(at(14)),
        matched: true,
        counts: Counts { subjects_matched: 12, succeeded: 11, failed: 1, ..Counts::default() },
        cost: Some(Spending {
            spent: "12.8".parse().unwrap(),
            overrun: "0.000125".parse().unwrap(),
            ..Spending::default()
        }),
        tally: Tally { tool_invocations: 3, memory_writes: 2, ..Tally::default() },
        ..house.pending(0)
    };
    house.store_runs(std::slice::from_ref(&run)).await;
    run
}

/// A connection as a role that may insert, read and call the functions, and nothing else.
async fn restricted(db: &TestStore) -> Bare {
    let mut bare = Bare::open(db).await;
    let schema = bare.texts("SELECT current_schema()::text").await.remove(0);
    let role = format!("restricted_{schema}");
    bare.run(&format!(
        "DROP ROLE IF EXISTS {role}; CREATE ROLE {role}; GRANT USAGE ON SCHEMA {schema} TO {role}; \
         GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {schema} TO {role}; \
         GRANT EXECUTE ON FUNCTION fn_create_run_report, fn_record_run_incident TO {role}; \
         SET ROLE {role}"
    ))
    .await
    .unwrap();
    bare
}

fn create(run: RunId, outcome: &str) -> String {
    format!(
        "SELECT fn_create_run_report('{}', '{outcome}', 'Completed analysis.')::text",
        run.uuid()
    )
}

#[tokio::test]
async fn a_role_that_can_only_insert_and_read_reports_by_function_and_changes_nothing() {
    let Some(db) = fresh(Backend::Postgres).await else { return };
    let house = House::new(&db).await;
    let run = reported_run(&house).await;
    let mut bare = restricted(&db).await;
    let report = bare.texts(&create(run.id, "partial")).await.remove(0);
    let incident = bare
        .texts(&format!(
            "SELECT fn_record_run_incident('{report}', 'tool_timeout', 'medium', \
             'Tool search_web timed out after 30s on step 4', '{{\"step\": 4}}')::text"
        ))
        .await
        .remove(0);
    let mut session = house.session().await;
    let reports = session.reports_of_run(house.workspace, run.id).await.unwrap();
    assert_eq!(reports[0].id.uuid().to_string(), report);
    assert_eq!((reports[0].revision, reports[0].outcome), (1, ReportOutcome::Partial));
    assert_eq!((reports[0].total_steps, reports[0].total_tool_invocations), (12, 3));
    assert_eq!((reports[0].total_memory_writes, reports[0].duration_ms), (2, 4_000));
    assert_eq!(reports[0].total_cost_estimate, Some("12.800125".parse().unwrap()));
    assert_eq!(reports[0].summary.as_deref(), Some("Completed analysis."));
    let filter = IncidentFilter::of_run(run.id);
    let page = session.incident_page(house.workspace, &filter, &[], Seek::First, 9).await.unwrap();
    let [found] = &page.rows[..] else { panic!("one incident") };
    assert_eq!(found.id.uuid().to_string(), incident);
    assert_eq!((found.kind, found.severity), (IncidentType::ToolTimeout, Severity::Medium));
    assert_eq!(found.facts.message, "Tool search_web timed out after 30s on step 4");
    assert_eq!(found.facts.context.as_ref().unwrap()["step"], 4);
    let entry = Cause::Reported.entry();
    assert_eq!(
        (found.cause, found.phase, found.policy),
        (Cause::Reported, entry.phase, entry.policy)
    );
    assert_eq!(found.presentation, entry.presentation(), "the words of the catalogue");
    let stored = session.run(house.workspace, run.id).await.unwrap().unwrap();
    assert_eq!((stored.tally.reports, stored.tally.incidents), (1, 1));
    for table in ["run_report", "incident", "incident_settlement", "unentered", "run"] {
        for statement in [
            format!("UPDATE {table} SET workspace_id = workspace_id"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table}"),
        ] {
            let said = bare.refused(&statement).await;
            assert!(said.contains("permission denied"), "{statement}: {said}");
        }
    }
}

#[tokio::test]
async fn the_functions_refuse_what_makes_no_sense() {
    let Some(db) = fresh(Backend::Postgres).await else { return };
    let house = House::new(&db).await;
    let run = reported_run(&house).await;
    let open = house.run().await;
    let mut bare = restricted(&db).await;
    assert!(bare.refused(&create(open.id, "success")).await.contains("has not ended"));
    let nobody = RunId::new(house.uuid());
    assert!(bare.refused(&create(nobody, "success")).await.contains("there is no run"));
    assert!(bare.refused(&create(run.id, "splendid")).await.contains("outcome"));
    let report = bare.texts(&create(run.id, "failed")).await.remove(0);
    assert!(bare.refused(&create(run.id, "success")).await.contains("run_report"), "one a round");
    let record = |report: &str, kind: &str, severity: &str, message: &str| {
        format!("SELECT fn_record_run_incident('{report}', '{kind}', '{severity}', '{message}')")
    };
    bare.refused(&record(&report, "mishap", "low", "x")).await;
    bare.refused(&record(&report, "step_error", "dire", "x")).await;
    bare.refused(&record(&report, "step_error", "low", " ")).await;
    bare.refused(&record(&nobody.uuid().to_string(), "step_error", "low", "x")).await;
    bare.run(&record(&report, "step_error", "low", "x")).await.unwrap();
}

#[tokio::test]
async fn nobody_calls_the_functions_unless_they_are_let_and_no_table_can_be_put_in_the_way() {
    let Some(db) = fresh(Backend::Postgres).await else { return };
    let house = House::new(&db).await;
    let run = reported_run(&house).await;
    let mut bare = restricted(&db).await;
    bare.run("RESET ROLE").await.unwrap();
    let schema = bare.texts("SELECT current_schema()::text").await.remove(0);
    bare.run(&format!("DROP ROLE IF EXISTS other_{schema}; CREATE ROLE other_{schema}"))
        .await
        .unwrap();
    bare.run(&format!("GRANT USAGE ON SCHEMA {schema} TO other_{schema}")).await.unwrap();
    bare.run(&format!("SET ROLE other_{schema}")).await.unwrap();
    assert!(bare.refused(&create(run.id, "success")).await.contains("permission denied"));
    bare.run(&format!("RESET ROLE; SET ROLE restricted_{schema}")).await.unwrap();
    // Temporary tables come first in a search path that does not say otherwise.
    bare.run("CREATE TEMPORARY TABLE run (id uuid)").await.unwrap();
    bare.run(&create(run.id, "success")).await.unwrap();
    let mut session = house.session().await;
    assert_eq!(session.reports_of_run(house.workspace, run.id).await.unwrap().len(), 1);
}
