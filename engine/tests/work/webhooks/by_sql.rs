//! Incidents that somebody else enters by SQL: they have an entry in the log as soon as a worker sweeps,
//! and webhooks are told of them like of any other.

use domain::{audit::Verb, incident::IncidentFilter, page::Seek, webhook::EventKind};
use engine::{store::Backend, testing::fresh};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, query_scalar, raw_sql};

use super::house::Telling;

#[tokio::test]
async fn an_incident_that_was_entered_by_sql_is_entered_into_the_log_and_told_once() {
    let Some(db) = fresh(Backend::Postgres).await else { return };
    let house = Telling::new(&db).await;
    house.webhook(&[EventKind::IncidentRaised]).await;
    let run = house.good_run(1).await;
    let report = house.services.run_reports(house.host, run).await.unwrap().remove(0);
    let mut bare = PgConnection::connect(&db.address).await.unwrap();
    let schema = query_scalar("SELECT current_schema()::text").fetch_one(&mut bare).await;
    let schema: String = schema.unwrap();
    let role = format!("telling_{schema}");
    let statements = format!(
        "DROP ROLE IF EXISTS {role}; CREATE ROLE {role}; GRANT USAGE ON SCHEMA {schema} TO {role}; \
         GRANT SELECT ON run, run_report, incident TO {role}; \
         GRANT EXECUTE ON FUNCTION fn_record_run_incident TO {role}; SET ROLE {role}; \
         SELECT fn_record_run_incident('{}', 'tool_timeout', 'high', 'search_web hung')",
        report.id.uuid()
    );
    raw_sql(AssertSqlSafe(statements)).execute(&mut bare).await.unwrap();
    let said = raw_sql("DELETE FROM unentered").execute(&mut bare).await.unwrap_err();
    assert!(said.to_string().contains("permission denied"), "{said}");
    assert!(house.listener.heard().is_empty());
    house.settle().await;
    let body = house.listener.only().json();
    let data = &body["data"];
    assert_eq!((&body["type"], &data["severity"]), (&json!("incident.raised"), &json!("high")));
    assert_eq!((&data["cause"], &data["definition"]), (&json!("reported"), &json!("looks")));
    let filter = IncidentFilter::of_run(run);
    let found = house.services.incidents(house.host, &filter, Seek::First, 9).await.unwrap();
    let incident = &found.page.rows[0];
    assert_eq!(data["incident"], incident.id.to_string());
    house.settle().await;
    let entries = house.entries(run).await;
    let raised: Vec<_> = entries.iter().filter(|e| e.verb == Verb::IncidentRaised).collect();
    assert_eq!((raised.len(), house.listener.heard().len()), (1, 1), "once");
    let digests = &raised[0].payload.as_ref().unwrap()["digests"];
    assert_eq!(digests[format!("incidents/{}", incident.id)], incident.digest());
}
