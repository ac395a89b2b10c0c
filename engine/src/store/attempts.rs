//! Attempts and effects: written once, when they happened.

use std::collections::HashMap;

use domain::{
    Timestamp,
    attempt::{Attempt, AttemptEnd},
    id::{AttemptId, ItemId, RecordId, RunId, WorkspaceId},
    item::ReplayEvidence,
};
use uuid::Uuid;

use super::{
    Rows, Session, StoreError, Tx,
    runs::FailureRow,
    sql,
    stretch::{Stretch, in_stretch},
};

/// That an effect happened, and which attempt it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    pub key: String,
    pub item: ItemId,
    pub attempt: AttemptId,
    pub record: Option<RecordId>,
    pub at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: Uuid,
    run_id: Uuid,
    item_id: Uuid,
    number: i64,
    round: i64,
    worker: String,
    started_at: Timestamp,
    ended_at: Timestamp,
    ended_as: String,
    #[sqlx(flatten)]
    failure: FailureRow,
    result_id: Option<Uuid>,
    replay_evidence: Option<String>,
}

impl TryFrom<AttemptRow> for Attempt {
    type Error = StoreError;

    fn try_from(row: AttemptRow) -> Result<Self, StoreError> {
        let wrong = |column, error: &dyn std::error::Error| {
            StoreError::inconsistent("attempt", column, error)
        };
        let evidence = row.replay_evidence.as_deref().map(str::parse).transpose();
        Ok(Self {
            id: AttemptId::new(row.id),
            run: RunId::new(row.run_id),
            item: ItemId::new(row.item_id),
            number: row.number,
            round: row.round,
            worker: row.worker,
            started_at: row.started_at,
            ended_at: row.ended_at,
            end: row.ended_as.parse().map_err(|error| wrong("ended_as", &error))?,
            failure: row.failure.read("attempt")?,
            result: row.result_id.map(RecordId::new),
            replay_evidence: evidence.map_err(|error| wrong("replay_evidence", &error))?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct EffectRow {
    effect_key: String,
    item_id: Uuid,
    attempt_id: Uuid,
    record_id: Option<Uuid>,
    created_at: Timestamp,
}

impl Tx {
    /// Writes attempts that ended.
    pub async fn insert_attempts<'a>(
        &mut self,
        workspace: WorkspaceId,
        attempts: &'a [Attempt],
    ) -> Result<(), StoreError> {
        let failure = |attempt: &'a Attempt| attempt.failure.as_ref();
        let rows = Rows::of(attempts)
            .uuid("id", |attempt| attempt.id.uuid())
            .within(workspace)
            .uuid("run_id", |attempt| attempt.run.uuid())
            .uuid("item_id", |attempt| attempt.item.uuid())
            .int("number", |attempt| attempt.number)
            .int("round", |attempt| attempt.round)
            .text("worker", |attempt| attempt.worker.as_str())
            .time("started_at", |attempt| attempt.started_at)
            .time("ended_at", |attempt| attempt.ended_at)
            .text("ended_as", |attempt| attempt.end.as_str())
            .text("failure_code", |attempt| failure(attempt).map(|failure| failure.code.as_str()))
            .text("failure_message", |attempt| failure(attempt).map(|f| f.message.as_str()))
            .text("failure_kind", |attempt| failure(attempt).map(|failure| failure.kind.as_str()))
            .uuid("result_id", |attempt| attempt.result.map(RecordId::uuid))
            .text("replay_evidence", |attempt| attempt.replay_evidence.map(ReplayEvidence::as_str));
        let changed = self.change_rows(
            rows,
            "INSERT INTO attempt (id, workspace_id, run_id, item_id, number, round, worker, \
             started_at, ended_at, ended_as, failure_code, failure_message, failure_kind, \
             result_id, replay_evidence) \
             SELECT id, workspace_id, run_id, item_id, number, round, worker, started_at, \
             ended_at, ended_as, failure_code, failure_message, failure_kind, result_id, \
             replay_evidence FROM j",
        );
        changed.await?;
        let late = attempts.iter().filter(|attempt| attempt.end == AttemptEnd::Late);
        self.figures.fenced += late.count() as u64;
        self.ended.attempts(attempts);
        Ok(())
    }

    /// Writes effects. A key that has one already is a conflict: nothing is done twice.
    pub async fn insert_effects(
        &mut self,
        workspace: WorkspaceId,
        effects: &[Effect],
    ) -> Result<(), StoreError> {
        let rows = Rows::of(effects)
            .within(workspace)
            .text("effect_key", |effect| effect.key.as_str())
            .uuid("item_id", |effect| effect.item.uuid())
            .uuid("attempt_id", |effect| effect.attempt.uuid())
            .uuid("record_id", |effect| effect.record.map(RecordId::uuid))
            .time("created_at", |effect| effect.at);
        let changed = self.change_rows(
            rows,
            "INSERT INTO effect (workspace_id, effect_key, item_id, attempt_id, record_id, \
             created_at) SELECT workspace_id, effect_key, item_id, attempt_id, record_id, \
             created_at FROM j",
        );
        changed.await.map(drop)
    }
}

impl Session {
    /// Every attempt at an item, oldest first.
    pub async fn attempts(
        &mut self,
        workspace: WorkspaceId,
        item: ItemId,
    ) -> Result<Vec<Attempt>, StoreError> {
        let found: Vec<AttemptRow> = sql!(self, |c| {
            sqlx::query_as(
            "SELECT id, run_id, item_id, number, round, worker, started_at, ended_at, ended_as, \
             failure_code, failure_message, failure_kind, result_id, replay_evidence \
             FROM attempt WHERE workspace_id = $1 AND item_id = $2 ORDER BY number, ended_at, id"
        )
        .bind(workspace.uuid())
        .bind(item.uuid())
        .fetch_all(c)
        })?;
        found.into_iter().map(Attempt::try_from).collect()
    }

    /// Every attempt at the items of these stretches, item by item, oldest first.
    pub async fn attempts_in(
        &mut self,
        workspace: WorkspaceId,
        stretches: &[Stretch],
    ) -> Result<Vec<Attempt>, StoreError> {
        let statement = concat!(
            "SELECT a.id, a.run_id, a.item_id, a.number, a.round, a.worker, a.started_at, \
             a.ended_at, a.ended_as, a.failure_code, a.failure_message, a.failure_kind, \
             a.result_id, a.replay_evidence \
             FROM j CROSS JOIN run_item CROSS JOIN attempt a \
             WHERE a.workspace_id = j.workspace_id AND a.item_id = run_item.id AND ",
            in_stretch!(),
            " ORDER BY j.n, run_item.position, a.number, a.ended_at, a.id"
        );
        let rows = Stretch::rows(workspace, stretches);
        let found: Vec<AttemptRow> = self.fetch_rows(rows, statement).await?;
        found.into_iter().map(Attempt::try_from).collect()
    }

    /// The effects that have happened under these keys, by key.
    pub async fn effects(
        &mut self,
        workspace: WorkspaceId,
        keys: &[String],
    ) -> Result<HashMap<String, Effect>, StoreError> {
        let rows = Rows::of(keys).within(workspace).text("key", String::as_str);
        let found: Vec<EffectRow> = self
            .fetch_rows(
                rows,
                "SELECT e.effect_key, e.item_id, e.attempt_id, e.record_id, e.created_at \
                 FROM j JOIN effect e ON e.workspace_id = j.workspace_id AND e.effect_key = j.key",
            )
            .await?;
        let effect = |row: EffectRow| Effect {
            key: row.effect_key,
            item: ItemId::new(row.item_id),
            attempt: AttemptId::new(row.attempt_id),
            record: row.record_id.map(RecordId::new),
            at: row.created_at,
        };
        Ok(found.into_iter().map(effect).map(|effect| (effect.key.clone(), effect)).collect())
    }
}
