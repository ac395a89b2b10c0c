//! Trigger events: sent in our own form or as CloudEvents, and what came of them.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use domain::{
    Timestamp,
    permission::Permission,
    record::RecordRef,
    trigger::{EventFilter, TriggerEvent, TriggerKind},
};
use engine::{services::NewEvent, store::HeardEvent};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed, PAGING},
    body::{Raw, read},
    cloudevents,
    describe::{Api, Param, get, post},
    problem::Problem,
    schema,
};

/// A record by what people call it
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RecordReference)]
pub struct Subject {
    kind: String,
    key: String,
}

impl From<RecordRef> for Subject {
    fn from(RecordRef { kind, key }: RecordRef) -> Self {
        Self { kind, key }
    }
}

impl From<Subject> for RecordRef {
    fn from(Subject { kind, key }: Subject) -> Self {
        Self { kind, key }
    }
}

/// Something that happened, once
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TriggerEvent)]
pub struct Event {
    id: schema::TriggerEventId,
    kind: schema::TriggerKind,
    source: String,
    /// The source's own id of it
    external_id: String,
    r#type: String,
    subject: Option<Subject>,
    occurred_at: schema::Time,
    received_at: schema::Time,
    /// The W3C trace id of the request that told it
    trace: Option<String>,
    payload: schema::Document,
}

impl From<TriggerEvent> for Event {
    fn from(event: TriggerEvent) -> Self {
        Self {
            id: event.id.into(),
            kind: event.kind.into(),
            source: event.source,
            external_id: event.external_id,
            r#type: event.event_type,
            subject: event.subject.map(Subject::from),
            occurred_at: event.occurred_at.into(),
            received_at: event.received_at.into(),
            trace: event.trace.map(|trace| trace.to_string()),
            payload: event.payload.into(),
        }
    }
}

/// An event and what came of it
#[derive(Debug, Serialize, ToSchema)]
pub struct EventSummary {
    event: Event,
    /// Runs it brought about
    runs: i64,
    /// Whether any definition listened to it
    matched: bool,
}

impl From<HeardEvent> for EventSummary {
    fn from(heard: HeardEvent) -> Self {
        Self { event: heard.event.into(), runs: heard.runs, matched: heard.runs > 0 }
    }
}

/// An event that stands now
#[derive(Debug, Serialize, ToSchema)]
pub struct Received {
    event: Event,
    /// The very same event had come before; nothing happened now
    duplicate: bool,
    /// Whether any definition listened to it
    matched: bool,
    /// The runs it brought about, now or then
    runs: Vec<schema::RunId>,
    /// The kill switches that kept it from bringing about runs; nothing makes up for those
    refused_by: Vec<schema::KillSwitchId>,
}

impl From<engine::services::Received> for Received {
    fn from(received: engine::services::Received) -> Self {
        Self {
            event: received.event.into(),
            duplicate: received.duplicate,
            matched: !received.runs.is_empty(),
            runs: received.runs.into_iter().map(schema::RunId).collect(),
            refused_by: received.refused_by.into_iter().map(Into::into).collect(),
        }
    }
}

/// An event as its source tells it, in our own form
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEvent)]
pub struct New {
    kind: schema::TriggerKind,
    /// Who tells
    source: String,
    /// The source's own id of it
    external_id: String,
    r#type: String,
    #[serde(default)]
    subject: Option<Subject>,
    /// When it was first told, unless stated
    #[serde(default)]
    occurred_at: Option<schema::Time>,
    /// A JSON object
    #[serde(default)]
    payload: Option<schema::Document>,
}

const TAG: &str = "Trigger events";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/events", "listEvents", "Trigger events, newest first")
            .needs(Permission::ViewRuns)
            .query([
                Param::new("kind", "Only of this kind").of::<schema::TriggerKind>(),
                Param::new("source", "Only from this source"),
                Param::new("matched", "Only those that brought about a run, or that did not")
                    .of::<bool>(),
            ])
            .pages_of::<EventSummary>(),
        list,
    )
    .add(
        TAG,
        post("/events", "sendEvent", "Tell that something happened")
            .about(
                "Our own form as `application/json`, or a CloudEvent 1.0: binary (`ce-` headers), \
                 structured, or a batch. Source and id make an event the one it is: sent again, it \
                 changes nothing. An event nobody listens to is kept and shown as unmatched.",
            )
            .needs(Permission::SendTriggerEvents)
            .with_optional_key()
            .takes::<New>()
            .takes_any(&[cloudevents::STRUCTURED, cloudevents::BATCH, "*/*"])
            .gives::<Received>("201"),
        send,
    )
    .add(
        TAG,
        get("/events/{event}", "getEvent", "A trigger event and its runs")
            .needs(Permission::ViewRuns)
            .gives::<Received>("200")
            .tagged(),
        one,
    )
}

async fn list(asked: Asked) -> Result<Json<Listed<EventSummary>>, Problem> {
    let filter = EventFilter::parse(asked.pairs(), &PAGING)?;
    let paging = asked.paging(format_args!("events?{}", filter.query()))?;
    let (services, caller) = (asked.services(), asked.caller());
    let page = services.trigger_events(caller, &filter, paging.seek, paging.size).await?;
    Ok(Json(paging.listed(page, EventSummary::from)))
}

async fn one(asked: Asked) -> Result<Json<Received>, Problem> {
    let id = asked.part("event")?;
    let event = asked.services().trigger_event(asked.caller(), id).await?;
    let runs = asked.services().runs_of_event(asked.caller(), id).await?;
    let refused_by = asked.services().refusals_of_event(asked.caller(), id).await?;
    let received = engine::services::Received { event, duplicate: false, runs, refused_by };
    Ok(Json(received.into()))
}

async fn send(asked: Asked, headers: HeaderMap, body: Raw) -> Result<Response, Problem> {
    if cloudevents::is_one(&headers, &body.media_type) {
        return cloudevents::receive(&asked, &headers, &body).await;
    }
    if body.media_type != "application/json" {
        return Err(super::body::unsupported("application/json, or as a CloudEvent"));
    }
    let new: New = read(&body.bytes)?;
    let occurred_at = new.occurred_at.map(|at| at.0);
    let payload = new.payload.map_or_else(|| serde_json::json!({}), |payload| payload.0);
    let event = NewEvent {
        kind: new.kind.0,
        source: new.source,
        external_id: new.external_id,
        event_type: new.r#type,
        subject: new.subject.map(RecordRef::from),
        occurred_at: asked.services().clock().now(),
        payload,
    };
    let received = take_in(&asked, event, occurred_at).await?;
    let status = if received.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(received)).into_response())
}

/// Stores an event, whether or not its source says when it happened.
pub async fn take_in(
    asked: &Asked,
    event: NewEvent,
    occurred_at: Option<Timestamp>,
) -> Result<Received, Problem> {
    let (services, caller) = (asked.services(), asked.caller());
    let received = match occurred_at {
        Some(occurred_at) => {
            services.receive_event(caller, NewEvent { occurred_at, ..event }).await?
        }
        None => services.receive_untimed_event(caller, event).await?,
    };
    Ok(received.into())
}

impl Received {
    /// It had come before.
    pub fn is_duplicate(&self) -> bool {
        self.duplicate
    }
}

/// What an event is where it does not say so.
pub const USUAL_KIND: TriggerKind = TriggerKind::GovernedEvent;
