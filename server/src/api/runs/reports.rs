//! The reports of a run: one revision for each round that ended.

use axum::Json;
use domain::{permission::Permission, report::RunReport};
use serde::Serialize;
use utoipa::ToSchema;

use super::TAG;
use crate::api::{
    asked::{Asked, Listed},
    describe::{Api, get},
    problem::Problem,
    schema,
};

/// What a round came to, written once
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunReport)]
pub struct Report {
    id: schema::ReportId,
    run: schema::RunId,
    /// From 1; each round that ends adds one
    revision: i64,
    round: i64,
    version: i64,
    outcome: schema::ReportOutcome,
    total_steps: i64,
    total_tool_invocations: i64,
    total_memory_writes: i64,
    /// In US dollars, such as `12.80`; `null` where nobody estimated it
    total_cost_estimate: Option<String>,
    started_at: schema::Time,
    ended_at: schema::Time,
    duration_seconds: f64,
    summary: Option<String>,
}

impl From<RunReport> for Report {
    fn from(report: RunReport) -> Self {
        Self {
            id: report.id.into(),
            run: report.run.into(),
            revision: report.revision,
            round: report.round,
            version: report.version,
            outcome: report.outcome.into(),
            total_steps: report.total_steps,
            total_tool_invocations: report.total_tool_invocations,
            total_memory_writes: report.total_memory_writes,
            total_cost_estimate: report.total_cost_estimate.map(|cost| cost.to_string()),
            started_at: report.started_at.into(),
            ended_at: report.ended_at.into(),
            duration_seconds: schema::seconds(report.duration_ms),
            summary: report.summary,
        }
    }
}

pub fn routes(api: Api) -> Api {
    let reports =
        get("/runs/{run}/reports", "listReports", "The reports of a run, first one first");
    let reports = reports.about("None while its first round goes on.");
    api.add(TAG, reports.needs(Permission::ViewRuns).lists::<Report>(), list)
}

async fn list(asked: Asked) -> Result<Json<Listed<Report>>, Problem> {
    let found = asked.services().run_reports(asked.caller(), asked.part("run")?).await?;
    Ok(Json(Listed::whole(found)))
}
