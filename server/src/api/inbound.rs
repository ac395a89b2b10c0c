//! Inbound endpoints: where tools that cannot show a token tell what happened.

use std::{fmt::Display, str::FromStr};

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use domain::{inbound, permission::Permission};
use engine::services::{CreatedInbound, InboundDetail, NewInbound};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    body::Body,
    describe::{Api, delete, get, post},
    keyed::Kept,
    problem::Problem,
    schema,
    webhooks::SigningSecret,
};
use crate::web::inbound::PATH;

/// An endpoint, and what its requests become
#[derive(Debug, Serialize, ToSchema)]
pub struct InboundEndpoint {
    id: schema::InboundId,
    name: String,
    /// Where its requests go, below the address of this server
    path: String,
    check: schema::InboundCheck,
    kind: schema::TriggerKind,
    source: String,
    r#type: String,
    /// Where the id of an event is found: `header:NAME`, `pointer:/PLACE` or `digest`
    id_from: String,
    /// The kind of the record an event is about, and the place of its key: `account:/data/account`
    subject_from: Option<String>,
    /// Where it stands when it happened: RFC 3339, or a number of seconds or milliseconds since 1970
    time_from: Option<String>,
    created_at: schema::Time,
    /// Requests that were not taken in, as far as they were entered
    refused: i64,
    refused_at: Option<schema::Time>,
    /// Why the last of those was not
    refused_because: Option<schema::InboundRefusal>,
}

impl From<inbound::Inbound> for InboundEndpoint {
    fn from(endpoint: inbound::Inbound) -> Self {
        let (refused_at, because) = endpoint.refusal.unzip();
        Self {
            path: format!("{PATH}/{}", endpoint.id),
            id: endpoint.id.into(),
            name: endpoint.name,
            check: endpoint.check.into(),
            kind: endpoint.kind.into(),
            source: endpoint.source,
            r#type: endpoint.event_type,
            id_from: endpoint.id_from.to_string(),
            subject_from: endpoint.subject_from.map(String::from),
            time_from: endpoint.time_from.map(String::from),
            created_at: endpoint.created_at.into(),
            refused: endpoint.refused,
            refused_at: schema::maybe(refused_at),
            refused_because: schema::maybe(because),
        }
    }
}

/// An endpoint with its secrets, without what they are
#[derive(Debug, Serialize, ToSchema)]
pub struct DetailedInbound {
    endpoint: InboundEndpoint,
    /// Those that are good at present, the newest first
    secrets: Vec<SigningSecret>,
}

impl From<InboundDetail> for DetailedInbound {
    fn from(detail: InboundDetail) -> Self {
        let secrets = detail.secrets.into_iter().map(SigningSecret::from).collect();
        Self { endpoint: detail.endpoint.into(), secrets }
    }
}

/// An endpoint as it is to be
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInboundEndpoint)]
pub struct New {
    name: String,
    check: schema::InboundCheck,
    kind: schema::TriggerKind,
    /// Who tells, as events will say
    source: String,
    r#type: String,
    /// `header:NAME`, `pointer:/PLACE` or `digest`
    id_from: String,
    /// `KIND:/PLACE/OF/ITS/KEY`; without it events are about no record
    #[serde(default)]
    subject_from: Option<String>,
    /// `/PLACE`; without it an event happened when it was first told
    #[serde(default)]
    time_from: Option<String>,
}

/// An endpoint that was just given a secret
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedInboundEndpoint)]
pub struct Told {
    endpoint: InboundEndpoint,
    /// What its requests prove themselves with. Told this once; `null` where the answer is repeated
    secret: Option<String>,
    /// Until when the secret before is good, too
    until: Option<schema::Time>,
}

const TAG: &str = "Inbound endpoints";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/inbound", "listInbound", "Inbound endpoints, oldest first")
            .needs(Permission::ViewWebhooks)
            .lists::<InboundEndpoint>(),
        list,
    )
    .add(
        TAG,
        post("/inbound", "createInbound", "Make an inbound endpoint")
            .about(
                "For tools that cannot show a token: `POST` to its path becomes a trigger event. What \
                 the ways of proving are worth: `docs/API.md`.",
            )
            .needs(Permission::ManageWebhooks)
            .takes::<New>()
            .gives::<Told>("201"),
        create,
    )
    .add(
        TAG,
        get("/inbound/{endpoint}", "getInbound", "An inbound endpoint")
            .needs(Permission::ViewWebhooks)
            .gives::<DetailedInbound>("200")
            .tagged(),
        one,
    )
    .add(
        TAG,
        post("/inbound/{endpoint}/rotate", "rotateInboundSecret", "Give it another secret")
            .about("For 24 hours the secret before is good, too.")
            .needs(Permission::ManageWebhooks)
            .gives::<Told>("200"),
        rotate,
    )
    .add(
        TAG,
        delete("/inbound/{endpoint}", "removeInbound", "Remove an inbound endpoint")
            .about("What it was told stays.")
            .needs(Permission::ManageWebhooks)
            .gives::<InboundEndpoint>("200"),
        remove,
    )
}

async fn list(asked: Asked) -> Result<Json<Listed<InboundEndpoint>>, Problem> {
    let found = asked.services().inbound_endpoints(asked.caller()).await?;
    Ok(Json(Listed::whole(found.into_iter().map(InboundEndpoint::from))))
}

async fn one(asked: Asked) -> Result<Json<DetailedInbound>, Problem> {
    let id = asked.part("endpoint")?;
    Ok(Json(asked.services().inbound_endpoint(asked.caller(), id).await?.into()))
}

async fn create(asked: Asked, Body(new): Body<New>) -> Result<Response, Problem> {
    let New { id_from, subject_from, time_from, .. } = &new;
    let id_from = read("#/id_from", id_from)?;
    let subject_from = subject_from.as_deref().map(|place| read("#/subject_from", place));
    let time_from = time_from.as_deref().map(|place| read("#/time_from", place));
    let (subject_from, time_from) = (subject_from.transpose()?, time_from.transpose()?);
    let new = NewInbound {
        name: new.name,
        check: new.check.0,
        kind: new.kind.0,
        source: new.source,
        event_type: new.r#type,
        id_from,
        subject_from,
        time_from,
    };
    let made = asked.services().create_inbound(asked.caller(), new).await?;
    let place = format!("{}/inbound/{}", asked.address(), made.endpoint.id);
    let told = tell(made)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], told).into_response())
}

fn read<T: FromStr<Err: Display>>(pointer: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error| Problem::body(pointer, error))
}

async fn rotate(asked: Asked) -> Result<Response, Problem> {
    let id = asked.part("endpoint")?;
    tell(asked.services().rotate_inbound_secret(asked.caller(), id).await?)
}

async fn remove(asked: Asked) -> Result<Json<InboundEndpoint>, Problem> {
    let id = asked.part("endpoint")?;
    Ok(Json(asked.services().remove_inbound(asked.caller(), id).await?.into()))
}

/// Tells a secret, this once: what is kept for a repetition does not hold it.
fn tell(made: CreatedInbound) -> Result<Response, Problem> {
    let secret = made.secret.expose().to_owned();
    let (endpoint, until) = (made.endpoint.into(), schema::maybe(made.until));
    let mut told = Told { endpoint, secret: None, until };
    let kept = serde_json::to_string(&told).map_err(Problem::internal)?;
    told.secret = Some(secret);
    let mut response = Json(told).into_response();
    response.extensions_mut().insert(Kept(kept));
    Ok(response)
}
