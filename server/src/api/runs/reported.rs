//! Runs that take place elsewhere: telling about them, and reading what was told.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use domain::{permission::Permission, reported::Outcome};
use engine::services::{NewReport, StepLog};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    TAG,
    reports::Report,
    statement::{Statement, written},
};
use crate::api::{
    asked::{Asked, Listed},
    body::Body,
    describe::{Api, get, post},
    problem::Problem,
    schema,
};

/// Statements about one run
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewReport)]
pub struct New {
    /// The run, as whoever runs it calls it; unique in the workspace
    external_id: String,
    /// The key of the automation it is a run of, made known with the first run of it
    automation: String,
    /// How an automation that is made known is called; its key, unless stated
    #[serde(default)]
    name: Option<String>,
    /// 1 to 500, in any order
    statements: Vec<Statement>,
}

/// What taking statements in came to
#[derive(Debug, Serialize, ToSchema)]
pub struct Reported {
    run: schema::RunId,
    external_id: String,
    status: schema::RunStatus,
    /// The run was not known before
    created: bool,
    /// Statements that were new
    taken: i64,
    /// Statements that had come before; they changed nothing
    duplicates: i64,
    /// A kill switch is pressed: whoever carries the run out should stop
    stop: bool,
}

impl From<engine::services::Reported> for Reported {
    fn from(reported: engine::services::Reported) -> Self {
        let engine::services::Reported { run, external_id, created, taken, duplicates, stop } =
            reported;
        let (status, run) = (run.status.into(), run.id.into());
        Self { run, external_id, status, created, taken, duplicates, stop }
    }
}

/// How a reported run ended, in other words than before
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Revision {
    /// That of the last revision, unless stated
    outcome: Option<schema::ToldOutcome>,
    /// That of the last revision, unless stated; at most 2,000 characters
    summary: Option<String>,
}

/// A run's metrics; `docs/metrics.schema.json` describes every part
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunMetrics)]
pub struct Metrics(schema::Document);

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        post("/runs/reported", "reportRun", "Tell about a run that takes place elsewhere")
            .about(
                "Every statement has a number of its own: sent again it changes nothing, and the order \
                 in which statements come makes no difference. All statements of a request are taken \
                 in, or none.",
            )
            .needs(Permission::ReportRuns)
            .with_optional_key()
            .takes::<New>()
            .gives::<Reported>("201"),
        report,
    )
    .add(
        TAG,
        post("/runs/{run}/report", "reviseReport", "Write a further report of a reported run")
            .about(
                "For what came after the run had finished. Totals are computed from what was told; only \
                 outcome and summary are the caller's. Where nothing is new the last report is given.",
            )
            .needs(Permission::ReportRuns)
            .takes::<Revision>()
            .gives::<Report>("201"),
        revise,
    )
    .add(
        TAG,
        get("/runs/{run}/metrics", "getMetrics", "The metrics of a run")
            .about("One contract for executed and reported runs; what is not known is `null`.")
            .needs(Permission::ViewRuns)
            .gives::<Metrics>("200")
            .tagged(),
        metrics,
    )
    .add(
        TAG,
        get("/runs/{run}/steps", "listSteps", "The log of steps of a reported run, by number")
            .about("The first and the last are kept; `getRun` says how many are not.")
            .needs(Permission::ViewRuns)
            .pages_of::<Statement>(),
        steps,
    )
}

async fn report(asked: Asked, Body(new): Body<New>) -> Result<Response, Problem> {
    let New { external_id, automation, name, statements } = new;
    let statements = written(statements, asked.services().clock().now())?;
    let report = NewReport { external_id, automation, name, statements };
    let reported = Reported::from(asked.services().report_run(asked.caller(), report).await?);
    let status = if reported.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(reported)).into_response())
}

async fn revise(
    asked: Asked,
    Body(revision): Body<Revision>,
) -> Result<(StatusCode, Json<Report>), Problem> {
    let outcome: Option<Outcome> = revision.outcome.map(|outcome| outcome.0);
    let (run, caller) = (asked.part("run")?, asked.caller());
    let report = asked.services().revise_report(caller, run, outcome, revision.summary).await?;
    Ok((StatusCode::CREATED, Json(report.into())))
}

async fn metrics(asked: Asked) -> Result<Json<Metrics>, Problem> {
    let found = asked.services().run_metrics(asked.caller(), asked.part("run")?).await?;
    let found = serde_json::to_value(found).map_err(Problem::internal)?;
    Ok(Json(Metrics(found.into())))
}

async fn steps(asked: Asked) -> Result<Json<Listed<Statement>>, Problem> {
    let run: domain::id::RunId = asked.part("run")?;
    let paging = asked.paging(format_args!("runs/{run}/steps"))?;
    let (after, before) = paging.numbers();
    if before.is_some() {
        return Err(Problem::parameter("before", "this list goes forward only"));
    }
    let found = asked.services().run_steps(asked.caller(), run, after, paging.size).await?;
    let StepLog { steps, next, .. } = found;
    Ok(Json(Listed {
        data: steps.into_iter().map(Statement::from).collect(),
        next: next.and_then(|number| paging.after_number(number)),
        previous: None,
    }))
}
