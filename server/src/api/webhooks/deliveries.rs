//! The log of deliveries, and sending one again.

use axum::Json;
use domain::{permission::Permission, webhook, webhook::DeliveryFilter};
use engine::services::DeliveryDetail;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::TAG;
use crate::api::{
    asked::{Asked, Listed, PAGING},
    describe::{Api, Param, get, post},
    problem::Problem,
    runs::Failure,
    schema,
};

/// One message to one webhook
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Travels as `webhook-id`, the same for every attempt
    id: schema::DeliveryId,
    webhook: schema::WebhookId,
    event: schema::EventKind,
    /// The exact bytes that are signed and sent: JSON
    body: String,
    state: schema::DeliveryState,
    /// Attempts begun
    attempt: i64,
    /// When the next attempt is due
    due_at: Option<schema::Time>,
    created_at: schema::Time,
    /// When it was delivered or given up
    ended_at: Option<schema::Time>,
    /// What its last attempt was answered with
    status: Option<i64>,
    /// Why its last attempt does not count as delivered
    failure: Option<Failure>,
}

impl From<webhook::Delivery> for Delivery {
    fn from(delivery: webhook::Delivery) -> Self {
        Self {
            id: delivery.id.into(),
            webhook: delivery.webhook.into(),
            event: delivery.event.into(),
            body: delivery.body,
            state: delivery.state.into(),
            attempt: delivery.attempt,
            due_at: schema::maybe(delivery.due_at),
            created_at: delivery.created_at.into(),
            ended_at: schema::maybe(delivery.ended_at),
            status: delivery.status,
            failure: delivery.failure.map(Failure::from),
        }
    }
}

/// One try at a delivery, written once
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryAttempt {
    id: schema::DeliveryAttemptId,
    delivery: schema::DeliveryId,
    /// From 1
    number: i64,
    started_at: schema::Time,
    ended_at: schema::Time,
    /// What was sent as `webhook-signature`; `null` where nothing was sent
    signature: Option<String>,
    /// The status the receiver answered with
    status: Option<i64>,
    /// The beginning of what it answered
    response: Option<String>,
    failure: Option<Failure>,
}

impl From<webhook::DeliveryAttempt> for DeliveryAttempt {
    fn from(attempt: webhook::DeliveryAttempt) -> Self {
        Self {
            id: attempt.id.into(),
            delivery: attempt.delivery.into(),
            number: attempt.number,
            started_at: attempt.started_at.into(),
            ended_at: attempt.ended_at.into(),
            signature: attempt.signature,
            status: attempt.status,
            response: attempt.response,
            failure: attempt.failure.map(Failure::from),
        }
    }
}

/// A delivery with everything that is known of it
#[derive(Debug, Serialize, ToSchema)]
pub struct DetailedDelivery {
    delivery: Delivery,
    /// Oldest first
    attempts: Vec<DeliveryAttempt>,
}

impl From<DeliveryDetail> for DetailedDelivery {
    fn from(detail: DeliveryDetail) -> Self {
        let attempts = detail.attempts.into_iter().map(DeliveryAttempt::from).collect();
        Self { delivery: detail.delivery.into(), attempts }
    }
}

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/deliveries", "listDeliveries", "Deliveries, newest first")
            .needs(Permission::ViewWebhooks)
            .query(filter_params())
            .pages_of::<Delivery>(),
        list,
    )
    .add(
        TAG,
        get("/deliveries/{delivery}", "getDelivery", "A delivery with all its attempts")
            .needs(Permission::ViewWebhooks)
            .gives::<DetailedDelivery>("200")
            .tagged(),
        one,
    )
    .add(
        TAG,
        post("/deliveries/{delivery}/replay", "replayDelivery", "Send a delivery again")
            .about("The same bytes under the same `webhook-id`, with all its tries before it.")
            .needs(Permission::ManageWebhooks)
            .gives::<Delivery>("202"),
        replay,
    )
}

/// The names that [`DeliveryFilter::parse`] reads.
fn filter_params() -> [Param; 3] {
    [
        Param::new("state", "May be repeated").of::<schema::DeliveryState>().repeated(),
        Param::new("event", "May be repeated").of::<schema::EventKind>().repeated(),
        Param::new("webhook", "The id of a webhook"),
    ]
}

async fn list(asked: Asked) -> Result<Json<Listed<Delivery>>, Problem> {
    let filter = DeliveryFilter::parse(asked.pairs(), &PAGING)?;
    let paging = asked.paging(format_args!("deliveries?{}", filter.query()))?;
    let (services, caller) = (asked.services(), asked.caller());
    let found = services.deliveries(caller, &filter, paging.seek, paging.size).await?;
    Ok(Json(paging.listed(found, Delivery::from)))
}

async fn one(asked: Asked) -> Result<Json<DetailedDelivery>, Problem> {
    let found = asked.services().delivery(asked.caller(), asked.part("delivery")?).await?;
    Ok(Json(found.into()))
}

/// Answers before it is sent: what becomes of it stands in the log.
pub async fn test(asked: Asked) -> Result<(StatusCode, Json<Delivery>), Problem> {
    let queued = asked.services().test_webhook(asked.caller(), asked.part("webhook")?).await?;
    Ok((StatusCode::ACCEPTED, Json(queued.into())))
}

async fn replay(asked: Asked) -> Result<(StatusCode, Json<Delivery>), Problem> {
    let queued = asked.services().replay_delivery(asked.caller(), asked.part("delivery")?).await?;
    Ok((StatusCode::ACCEPTED, Json(queued.into())))
}
