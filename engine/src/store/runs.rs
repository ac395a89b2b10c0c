//! Runs: written with their rollup, read by id and in pages.

use domain::{
    Timestamp,
    cancel::CancelReceipt,
    id::{AutomationId, KillSwitchId, MemberId, RecordId, RunId, TriggerEventId, WorkspaceId},
    kill::Killed,
    problem::Failure,
    retention::Pruned,
    rollup,
    run::{CancelRequest, Run},
};
use uuid::Uuid;

use super::{
    Rows, Session, StoreError, Tx, change,
    run_parts::{CostRow, CountsRow, TallyRow, ToldRow},
    sql,
};

/// The columns of a [`RunRow`], in one place.
macro_rules! run_columns {
    () => {
        "r.id, r.workspace_id, r.automation_id, r.version, r.trigger_event_id, r.trigger_kind, \
         r.status, r.round, r.subjects_matched, r.actions_invoked, r.open_items, r.succeeded, \
         r.failed, r.skipped, r.awaiting_approval, r.idempotent_replay, r.tool_invocations, \
         r.memory_writes, r.incidents, r.reports, r.matched, \
         r.on_item_failure, r.created_at, r.started_at, r.completed_at, r.cancel_requested_at, \
         r.cancel_requested_by, r.cancel_reason, r.failure_code, r.failure_message, r.failure_kind, \
         r.killed_at, r.kill_switch_id, r.cost_spent, r.cost_reserved, r.cost_overrun, \
         r.steps, r.failed_steps, r.silent_since, r.pruned_at, r.pruned_under"
    };
}
pub(super) use run_columns;

#[derive(sqlx::FromRow)]
pub(super) struct RunRow {
    id: Uuid,
    workspace_id: Uuid,
    automation_id: Uuid,
    version: i64,
    trigger_event_id: Uuid,
    trigger_kind: String,
    status: String,
    round: i64,
    #[sqlx(flatten)]
    counts: CountsRow,
    #[sqlx(flatten)]
    tally: TallyRow,
    matched: bool,
    on_item_failure: String,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    cancel_requested_at: Option<Timestamp>,
    cancel_requested_by: Option<Uuid>,
    cancel_reason: Option<String>,
    #[sqlx(flatten)]
    failure: FailureRow,
    killed_at: Option<Timestamp>,
    kill_switch_id: Option<Uuid>,
    #[sqlx(flatten)]
    cost: CostRow,
    #[sqlx(flatten)]
    told: ToldRow,
    pruned_at: Option<Timestamp>,
    pruned_under: Option<String>,
}

/// The three columns of a failure, wherever one is stored.
#[derive(sqlx::FromRow)]
pub(super) struct FailureRow {
    failure_code: Option<String>,
    failure_message: Option<String>,
    failure_kind: Option<String>,
}

impl FailureRow {
    pub(super) fn read(self, table: &'static str) -> Result<Option<Failure>, StoreError> {
        let (Some(code), Some(message), Some(kind)) =
            (self.failure_code, self.failure_message, self.failure_kind)
        else {
            return Ok(None);
        };
        let kind =
            kind.parse().map_err(|error| StoreError::inconsistent(table, "failure_kind", error))?;
        Ok(Some(Failure { code, message, kind }))
    }
}

impl TryFrom<RunRow> for Run {
    type Error = StoreError;

    fn try_from(row: RunRow) -> Result<Self, StoreError> {
        let wrong =
            |column, error: &dyn std::error::Error| StoreError::inconsistent("run", column, error);
        let cancel = row.cancel_requested_at.map(|at| CancelRequest {
            at,
            by: row.cancel_requested_by.map(MemberId::new),
            reason: row.cancel_reason.unwrap_or_default(),
        });
        let killed = row.killed_at.zip(row.kill_switch_id);
        Ok(Self {
            id: RunId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            automation: AutomationId::new(row.automation_id),
            version: row.version,
            trigger_event: TriggerEventId::new(row.trigger_event_id),
            trigger_kind: row.trigger_kind.parse().map_err(|e| wrong("trigger_kind", &e))?,
            status: row.status.parse().map_err(|e| wrong("status", &e))?,
            round: row.round,
            counts: row.counts.into(),
            tally: row.tally.into(),
            cost: row.cost.read()?,
            matched: row.matched,
            on_item_failure: row
                .on_item_failure
                .parse()
                .map_err(|e| wrong("on_item_failure", &e))?,
            created_at: row.created_at,
            started_at: row.started_at,
            completed_at: row.completed_at,
            cancel,
            killed: killed.map(|(at, id)| Killed { at, switch: KillSwitchId::new(id) }),
            failure: row.failure.read("run")?,
            told: row.told.into(),
            pruned: row.pruned_at.zip(row.pruned_under).map(|(at, under)| Pruned { at, under }),
        })
    }
}

impl Tx {
    /// Inserts a new run and counts it in the rollup.
    pub async fn insert_run(&mut self, run: &Run) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO run (id, workspace_id, automation_id, version, trigger_event_id, \
                 trigger_kind, status, round, subjects_matched, actions_invoked, open_items, \
                 succeeded, failed, skipped, awaiting_approval, idempotent_replay, \
                 tool_invocations, memory_writes, incidents, reports, matched, on_item_failure, \
                 created_at, started_order, completed_order, cost_spent, cost_reserved, \
                 cost_overrun) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $9, \
                 $10, $11, $12, $13, $14, $15, $16)",
            )
            .bind(run.id.uuid())
            .bind(run.workspace.uuid())
            .bind(run.automation.uuid())
            .bind(run.version)
            .bind(run.trigger_event.uuid())
            .bind(run.trigger_kind.as_str())
            .bind(run.status.as_str())
            .bind(run.round)
            .bind(run.matched)
            .bind(run.on_item_failure.as_str())
            .bind(run.created_at)
            .bind(rollup::started_order(run))
            .bind(rollup::completed_order(run))
            .bind(run.cost.map(|cost| cost.spent.nanos()))
            .bind(run.cost.map(|cost| cost.reserved.nanos()))
            .bind(run.cost.map(|cost| cost.overrun.nanos()))
        )?;
        self.add_to_rollup(None, run).await
    }

    /// The run, locked until the transaction ends: whoever moves a run or its items holds this lock.
    pub async fn lock_run(
        &mut self,
        workspace: WorkspaceId,
        id: RunId,
    ) -> Result<Option<Run>, StoreError> {
        const SQL: [&str; 2] = [
            concat!(
                "SELECT ",
                run_columns!(),
                " FROM run r WHERE r.workspace_id = $1 AND r.id = $2"
            ),
            concat!(
                "SELECT ",
                run_columns!(),
                " FROM run r WHERE r.workspace_id = $1 AND r.id = $2 FOR UPDATE"
            ),
        ];
        let statement = self.pick(SQL);
        let row: Option<RunRow> = sql!(self, |c| sqlx::query_as(statement)
            .bind(workspace.uuid())
            .bind(id.uuid())
            .fetch_optional(c))?;
        row.map(Run::try_from).transpose()
    }

    /// Several runs, locked in the order of their ids, so that two writers never wait in a circle.
    pub async fn lock_runs(
        &mut self,
        workspace: WorkspaceId,
        ids: &[RunId],
    ) -> Result<Vec<Run>, StoreError> {
        // Postgres locks rows as it reads them, so they are sorted before, in a part of its own.
        macro_rules! lock {
            ($lock:literal) => {
                concat!(
                    "SELECT ",
                    run_columns!(),
                    " FROM run r WHERE (r.workspace_id, r.id) IN \
                     (SELECT workspace_id, id FROM j) ORDER BY r.id",
                    $lock
                )
            };
        }
        let statement = self.pick([lock!(""), lock!(" FOR UPDATE OF r")]);
        let rows = Rows::of(ids).within(workspace).uuid("id", |id| id.uuid());
        let found: Vec<RunRow> = self.fetch_rows(rows, statement).await?;
        found.into_iter().map(Run::try_from).collect()
    }

    /// Stores what became of a run that was read under [`Tx::lock_run`], and moves the rollup along.
    pub async fn update_run(&mut self, before: &Run, after: &Run) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE run SET status = $3, round = $4, subjects_matched = $5, \
                 actions_invoked = $6, open_items = $7, succeeded = $8, failed = $9, \
                 skipped = $10, awaiting_approval = $11, idempotent_replay = $12, matched = $13, \
                 started_at = $14, completed_at = $15, started_order = $16, \
                 completed_order = $17, cancel_requested_at = $18, cancel_requested_by = $19, \
                 cancel_reason = $20, failure_code = $21, failure_message = $22, \
                 failure_kind = $23, tool_invocations = $24, memory_writes = $25, \
                 incidents = $26, reports = $27, killed_at = $28, kill_switch_id = $29, \
                 cost_spent = $30, cost_reserved = $31, cost_overrun = $32, steps = $33, \
                 failed_steps = $34, silent_since = $35 WHERE workspace_id = $1 AND id = $2",
            )
            .bind(after.workspace.uuid())
            .bind(after.id.uuid())
            .bind(after.status.as_str())
            .bind(after.round)
            .bind(after.counts.subjects_matched)
            .bind(after.counts.actions_invoked)
            .bind(after.counts.open)
            .bind(after.counts.succeeded)
            .bind(after.counts.failed)
            .bind(after.counts.skipped)
            .bind(after.counts.awaiting_approval)
            .bind(after.counts.idempotent_replay)
            .bind(after.matched)
            .bind(after.started_at)
            .bind(after.completed_at)
            .bind(rollup::started_order(after))
            .bind(rollup::completed_order(after))
            .bind(after.cancel.as_ref().map(|cancel| cancel.at))
            .bind(after.cancel.as_ref().and_then(|cancel| cancel.by).map(MemberId::uuid))
            .bind(after.cancel.as_ref().map(|cancel| cancel.reason.as_str()))
            .bind(after.failure.as_ref().map(|failure| failure.code.as_str()))
            .bind(after.failure.as_ref().map(|failure| failure.message.as_str()))
            .bind(after.failure.as_ref().map(|failure| failure.kind.as_str()))
            .bind(after.tally.tool_invocations)
            .bind(after.tally.memory_writes)
            .bind(after.tally.incidents)
            .bind(after.tally.reports)
            .bind(after.killed.map(|killed| killed.at))
            .bind(after.killed.map(|killed| killed.switch.uuid()))
            .bind(after.cost.map(|cost| cost.spent.nanos()))
            .bind(after.cost.map(|cost| cost.reserved.nanos()))
            .bind(after.cost.map(|cost| cost.overrun.nanos()))
            .bind(after.told.map(|told| told.steps))
            .bind(after.told.map(|told| told.failed_steps))
            .bind(after.told.and_then(|told| told.silent_since))
        )?;
        StoreError::expect("run", 1, changed)?;
        if before.status != after.status {
            self.figures.run(after.status);
            if after.status.is_terminal() {
                self.ended.run(after);
            }
        }
        self.add_to_rollup(Some(before), after).await
    }

    /// Keeps the receipt of a cancellation.
    pub async fn store_cancel_receipt(
        &mut self,
        workspace: WorkspaceId,
        receipt: &CancelReceipt,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_string(receipt)
            .map_err(|error| StoreError::inconsistent("run", "cancel_receipt", error))?;
        let changed = change!(
            self,
            sqlx::query("UPDATE run SET cancel_receipt = $3 WHERE workspace_id = $1 AND id = $2")
                .bind(workspace.uuid())
                .bind(receipt.run.uuid())
                .bind(text)
        )?;
        StoreError::expect("run", 1, changed)
    }

    /// Remembers the last record that was looked at while subjects are being matched.
    pub async fn set_match_cursor(
        &mut self,
        run: RunId,
        cursor: RecordId,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query("UPDATE run SET match_cursor = $2 WHERE id = $1")
                .bind(run.uuid())
                .bind(cursor.uuid())
        )?;
        StoreError::expect("run", 1, changed)
    }
}

impl Session {
    /// A run by its id, in this workspace only.
    pub async fn run(
        &mut self,
        workspace: WorkspaceId,
        id: RunId,
    ) -> Result<Option<Run>, StoreError> {
        let row: Option<RunRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            run_columns!(),
            " FROM run r WHERE r.workspace_id = $1 AND r.id = $2"
        ))
        .bind(workspace.uuid())
        .bind(id.uuid())
        .fetch_optional(c))?;
        let run: Option<Run> = row.map(Run::try_from).transpose()?;
        Ok(run.filter(|run| self.sees_run(run)))
    }

    /// The runs with these ids, in no particular order; unknown ids are left out.
    pub async fn runs_by_ids(
        &mut self,
        workspace: WorkspaceId,
        ids: &[RunId],
    ) -> Result<Vec<Run>, StoreError> {
        let rows = Rows::of(ids).within(workspace).uuid("id", |id| id.uuid());
        let statement = concat!(
            "SELECT ",
            run_columns!(),
            " FROM j JOIN run r ON r.workspace_id = j.workspace_id AND r.id = j.id"
        );
        let found: Vec<RunRow> = self.fetch_rows(rows, statement).await?;
        self.seen_rows(found)
    }

    /// What a member was told when the run was cancelled.
    pub async fn cancel_receipt(
        &mut self,
        workspace: WorkspaceId,
        id: RunId,
    ) -> Result<Option<CancelReceipt>, StoreError> {
        let text: Option<Option<String>> = sql!(self, |c| sqlx::query_scalar(
            "SELECT cancel_receipt FROM run WHERE workspace_id = $1 AND id = $2"
        )
        .bind(workspace.uuid())
        .bind(id.uuid())
        .fetch_optional(c))?;
        text.flatten()
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| StoreError::inconsistent("run", "cancel_receipt", error))
    }

    /// How far the matching of a run has come.
    pub async fn match_cursor(&mut self, run: RunId) -> Result<Option<RecordId>, StoreError> {
        let cursor: Option<Option<Uuid>> =
            sql!(self, |c| sqlx::query_scalar("SELECT match_cursor FROM run WHERE id = $1")
                .bind(run.uuid())
                .fetch_optional(c))?;
        Ok(cursor.flatten().map(RecordId::new))
    }

    /// Runs whose subjects are still to be matched, after `after` in the order of their ids.
    pub async fn runs_to_match(
        &mut self,
        after: Option<RunId>,
        limit: i64,
    ) -> Result<Vec<(WorkspaceId, RunId)>, StoreError> {
        let after = after.map_or(Uuid::nil(), RunId::uuid);
        let rows: Vec<(Uuid, Uuid)> = sql!(self, |c| {
            sqlx::query_as(
            "SELECT workspace_id, id FROM run WHERE NOT matched AND id > $1 ORDER BY id LIMIT $2"
        )
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        })?;
        Ok(rows.into_iter().map(|(ws, id)| (WorkspaceId::new(ws), RunId::new(id))).collect())
    }

    /// The runs a trigger event brought about.
    pub async fn runs_of_event(
        &mut self,
        workspace: WorkspaceId,
        event: TriggerEventId,
    ) -> Result<Vec<Run>, StoreError> {
        let found: Vec<RunRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            run_columns!(),
            " FROM run r WHERE r.workspace_id = $1 AND r.trigger_event_id = $2 ORDER BY r.id"
        ))
        .bind(workspace.uuid())
        .bind(event.uuid())
        .fetch_all(c))?;
        self.seen_rows(found)
    }

    /// The runs that several trigger events brought about, event by event.
    pub async fn runs_of_events(
        &mut self,
        workspace: WorkspaceId,
        events: &[TriggerEventId],
    ) -> Result<Vec<Run>, StoreError> {
        let rows = Rows::of(events).within(workspace).uuid("id", |id| id.uuid());
        let statement = concat!(
            "SELECT ",
            run_columns!(),
            " FROM j JOIN run r ON r.workspace_id = j.workspace_id AND r.trigger_event_id = j.id \
             ORDER BY r.trigger_event_id, r.id"
        );
        let found: Vec<RunRow> = self.fetch_rows(rows, statement).await?;
        self.seen_rows(found)
    }

    /// A run is seen by where it stands in the lists, sorted by start.
    fn sees_run(&self, run: &Run) -> bool {
        self.sight.covers(rollup::started_order(run))
    }

    fn seen_rows(&self, found: Vec<RunRow>) -> Result<Vec<Run>, StoreError> {
        let runs = found.into_iter().map(Run::try_from);
        runs.filter(|run| run.as_ref().map_or(true, |run| self.sees_run(run))).collect()
    }
}
