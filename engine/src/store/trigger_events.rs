//! Trigger events: each stands once, by workspace, source and the source's own id.

use domain::{
    Timestamp, canonical,
    id::{TriggerEventId, WorkspaceId},
    record::RecordRef,
    trigger::TriggerEvent,
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

#[derive(sqlx::FromRow)]
pub(super) struct EventRow {
    id: Uuid,
    workspace_id: Uuid,
    kind: String,
    source: String,
    external_id: String,
    event_type: String,
    subject_kind: Option<String>,
    subject_key: Option<String>,
    occurred_at: Timestamp,
    received_at: Timestamp,
    trace_id: Option<String>,
    payload: String,
}

impl TryFrom<EventRow> for TriggerEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        let wrong = |column, error: &dyn std::error::Error| {
            StoreError::inconsistent("trigger_event", column, error)
        };
        let trace = row.trace_id.as_deref().map(str::parse).transpose();
        let subject = row.subject_kind.zip(row.subject_key);
        Ok(Self {
            id: TriggerEventId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            kind: row.kind.parse().map_err(|error| wrong("kind", &error))?,
            source: row.source,
            external_id: row.external_id,
            event_type: row.event_type,
            subject: subject.map(|(kind, key)| RecordRef { kind, key }),
            occurred_at: row.occurred_at,
            received_at: row.received_at,
            trace: trace.map_err(|error| wrong("trace_id", &error))?,
            payload: serde_json::from_str(&row.payload)
                .map_err(|error| wrong("payload", &error))?,
        })
    }
}

macro_rules! event_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, workspace_id, kind, source, external_id, event_type, subject_kind, \
             subject_key, occurred_at, received_at, trace_id, payload FROM trigger_event \
             WHERE workspace_id = $1 AND ",
            $condition
        )
    };
}

impl Session {
    pub async fn trigger_event(
        &mut self,
        workspace: WorkspaceId,
        id: TriggerEventId,
    ) -> Result<Option<TriggerEvent>, StoreError> {
        let found: Option<EventRow> = sql!(self, |c| sqlx::query_as(event_where!("id = $2"))
            .bind(workspace.uuid())
            .bind(id.uuid())
            .fetch_optional(c))?;
        let Some(event) = found.map(TriggerEvent::try_from).transpose()? else { return Ok(None) };
        Ok(self.sees_event(&event).await?.then_some(event))
    }

    /// An event by what its source calls it.
    pub async fn trigger_event_by_external_id(
        &mut self,
        workspace: WorkspaceId,
        source: &str,
        external_id: &str,
    ) -> Result<Option<TriggerEvent>, StoreError> {
        let found: Option<EventRow> =
            sql!(self, |c| sqlx::query_as(event_where!("source = $2 AND external_id = $3"))
                .bind(workspace.uuid())
                .bind(source)
                .bind(external_id)
                .fetch_optional(c))?;
        found.map(TriggerEvent::try_from).transpose()
    }
}

impl Tx {
    /// Inserts an event unless one with the same source and id stands already. Answers whether it
    /// did; waits for another transaction that is inserting the same one.
    pub async fn insert_trigger_event(&mut self, event: &TriggerEvent) -> Result<bool, StoreError> {
        let subject = event.subject.as_ref();
        let inserted = change!(
            self,
            sqlx::query(
                "INSERT INTO trigger_event (id, workspace_id, kind, source, external_id, \
                 event_type, subject_kind, subject_key, occurred_at, received_at, trace_id, payload) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
                 ON CONFLICT (workspace_id, source, external_id) DO NOTHING"
            )
            .bind(event.id.uuid())
            .bind(event.workspace.uuid())
            .bind(event.kind.as_str())
            .bind(event.source.as_str())
            .bind(event.external_id.as_str())
            .bind(event.event_type.as_str())
            .bind(subject.map(|subject| subject.kind.as_str()))
            .bind(subject.map(|subject| subject.key.as_str()))
            .bind(event.occurred_at)
            .bind(event.received_at)
            .bind(event.trace.map(|trace| trace.to_string()))
            .bind(canonical::text(&event.payload))
        )?;
        if inserted == 1 {
            self.ended.event(event, self.origin);
        }
        Ok(inserted == 1)
    }
}
