//! Inbound endpoints. One that was removed stays as a row, for what the log says of it; nobody finds it.

use domain::{
    Timestamp,
    id::{InboundId, WorkspaceId},
    inbound::{Inbound, InboundRefusal},
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

/// Every query that gives endpoints begins like this.
macro_rules! select_inbound {
    ($rest:literal) => {
        concat!(
            "SELECT id, workspace_id, name, proof, kind, source, event_type, id_from, subject_from, ",
            "time_from, created_at, refused, refused_at, refused_because FROM inbound WHERE removed_at IS NULL AND ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct InboundRow {
    id: Uuid,
    workspace_id: Uuid,
    name: String,
    proof: String,
    kind: String,
    source: String,
    event_type: String,
    id_from: String,
    subject_from: Option<String>,
    time_from: Option<String>,
    created_at: Timestamp,
    refused: i64,
    refused_at: Option<Timestamp>,
    refused_because: Option<String>,
}

impl TryFrom<InboundRow> for Inbound {
    type Error = StoreError;

    fn try_from(row: InboundRow) -> Result<Self, StoreError> {
        let because = maybe("refused_because", row.refused_because)?;
        Ok(Self {
            id: InboundId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            name: row.name,
            check: read("proof", &row.proof)?,
            kind: read("kind", &row.kind)?,
            source: row.source,
            event_type: row.event_type,
            id_from: read("id_from", &row.id_from)?,
            subject_from: maybe("subject_from", row.subject_from)?,
            time_from: maybe("time_from", row.time_from)?,
            created_at: row.created_at,
            refused: row.refused,
            refusal: row.refused_at.zip(because),
        })
    }
}

fn read<T: std::str::FromStr<Err: std::fmt::Display>>(
    column: &'static str,
    word: &str,
) -> Result<T, StoreError> {
    word.parse().map_err(|error| StoreError::inconsistent("inbound", column, error))
}

fn maybe<T: std::str::FromStr<Err: std::fmt::Display>>(
    column: &'static str,
    word: Option<String>,
) -> Result<Option<T>, StoreError> {
    word.map(|word| read(column, &word)).transpose()
}

impl Session {
    /// The endpoints of a workspace, oldest first.
    pub async fn inbound(&mut self, workspace: WorkspaceId) -> Result<Vec<Inbound>, StoreError> {
        let rows: Vec<InboundRow> =
            sql!(self, |c| sqlx::query_as(select_inbound!("workspace_id = $1 ORDER BY id"))
                .bind(workspace.uuid())
                .fetch_all(c))?;
        rows.into_iter().map(Inbound::try_from).collect()
    }

    /// An endpoint, wherever it is: a request to one names no workspace.
    pub async fn inbound_by_id(&mut self, id: InboundId) -> Result<Option<Inbound>, StoreError> {
        let row: Option<InboundRow> = sql!(self, |c| sqlx::query_as(select_inbound!("id = $1"))
            .bind(id.uuid())
            .fetch_optional(c))?;
        row.map(Inbound::try_from).transpose()
    }
}

impl Tx {
    pub async fn insert_inbound(&mut self, endpoint: &Inbound) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO inbound (id, workspace_id, name, proof, kind, source, event_type, \
                 id_from, subject_from, time_from, created_at, refused) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
            )
            .bind(endpoint.id.uuid())
            .bind(endpoint.workspace.uuid())
            .bind(endpoint.name.as_str())
            .bind(endpoint.check.as_str())
            .bind(endpoint.kind.as_str())
            .bind(endpoint.source.as_str())
            .bind(endpoint.event_type.as_str())
            .bind(endpoint.id_from.to_string())
            .bind(endpoint.subject_from.as_ref().map(ToString::to_string))
            .bind(endpoint.time_from.as_ref().map(ToString::to_string))
            .bind(endpoint.created_at)
            .bind(endpoint.refused)
        )
        .map(drop)
    }

    /// Whoever changes the secrets of an endpoint locks it with this. Answers whether it is there.
    pub async fn touch_inbound(
        &mut self,
        workspace: WorkspaceId,
        id: InboundId,
    ) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE inbound SET name = name \
                 WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL"
            )
            .bind(workspace.uuid())
            .bind(id.uuid())
        )?;
        Ok(changed == 1)
    }

    /// Adds to the requests that were not taken in.
    pub async fn count_refused(
        &mut self,
        id: InboundId,
        count: i64,
        because: InboundRefusal,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "UPDATE inbound SET refused = refused + $2, refused_at = $3, refused_because = $4 \
                 WHERE id = $1"
            )
            .bind(id.uuid())
            .bind(count)
            .bind(now)
            .bind(because.as_str())
        )
        .map(drop)
    }

    pub async fn remove_inbound(
        &mut self,
        workspace: WorkspaceId,
        id: InboundId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE inbound SET removed_at = $3 \
                 WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL"
            )
            .bind(workspace.uuid())
            .bind(id.uuid())
            .bind(now)
        )?;
        StoreError::expect("inbound", 1, changed)
    }
}
