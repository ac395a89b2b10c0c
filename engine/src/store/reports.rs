//! Run reports: written once, when a round ended.

use domain::{
    Timestamp,
    id::{AutomationId, ReportId, RunId, WorkspaceId},
    money::Usd,
    report::RunReport,
};
use uuid::Uuid;

use super::{Rows, Session, StoreError, Tx, sql};

/// The columns of a [`ReportRow`], in one place.
macro_rules! report_columns {
    () => {
        "p.id, p.workspace_id, p.run_id, p.revision, p.round, p.automation_id, p.version, \
         p.outcome, p.total_steps, p.total_tool_invocations, p.total_memory_writes, \
         p.total_cost_estimate, p.started_at, p.ended_at, p.duration_ms, p.summary, p.created_at"
    };
}

#[derive(sqlx::FromRow)]
struct ReportRow {
    id: Uuid,
    workspace_id: Uuid,
    run_id: Uuid,
    revision: i64,
    round: i64,
    automation_id: Uuid,
    version: i64,
    outcome: String,
    total_steps: i64,
    total_tool_invocations: i64,
    total_memory_writes: i64,
    total_cost_estimate: Option<String>,
    started_at: Timestamp,
    ended_at: Timestamp,
    duration_ms: i64,
    summary: Option<String>,
    created_at: Timestamp,
}

impl TryFrom<ReportRow> for RunReport {
    type Error = StoreError;

    fn try_from(row: ReportRow) -> Result<Self, StoreError> {
        let wrong = |column, error: &dyn std::error::Error| {
            StoreError::inconsistent("run_report", column, error)
        };
        let cost = row.total_cost_estimate.as_deref().map(str::parse::<Usd>).transpose();
        Ok(Self {
            id: ReportId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            run: RunId::new(row.run_id),
            revision: row.revision,
            round: row.round,
            automation: AutomationId::new(row.automation_id),
            version: row.version,
            outcome: row.outcome.parse().map_err(|error| wrong("outcome", &error))?,
            total_steps: row.total_steps,
            total_tool_invocations: row.total_tool_invocations,
            total_memory_writes: row.total_memory_writes,
            total_cost_estimate: cost.map_err(|error| wrong("total_cost_estimate", &error))?,
            started_at: row.started_at,
            ended_at: row.ended_at,
            duration_ms: row.duration_ms,
            summary: row.summary,
            created_at: row.created_at,
        })
    }
}

fn all(found: Vec<ReportRow>) -> Result<Vec<RunReport>, StoreError> {
    found.into_iter().map(RunReport::try_from).collect()
}

impl Tx {
    /// Writes reports of rounds that ended. A second one for a round is a conflict.
    pub async fn insert_reports(&mut self, reports: &[RunReport]) -> Result<(), StoreError> {
        let rows = Rows::of(reports)
            .uuid("id", |report| report.id.uuid())
            .uuid("workspace_id", |report| report.workspace.uuid())
            .uuid("run_id", |report| report.run.uuid())
            .int("revision", |report| report.revision)
            .int("round", |report| report.round)
            .uuid("automation_id", |report| report.automation.uuid())
            .int("version", |report| report.version)
            .text("outcome", |report| report.outcome.as_str())
            .int("total_steps", |report| report.total_steps)
            .int("total_tool_invocations", |report| report.total_tool_invocations)
            .int("total_memory_writes", |report| report.total_memory_writes)
            .string("total_cost_estimate", |report| {
                report.total_cost_estimate.map(|cost| cost.to_string())
            })
            .time("started_at", |report| report.started_at)
            .time("ended_at", |report| report.ended_at)
            .int("duration_ms", |report| report.duration_ms)
            .text("summary", |report| report.summary.as_deref())
            .time("created_at", |report| report.created_at);
        let changed = self.change_rows(
            rows,
            "INSERT INTO run_report (id, workspace_id, run_id, revision, round, automation_id, \
             version, outcome, total_steps, total_tool_invocations, total_memory_writes, \
             total_cost_estimate, started_at, ended_at, duration_ms, summary, created_at) \
             SELECT id, workspace_id, run_id, revision, round, automation_id, version, outcome, \
             total_steps, total_tool_invocations, total_memory_writes, total_cost_estimate, \
             started_at, ended_at, duration_ms, summary, created_at FROM j",
        );
        changed.await.map(drop)
    }
}

impl Session {
    /// Every revision of a run's report, the first one first.
    pub async fn reports_of_run(
        &mut self,
        workspace: WorkspaceId,
        run: RunId,
    ) -> Result<Vec<RunReport>, StoreError> {
        let found: Vec<ReportRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            report_columns!(),
            " FROM run_report p WHERE p.workspace_id = $1 AND p.run_id = $2 ORDER BY p.revision"
        ))
        .bind(workspace.uuid())
        .bind(run.uuid())
        .fetch_all(c))?;
        let mut found = all(found)?;
        self.keep_seen(workspace, &mut found, |report| report.run).await?;
        Ok(found)
    }

    /// A revision by its id.
    pub async fn report(
        &mut self,
        workspace: WorkspaceId,
        id: ReportId,
    ) -> Result<Option<RunReport>, StoreError> {
        let found: Option<ReportRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            report_columns!(),
            " FROM run_report p WHERE p.workspace_id = $1 AND p.id = $2"
        ))
        .bind(workspace.uuid())
        .bind(id.uuid())
        .fetch_optional(c))?;
        let mut found = all(found.into_iter().collect())?;
        self.keep_seen(workspace, &mut found, |report| report.run).await?;
        Ok(found.pop())
    }

    /// Every revision of the reports of these runs, run by run in no particular order.
    pub async fn reports_of_runs(
        &mut self,
        workspace: WorkspaceId,
        runs: &[RunId],
    ) -> Result<Vec<RunReport>, StoreError> {
        let rows = Rows::of(runs).within(workspace).uuid("run_id", |run| run.uuid());
        let statement = concat!(
            "SELECT ",
            report_columns!(),
            " FROM j JOIN run_report p ON p.workspace_id = j.workspace_id AND p.run_id = j.run_id \
             ORDER BY p.run_id, p.revision"
        );
        all(self.fetch_rows(rows, statement).await?)
    }
}
