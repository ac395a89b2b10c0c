//! OpenLineage: run events of Airflow, dbt, Spark and whatever else speaks it, at the address its clients
//! use by themselves. The token says which workspace is meant.

use axum::{Json, http::StatusCode};
use domain::{permission::Permission, reported::LineageEvent};
use engine::services::NewReport;
use serde_json::Value;

use super::{
    asked::Asked,
    body::{Raw, read},
    describe::{Api, post},
    problem::Problem,
    runs::Reported,
};

pub fn routes(api: Api) -> Api {
    api.add(
        "Runs",
        post("/lineage", "sendLineage", "Tell about a run by an OpenLineage event")
            .about(
                "A run event of OpenLineage 2-0-2: START, RUNNING, COMPLETE, ABORT, FAIL or OTHER. The \
                 run is shown as reported, with its facets; a job that was not known becomes an \
                 automation. The workspace is that of the token. The same event again changes nothing.",
            )
            .needs(Permission::ReportRuns)
            .with_optional_key()
            .takes_any(&["application/json"])
            .gives::<Reported>("201"),
        send,
    )
}

async fn send(asked: Asked, body: Raw) -> Result<(StatusCode, Json<Reported>), Problem> {
    if body.media_type != "application/json" {
        return Err(super::body::unsupported("application/json"));
    }
    let event: Value = read(&body.bytes)?;
    let event = LineageEvent::read(&event)
        .map_err(|fault| Problem::body(&format!("#/{}", fault.field), fault.message))?;
    let report = NewReport {
        automation: event.key(),
        name: Some(event.job),
        external_id: event.run,
        statements: vec![event.said],
    };
    let reported = asked.services().report_run(asked.caller(), report).await?;
    let status = if reported.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(reported.into())))
}
