//! Attempts and effects: written once, when they happened.

use std::collections::HashMap;

use domain::{
    Timestamp,
    attempt::Attempt,
    id::{AttemptId, ItemId, RecordId, RunId, WorkspaceId},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Session, StoreError, Tx,
    db::rows_text,
    dialect::{hex_id, instant},
    rows,
    runs::FailureRow,
    sql,
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
    pub async fn insert_attempts(
        &mut self,
        workspace: WorkspaceId,
        attempts: &[Attempt],
    ) -> Result<(), StoreError> {
        const SQL: [&str; 2] = rows!(
            [
                id uuid, workspace_id uuid, run_id uuid, item_id uuid, number int, round int,
                worker text, started_at time, ended_at time, ended_as text, failure_code text,
                failure_message text, failure_kind text, result_id uuid, replay_evidence text
            ],
            "INSERT INTO attempt (id, workspace_id, run_id, item_id, number, round, worker, \
             started_at, ended_at, ended_as, failure_code, failure_message, failure_kind, \
             result_id, replay_evidence) \
             SELECT id, workspace_id, run_id, item_id, number, round, worker, started_at, \
             ended_at, ended_as, failure_code, failure_message, failure_kind, result_id, \
             replay_evidence FROM j"
        );
        if attempts.is_empty() {
            return Ok(());
        }
        let rows: Vec<Value> = attempts.iter().map(|a| attempt_row(workspace, a)).collect();
        self.execute_rows(SQL, &rows).await.map(drop)
    }

    /// Writes effects. A key that has one already is a conflict: nothing is done twice.
    pub async fn insert_effects(
        &mut self,
        workspace: WorkspaceId,
        effects: &[Effect],
    ) -> Result<(), StoreError> {
        const SQL: [&str; 2] = rows!(
            [
                workspace_id uuid, effect_key text, item_id uuid, attempt_id uuid,
                record_id uuid, created_at time
            ],
            "INSERT INTO effect (workspace_id, effect_key, item_id, attempt_id, record_id, \
             created_at) SELECT workspace_id, effect_key, item_id, attempt_id, record_id, \
             created_at FROM j"
        );
        if effects.is_empty() {
            return Ok(());
        }
        let row = |effect: &Effect| {
            json!({
                "workspace_id": hex_id(workspace.uuid()),
                "effect_key": effect.key,
                "item_id": hex_id(effect.item.uuid()),
                "attempt_id": hex_id(effect.attempt.uuid()),
                "record_id": effect.record.map(|record| hex_id(record.uuid())),
                "created_at": instant(effect.at),
            })
        };
        let rows: Vec<Value> = effects.iter().map(row).collect();
        self.execute_rows(SQL, &rows).await.map(drop)
    }
}

fn attempt_row(workspace: WorkspaceId, attempt: &Attempt) -> Value {
    let failure = attempt.failure.as_ref();
    json!({
        "id": hex_id(attempt.id.uuid()),
        "workspace_id": hex_id(workspace.uuid()),
        "run_id": hex_id(attempt.run.uuid()),
        "item_id": hex_id(attempt.item.uuid()),
        "number": attempt.number,
        "round": attempt.round,
        "worker": attempt.worker,
        "started_at": instant(attempt.started_at),
        "ended_at": instant(attempt.ended_at),
        "ended_as": attempt.end,
        "failure_code": failure.map(|failure| &failure.code),
        "failure_message": failure.map(|failure| &failure.message),
        "failure_kind": failure.map(|failure| failure.kind),
        "result_id": attempt.result.map(|record| hex_id(record.uuid())),
        "replay_evidence": attempt.replay_evidence,
    })
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

    /// The effects that have happened under these keys, by key.
    pub async fn effects(
        &mut self,
        workspace: WorkspaceId,
        keys: &[String],
    ) -> Result<HashMap<String, Effect>, StoreError> {
        const SQL: [&str; 2] = rows!(
            [key text],
            "SELECT e.effect_key, e.item_id, e.attempt_id, e.record_id, e.created_at \
             FROM j JOIN effect e ON e.workspace_id = $2 AND e.effect_key = j.key"
        );
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let statement = self.pick(SQL);
        let rows: Vec<Value> = keys.iter().map(|key| json!({"key": key})).collect();
        let rows = rows_text(&rows)?;
        let found: Vec<EffectRow> = sql!(self, |c| sqlx::query_as(statement)
            .bind(rows)
            .bind(workspace.uuid())
            .fetch_all(c))?;
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
