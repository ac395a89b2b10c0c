//! The log of deliveries: pages of it, newest first, and the attempts at each.

use domain::{
    Timestamp,
    id::{DeliveryAttemptId, DeliveryId, WebhookId, WorkspaceId},
    page::{Page, Place, Seek},
    webhook::{Delivery, DeliveryAttempt, DeliveryFilter},
};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{Rows, Session, StoreError, Tx, run_list::push_in, runs::FailureRow, sql};

/// Every query that gives deliveries begins like this.
const SELECT: &str = "SELECT d.id, d.workspace_id, d.webhook_id, d.event, d.body, d.state, d.attempt, \
     d.due_at, d.created_at, d.ended_at, a.status, a.failure_code, a.failure_message, a.failure_kind \
     FROM delivery d LEFT JOIN delivery_attempt a ON a.delivery_id = d.id AND a.number = d.attempt \
     WHERE d.workspace_id = ";

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    id: Uuid,
    workspace_id: Uuid,
    webhook_id: Uuid,
    event: String,
    body: String,
    state: String,
    attempt: i64,
    due_at: Option<Timestamp>,
    created_at: Timestamp,
    ended_at: Option<Timestamp>,
    status: Option<i64>,
    #[sqlx(flatten)]
    failure: FailureRow,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = StoreError;

    fn try_from(row: DeliveryRow) -> Result<Self, StoreError> {
        let wrong = |column, error: &dyn std::error::Error| {
            StoreError::inconsistent("delivery", column, error)
        };
        Ok(Self {
            id: DeliveryId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            webhook: WebhookId::new(row.webhook_id),
            event: row.event.parse().map_err(|error| wrong("event", &error))?,
            body: row.body,
            state: row.state.parse().map_err(|error| wrong("state", &error))?,
            attempt: row.attempt,
            due_at: row.due_at,
            created_at: row.created_at,
            ended_at: row.ended_at,
            status: row.status,
            failure: row.failure.read("delivery_attempt")?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: Uuid,
    delivery_id: Uuid,
    number: i64,
    started_at: Timestamp,
    ended_at: Timestamp,
    signature: Option<String>,
    status: Option<i64>,
    response: Option<String>,
    #[sqlx(flatten)]
    failure: FailureRow,
}

impl TryFrom<AttemptRow> for DeliveryAttempt {
    type Error = StoreError;

    fn try_from(row: AttemptRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: DeliveryAttemptId::new(row.id),
            delivery: DeliveryId::new(row.delivery_id),
            number: row.number,
            started_at: row.started_at,
            ended_at: row.ended_at,
            signature: row.signature,
            status: row.status,
            response: row.response,
            failure: row.failure.read("delivery_attempt")?,
        })
    }
}

impl Session {
    /// One page of the deliveries a filter finds.
    pub async fn delivery_page(
        &mut self,
        workspace: WorkspaceId,
        filter: &DeliveryFilter,
        seek: Seek,
        size: i64,
    ) -> Result<Page<Delivery>, StoreError> {
        let rows: Vec<DeliveryRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(SELECT);
            query.push_bind(workspace.uuid());
            push_in(&mut query, "d.state", &filter.states, |state| state.as_str());
            push_in(&mut query, "d.event", &filter.events, |event| event.as_str());
            push_in(&mut query, "d.webhook_id", filter.webhook.as_slice(), |id| id.uuid());
            let (beyond, direction) = match seek {
                Seek::Before(_) => (">", " ASC"),
                Seek::First | Seek::After(_) => ("<", " DESC"),
            };
            if let Seek::After(place) | Seek::Before(place) = seek {
                query.push(" AND (d.created_at, d.id) ").push(beyond).push(" (");
                query.push_bind(place.at).push(", ").push_bind(place.id).push(")");
            }
            query.push(" ORDER BY d.created_at").push(direction).push(", d.id").push(direction);
            query.push(" LIMIT ").push(size + 1);
            query.build_query_as().fetch_all(c).await
        })?;
        let found: Vec<Delivery> =
            rows.into_iter().map(Delivery::try_from).collect::<Result<_, _>>()?;
        let place = |delivery: &Delivery| Place { at: delivery.created_at, id: delivery.id.uuid() };
        Ok(Page::new(found, size, seek, place))
    }

    pub async fn delivery(
        &mut self,
        workspace: WorkspaceId,
        id: DeliveryId,
    ) -> Result<Option<Delivery>, StoreError> {
        let row: Option<DeliveryRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(SELECT);
            query.push_bind(workspace.uuid()).push(" AND d.id = ").push_bind(id.uuid());
            query.build_query_as().fetch_optional(c).await
        })?;
        row.map(Delivery::try_from).transpose()
    }

    /// All attempts at a delivery, oldest first.
    pub async fn delivery_attempts(
        &mut self,
        workspace: WorkspaceId,
        id: DeliveryId,
    ) -> Result<Vec<DeliveryAttempt>, StoreError> {
        let rows: Vec<AttemptRow> = sql!(self, |c| {
            sqlx::query_as(
            "SELECT id, delivery_id, number, started_at, ended_at, signature, status, response, \
             failure_code, failure_message, failure_kind FROM delivery_attempt \
             WHERE workspace_id = $1 AND delivery_id = $2 ORDER BY number"
        )
        .bind(workspace.uuid())
        .bind(id.uuid())
        .fetch_all(c)
        })?;
        rows.into_iter().map(DeliveryAttempt::try_from).collect()
    }
}

impl Tx {
    /// Writes attempts that ended.
    pub async fn insert_delivery_attempts<'a>(
        &mut self,
        workspace: WorkspaceId,
        attempts: &'a [DeliveryAttempt],
    ) -> Result<(), StoreError> {
        let failure = |attempt: &'a DeliveryAttempt| attempt.failure.as_ref();
        let rows = Rows::of(attempts)
            .within(workspace)
            .uuid("id", |attempt| attempt.id.uuid())
            .uuid("delivery_id", |attempt| attempt.delivery.uuid())
            .int("number", |attempt| attempt.number)
            .time("started_at", |attempt| attempt.started_at)
            .time("ended_at", |attempt| attempt.ended_at)
            .text("signature", |attempt| attempt.signature.as_deref())
            .int("status", |attempt| attempt.status)
            .text("response", |attempt| attempt.response.as_deref())
            .text("failure_code", |attempt| failure(attempt).map(|failure| failure.code.as_str()))
            .text("failure_message", |attempt| failure(attempt).map(|f| f.message.as_str()))
            .text("failure_kind", |attempt| failure(attempt).map(|failure| failure.kind.as_str()));
        let changed = self.change_rows(
            rows,
            "INSERT INTO delivery_attempt (id, workspace_id, delivery_id, number, started_at, \
             ended_at, signature, status, response, failure_code, failure_message, failure_kind) \
             SELECT id, workspace_id, delivery_id, number, started_at, ended_at, signature, status, \
             response, failure_code, failure_message, failure_kind FROM j",
        );
        changed.await.map(drop)
    }
}
