//! Trigger events in the order they came in, and what came of them.

use domain::{
    id::WorkspaceId,
    page::{Page, Place, Seek},
    trigger::{EventFilter, TriggerEvent},
};
use sqlx::QueryBuilder;

use super::{Session, StoreError, sql, trigger_events::EventRow};

/// An event and how many runs it brought about.
#[derive(Debug, Clone, PartialEq)]
pub struct HeardEvent {
    pub event: TriggerEvent,
    pub runs: i64,
}

#[derive(sqlx::FromRow)]
struct HeardRow {
    #[sqlx(flatten)]
    event: EventRow,
    runs: i64,
}

/// The runs that the event of the row brought about.
const RUNS: &str = "FROM run r WHERE r.workspace_id = e.workspace_id AND r.trigger_event_id = e.id";

impl Session {
    /// A page of the trigger events a filter finds, newest first: their ids are in the order in
    /// which they came in.
    pub async fn trigger_event_page(
        &mut self,
        workspace: WorkspaceId,
        filter: &EventFilter,
        seek: Seek,
        size: i64,
    ) -> Result<Page<HeardEvent>, StoreError> {
        let (seen, runs) =
            (self.seen_event(), format!("{RUNS}{}", self.seen_at("r.started_order")));
        let found: Vec<HeardRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(
                "SELECT e.id, e.workspace_id, e.kind, e.source, e.external_id, e.event_type, \
                 e.subject_kind, e.subject_key, e.occurred_at, e.received_at, e.trace_id, \
                 e.payload, (SELECT COUNT(*) ",
            );
            query.push(&runs).push(") AS runs FROM trigger_event e WHERE e.workspace_id = ");
            query.push_bind(workspace.uuid()).push(&seen);
            if let Some(kind) = filter.kind {
                query.push(" AND e.kind = ").push_bind(kind.as_str());
            }
            if let Some(source) = &filter.source {
                query.push(" AND e.source = ").push_bind(source.clone());
            }
            if let Some(matched) = filter.matched {
                query.push(if matched { " AND EXISTS (" } else { " AND NOT EXISTS (" });
                query.push("SELECT 1 ").push(&runs).push(")");
            }
            let order = match seek {
                Seek::Before(place) => {
                    query.push(" AND e.id > ").push_bind(place.id);
                    " ASC"
                }
                Seek::After(place) => {
                    query.push(" AND e.id < ").push_bind(place.id);
                    " DESC"
                }
                Seek::First => " DESC",
            };
            query.push(" ORDER BY e.id").push(order).push(" LIMIT ").push(size + 1);
            query.build_query_as().fetch_all(c).await
        })?;
        let heard = |row: HeardRow| {
            Ok(HeardEvent { event: TriggerEvent::try_from(row.event)?, runs: row.runs })
        };
        let rows = found.into_iter().map(heard).collect::<Result<Vec<_>, StoreError>>()?;
        let place =
            |heard: &HeardEvent| Place { at: heard.event.received_at, id: heard.event.id.uuid() };
        Ok(Page::new(rows, size, seek, place))
    }
}
