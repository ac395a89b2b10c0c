//! What happened in a workspace between two places of its log, in few rows however much it was: for
//! those who watch.

use domain::{
    audit::{Object, Verb},
    id::{IncidentId, RunId, WorkspaceId},
    incident::Incident,
};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{
    Session, StoreError,
    audit_list::RARER_VERBS,
    incidents::{IncidentRow, all, incident_columns},
    run_list::push_in,
    sql,
};

/// An entry by its place, with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    pub seq: i64,
    pub verb: Verb,
    pub object: Object,
    pub run: Option<RunId>,
}

#[derive(sqlx::FromRow)]
struct NotedRow {
    seq: i64,
    verb: String,
    object_kind: String,
    object_id: String,
    run_id: Option<Uuid>,
}

impl TryFrom<NotedRow> for Noted {
    type Error = StoreError;

    fn try_from(row: NotedRow) -> Result<Self, StoreError> {
        let verb = row.verb.parse();
        Ok(Self {
            seq: row.seq,
            verb: verb.map_err(|error| StoreError::inconsistent("audit_entry", "verb", error))?,
            object: Object { kind: row.object_kind, id: row.object_id },
            run: row.run_id.map(RunId::new),
        })
    }
}

impl Session {
    /// The place of the last entry of a workspace's log; −1 while there is none.
    pub async fn last_entry(&mut self, workspace: WorkspaceId) -> Result<i64, StoreError> {
        Ok(sql!(self, |c| sqlx::query_scalar(
            "SELECT size - 1 FROM audit_head WHERE workspace_id = $1"
        )
        .bind(workspace.uuid())
        .fetch_one(c))?)
    }

    /// The runs that entries after one place and up to another are about, each with the place of the
    /// last, in the order of those places; at most `limit`.
    pub async fn runs_touched(
        &mut self,
        workspace: WorkspaceId,
        after: i64,
        until: i64,
        limit: i64,
    ) -> Result<Vec<(RunId, i64)>, StoreError> {
        // The part with a limit of its own is read along the log. Without it SQLite would group along
        // the index of runs, which begins with the first run there ever was.
        let found: Vec<(Uuid, i64)> = sql!(self, |c| sqlx::query_as(
            "SELECT run_id, MAX(seq) AS last FROM ( \
                 SELECT run_id, seq FROM audit_entry \
                 WHERE workspace_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4) AS e \
             WHERE run_id IS NOT NULL GROUP BY run_id ORDER BY last LIMIT $5"
        )
        .bind(workspace.uuid())
        .bind(after)
        .bind(until)
        .bind(until - after)
        .bind(limit)
        .fetch_all(c))?;
        Ok(found.into_iter().map(|(run, last)| (RunId::new(run), last)).collect())
    }

    /// The entries with some of the rarer verbs after one place and up to another, oldest first, at
    /// most `limit`.
    pub async fn noted(
        &mut self,
        workspace: WorkspaceId,
        verbs: &[Verb],
        after: i64,
        until: i64,
        limit: i64,
    ) -> Result<Vec<Noted>, StoreError> {
        let found: Vec<NotedRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(
                "SELECT seq, verb, object_kind, object_id, run_id FROM audit_entry WHERE verb ",
            );
            query.push(RARER_VERBS);
            query.push(" AND workspace_id = ").push_bind(workspace.uuid());
            query.push(" AND seq > ").push_bind(after).push(" AND seq <= ").push_bind(until);
            push_in(&mut query, "verb", verbs, |verb| verb.as_str());
            query.push(" ORDER BY seq LIMIT ").push_bind(limit);
            query.build_query_as().fetch_all(c).await
        })?;
        found.into_iter().map(Noted::try_from).collect()
    }

    /// The incidents with these ids that are seen, in no particular order.
    pub async fn incidents_by_ids(
        &mut self,
        workspace: WorkspaceId,
        ids: &[IncidentId],
    ) -> Result<Vec<Incident>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let seen = self.seen_incident();
        let found: Vec<IncidentRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(concat!(
                "SELECT ",
                incident_columns!(),
                " FROM incident n WHERE n.workspace_id = "
            ));
            query.push_bind(workspace.uuid());
            push_in(&mut query, "n.id", ids, |id| id.uuid());
            query.push(&seen);
            query.build_query_as().fetch_all(c).await
        })?;
        all(found)
    }
}
