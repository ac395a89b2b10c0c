//! Reported runs: what they stated, added up, and the log of their steps.

use domain::{
    Timestamp,
    id::{RunId, WorkspaceId},
    reported::{KEPT_FIRST, KEPT_LAST, State, Statement},
};
use uuid::Uuid;

use super::{Rows, Session, StoreError, Tx, change, sql};

/// What stands beside the head of a reported run.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedRun {
    pub run: RunId,
    pub workspace: WorkspaceId,
    /// As its reporter calls it.
    pub external_id: String,
    pub state: State,
    /// When something last came, by our clock.
    pub heard_at: Timestamp,
    /// When silence becomes an interruption.
    pub silent_after: Option<Timestamp>,
    /// Steps that stand in the log.
    pub kept: i64,
}

#[derive(sqlx::FromRow)]
struct ReportedRow {
    run_id: Uuid,
    workspace_id: Uuid,
    external_id: String,
    state: String,
    heard_at: Timestamp,
    silent_after: Option<Timestamp>,
    kept: i64,
}

impl TryFrom<ReportedRow> for ReportedRun {
    type Error = StoreError;

    fn try_from(row: ReportedRow) -> Result<Self, StoreError> {
        Ok(Self {
            run: RunId::new(row.run_id),
            workspace: WorkspaceId::new(row.workspace_id),
            external_id: row.external_id,
            state: serde_json::from_str(&row.state)
                .map_err(|error| StoreError::inconsistent("reported_run", "state", error))?,
            heard_at: row.heard_at,
            silent_after: row.silent_after,
            kept: row.kept,
        })
    }
}

fn json(column: &'static str, value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::inconsistent("reported_run", column, error))
}

impl Session {
    /// What stands beside the head of a reported run; `None` for one that is executed.
    pub async fn reported_run(
        &mut self,
        workspace: WorkspaceId,
        run: RunId,
    ) -> Result<Option<ReportedRun>, StoreError> {
        let found: Option<ReportedRow> = sql!(self, |c| sqlx::query_as(
            "SELECT run_id, workspace_id, external_id, state, heard_at, silent_after, kept \
             FROM reported_run WHERE workspace_id = $1 AND run_id = $2"
        )
        .bind(workspace.uuid())
        .bind(run.uuid())
        .fetch_optional(c))?;
        found.map(ReportedRun::try_from).transpose()
    }

    /// The run that its reporter calls so.
    pub async fn run_by_external_id(
        &mut self,
        workspace: WorkspaceId,
        external_id: &str,
    ) -> Result<Option<RunId>, StoreError> {
        let found: Option<Uuid> = sql!(self, |c| sqlx::query_scalar(
            "SELECT run_id FROM reported_run WHERE workspace_id = $1 AND external_id = $2"
        )
        .bind(workspace.uuid())
        .bind(external_id)
        .fetch_optional(c))?;
        Ok(found.map(RunId::new))
    }

    /// The log of steps of a run that may be read, by number, after one.
    pub async fn reported_steps(
        &mut self,
        run: RunId,
        after: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Statement>, StoreError> {
        let found: Vec<String> = sql!(self, |c| sqlx::query_scalar(
            "SELECT statement FROM reported_step WHERE run_id = $1 AND seq > $2 \
             ORDER BY seq LIMIT $3"
        )
        .bind(run.uuid())
        .bind(after.unwrap_or(-1))
        .bind(limit)
        .fetch_all(c))?;
        let read = |text: &String| {
            serde_json::from_str(text)
                .map_err(|error| StoreError::inconsistent("reported_step", "statement", error))
        };
        found.iter().map(read).collect()
    }

    /// Runs that have been silent for longer than they declared, the longest silent first.
    pub async fn silent_runs(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<(WorkspaceId, RunId)>, StoreError> {
        let found: Vec<(Uuid, Uuid)> = sql!(self, |c| sqlx::query_as(
            "SELECT workspace_id, run_id FROM reported_run WHERE silent_after IS NOT NULL \
             AND silent_after <= $1 ORDER BY silent_after LIMIT $2"
        )
        .bind(now)
        .bind(limit)
        .fetch_all(c))?;
        Ok(found.into_iter().map(|(ws, run)| (WorkspaceId::new(ws), RunId::new(run))).collect())
    }
}

impl Tx {
    /// Begins to keep what a reported run states.
    pub async fn insert_reported_run(&mut self, run: &ReportedRun) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO reported_run (run_id, workspace_id, external_id, state, heard_at, \
                 silent_after, kept) VALUES ($1, $2, $3, $4, $5, $6, $7)"
            )
            .bind(run.run.uuid())
            .bind(run.workspace.uuid())
            .bind(run.external_id.as_str())
            .bind(json("state", &run.state)?)
            .bind(run.heard_at)
            .bind(run.silent_after)
            .bind(run.kept)
        )
        .map(drop)
    }

    /// Stores what became of it. Whoever does holds the lock of the run.
    pub async fn update_reported_run(&mut self, run: &ReportedRun) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE reported_run SET state = $3, heard_at = $4, silent_after = $5, kept = $6 \
                 WHERE workspace_id = $1 AND run_id = $2"
            )
            .bind(run.workspace.uuid())
            .bind(run.run.uuid())
            .bind(json("state", &run.state)?)
            .bind(run.heard_at)
            .bind(run.silent_after)
            .bind(run.kept)
        )?;
        StoreError::expect("reported_run", 1, changed)
    }

    /// Adds statements to the log of steps.
    pub async fn insert_reported_steps(
        &mut self,
        run: RunId,
        steps: &[&Statement],
    ) -> Result<(), StoreError> {
        let steps: Vec<(i64, String)> = steps
            .iter()
            .map(|step| Ok((step.seq, json("statement", step)?)))
            .collect::<Result<_, StoreError>>()?;
        let rows = Rows::of(&steps)
            .uuid("run_id", |_| run.uuid())
            .int("seq", |(seq, _)| *seq)
            .text("statement", |(_, statement)| statement.as_str());
        let insert = "INSERT INTO reported_step (run_id, seq, statement) \
                      SELECT run_id, seq, statement FROM j";
        self.change_rows(rows, insert).await.map(drop)
    }

    /// Drops from the log of steps what stands between the first and the last that are kept. Answers
    /// with how many that were.
    pub async fn trim_reported_steps(&mut self, run: RunId) -> Result<i64, StoreError> {
        let dropped = change!(
            self,
            sqlx::query(
                "DELETE FROM reported_step WHERE run_id = $1 \
                 AND seq > (SELECT seq FROM reported_step WHERE run_id = $1 \
                     ORDER BY seq LIMIT 1 OFFSET $2) \
                 AND seq < (SELECT seq FROM reported_step WHERE run_id = $1 \
                     ORDER BY seq DESC LIMIT 1 OFFSET $3)"
            )
            .bind(run.uuid())
            .bind(KEPT_FIRST - 1)
            .bind(KEPT_LAST - 1)
        )?;
        Ok(dropped as i64)
    }
}
