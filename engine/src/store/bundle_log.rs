//! The audit log as bundles need it: in its order, a window of places at a time.

use std::ops::Range;

use domain::{
    Timestamp,
    id::{AutomationId, MemberId, RunId, WorkspaceId},
    period::Period,
};
use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use super::{
    Rows, Session, SignedCheckpoint, StoreError, checkpoints::place, run_list::push_in, sql,
};

/// What an entry's leaf says, without its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    pub seq: i64,
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor: Option<MemberId>,
    pub verb: String,
    pub object_kind: String,
    pub object_id: String,
    pub run: Option<RunId>,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    seq: i64,
    at: Timestamp,
    actor_kind: String,
    actor_id: Option<Uuid>,
    verb: String,
    object_kind: String,
    object_id: String,
    run_id: Option<Uuid>,
}

impl From<EventRow> for LogEvent {
    fn from(row: EventRow) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            actor_kind: row.actor_kind,
            actor: row.actor_id.map(MemberId::new),
            verb: row.verb,
            object_kind: row.object_kind,
            object_id: row.object_id,
            run: row.run_id.map(RunId::new),
        }
    }
}

/// Appends the window and, unless all automations are meant, what makes an entry one of theirs: its
/// run is, or it is about the automation itself.
fn push_scope<'args, DB>(
    query: &mut QueryBuilder<DB>,
    workspace: WorkspaceId,
    places: &Range<i64>,
    automations: &[AutomationId],
) where
    DB: Database,
    Uuid: Encode<'args, DB> + Type<DB>,
    i64: Encode<'args, DB> + Type<DB>,
    String: Encode<'args, DB> + Type<DB>,
{
    query.push(" WHERE e.workspace_id = ").push_bind(workspace.uuid());
    query.push(" AND e.seq >= ").push_bind(places.start);
    query.push(" AND e.seq < ").push_bind(places.end);
    if automations.is_empty() {
        return;
    }
    query.push(" AND (EXISTS (SELECT 1 FROM run r WHERE r.id = e.run_id");
    push_in(query, "r.automation_id", automations, |id| id.uuid());
    query.push(") OR (e.object_kind = 'automation'");
    push_in(query, "e.object_id", automations, ToString::to_string);
    query.push("))");
}

impl Session {
    /// The first and the last place within `places` whose entry lies in the period.
    pub async fn log_bounds(
        &mut self,
        workspace: WorkspaceId,
        places: Range<i64>,
        period: Period,
    ) -> Result<Option<(i64, i64)>, StoreError> {
        let (first, last): (Option<i64>, Option<i64>) = sql!(self, |c| sqlx::query_as(
            "SELECT MIN(seq), MAX(seq) FROM audit_entry WHERE workspace_id = $1 \
             AND seq >= $2 AND seq < $3 AND at >= $4 AND at < $5"
        )
        .bind(workspace.uuid())
        .bind(places.start)
        .bind(places.end)
        .bind(period.begin())
        .bind(period.end())
        .fetch_one(c))?;
        Ok(first.zip(last))
    }

    /// The places of the last entries of these runs, each before `before`; a run without entries is
    /// left out.
    pub async fn last_entries(
        &mut self,
        workspace: WorkspaceId,
        runs: &[RunId],
        before: i64,
    ) -> Result<Vec<(RunId, i64)>, StoreError> {
        let rows = Rows::of(runs)
            .within(workspace)
            .uuid("run_id", |run| run.uuid())
            .int("before", |_| before);
        let found: Vec<(Uuid, Option<i64>)> = self
            .fetch_rows(
                rows,
                "SELECT j.run_id, (SELECT MAX(e.seq) FROM audit_entry e \
                 WHERE e.workspace_id = j.workspace_id AND e.run_id = j.run_id \
                 AND e.seq < j.before) AS seq FROM j",
            )
            .await?;
        Ok(found.into_iter().filter_map(|(run, seq)| Some((RunId::new(run), seq?))).collect())
    }

    /// The earliest checkpoint over at least `size` entries of the log as it is accepted now.
    pub async fn checkpoint_covering(
        &mut self,
        workspace: WorkspaceId,
        size: u64,
    ) -> Result<Option<SignedCheckpoint>, StoreError> {
        const SQL: &str = "SELECT MIN(size) FROM checkpoint WHERE workspace_id = $1 \
            AND size >= $2 \
            AND epoch = (SELECT MAX(epoch) FROM checkpoint WHERE workspace_id = $1)";
        self.checkpoint_of_size(workspace, SQL, size).await
    }

    /// The latest checkpoint over at most `size` entries, and at least one.
    pub async fn checkpoint_until(
        &mut self,
        workspace: WorkspaceId,
        size: u64,
    ) -> Result<Option<SignedCheckpoint>, StoreError> {
        const SQL: &str = "SELECT MAX(size) FROM checkpoint WHERE workspace_id = $1 \
            AND size > 0 AND size <= $2 \
            AND epoch = (SELECT MAX(epoch) FROM checkpoint WHERE workspace_id = $1)";
        self.checkpoint_of_size(workspace, SQL, size).await
    }

    /// The checkpoint whose size a statement finds.
    pub(super) async fn checkpoint_of_size(
        &mut self,
        workspace: WorkspaceId,
        statement: &'static str,
        limit: u64,
    ) -> Result<Option<SignedCheckpoint>, StoreError> {
        let found: Option<i64> = sql!(self, |c| sqlx::query_scalar(statement)
            .bind(workspace.uuid())
            .bind(place(limit))
            .fetch_one(c))?;
        match found {
            Some(size) => self.checkpoint_at(workspace, size.unsigned_abs()).await,
            None => Ok(None),
        }
    }

    /// The entries at these places, in their order; only those of the automations, if any are named.
    pub async fn log_events(
        &mut self,
        workspace: WorkspaceId,
        places: Range<i64>,
        automations: &[AutomationId],
    ) -> Result<Vec<LogEvent>, StoreError> {
        let found: Vec<EventRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(
                "SELECT e.seq, e.at, e.actor_kind, e.actor_id, e.verb, e.object_kind, \
                 e.object_id, e.run_id FROM audit_entry e",
            );
            push_scope(&mut query, workspace, &places, automations);
            query.push(" ORDER BY e.seq");
            query.build_query_as().fetch_all(c).await
        })?;
        Ok(found.into_iter().map(LogEvent::from).collect())
    }

    /// The payloads of the entries at these places, in their order, with their salts; only those of
    /// the automations, if any are named.
    pub async fn log_payloads(
        &mut self,
        workspace: WorkspaceId,
        places: Range<i64>,
        automations: &[AutomationId],
    ) -> Result<Vec<(i64, Vec<u8>, String)>, StoreError> {
        Ok(sql!(self, |c| async {
            let mut query = QueryBuilder::new(
                "SELECT e.seq, p.salt, p.payload FROM audit_entry e \
                 JOIN audit_payload p ON p.workspace_id = e.workspace_id AND p.seq = e.seq",
            );
            push_scope(&mut query, workspace, &places, automations);
            query.push(" ORDER BY e.seq");
            query.build_query_as().fetch_all(c).await
        })?)
    }
}
