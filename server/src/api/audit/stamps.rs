//! Time stamps of an independent authority over checkpoints (RFC 3161).

use axum::Json;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::permission::Permission;
use engine::{services::StampAnswer, store::CheckpointStamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TAG;
use crate::api::{
    asked::Asked,
    body::Body,
    describe::{Api, get, post},
    problem::Problem,
    schema,
};

/// A time stamp over a checkpoint
#[derive(Debug, Serialize, ToSchema)]
pub struct Stamp {
    /// Entries under the checkpoint
    size: u64,
    /// What the authority says
    stamped_at: schema::Time,
    received_at: schema::Time,
    /// The answer of the authority, a `TimeStampResp` in DER, as base64
    token: String,
}

impl From<CheckpointStamp> for Stamp {
    fn from(stamp: CheckpointStamp) -> Self {
        Self {
            size: stamp.size,
            stamped_at: stamp.stamped_at.into(),
            received_at: stamp.received_at.into(),
            token: STANDARD.encode(stamp.token),
        }
    }
}

/// What to send to an authority
#[derive(Debug, Serialize, ToSchema)]
pub struct StampRequest {
    /// Entries under the checkpoint that it is about
    size: u64,
    /// A `TimeStampReq` in DER, as base64, to be sent as `application/timestamp-query`
    query: String,
}

/// What an authority answered
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewStamp)]
pub struct New {
    /// Entries under the checkpoint that was to be stamped
    size: u64,
    /// A `TimeStampResp` in DER, as base64
    token: String,
    /// Certificates of the authority: PEM, or DER as base64
    certificates: String,
}

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/audit/stamp", "getStamp", "The last time stamp of an independent authority")
            .needs(Permission::ViewAuditLog)
            .gives::<Stamp>("200")
            .tagged(),
        latest,
    )
    .add(
        TAG,
        get("/audit/stamp-request", "getStampRequest", "What to have an authority answer")
            .about("About the last checkpoint.")
            .needs(Permission::ViewAuditLog)
            .gives::<StampRequest>("200"),
        request,
    )
    .add(
        TAG,
        post("/audit/stamps", "attachStamp", "Keep what an authority answered, after checking it")
            .about("Refused with `stamp-not-valid` where it does not prove what it should.")
            .needs(Permission::StampCheckpoints)
            .takes::<New>()
            .gives::<Stamp>("201"),
        attach,
    )
}

async fn latest(asked: Asked) -> Result<Json<Stamp>, Problem> {
    let stamp = asked.services().latest_stamp(asked.caller()).await?;
    Ok(Json(stamp.ok_or_else(|| Problem::not_found("time stamp"))?.into()))
}

async fn request(asked: Asked) -> Result<Json<StampRequest>, Problem> {
    let made = asked.services().stamp_request(asked.caller()).await?;
    let query = STANDARD.encode(made.query);
    Ok(Json(StampRequest { size: made.checkpoint.size, query }))
}

async fn attach(asked: Asked, Body(new): Body<New>) -> Result<(StatusCode, Json<Stamp>), Problem> {
    let bytes = |pointer: &str, text: &str| {
        let packed: String = text.split_ascii_whitespace().collect();
        STANDARD.decode(packed).map_err(|error| Problem::body(pointer, error))
    };
    let token = bytes("#/token", &new.token)?;
    let certificates = match new.certificates.contains("-----BEGIN") {
        true => new.certificates.into_bytes(),
        false => bytes("#/certificates", &new.certificates)?,
    };
    let answer = StampAnswer { size: new.size, token, nonce: None };
    let stamp = asked.services().attach_stamp(asked.caller(), answer, &certificates).await?;
    Ok((StatusCode::CREATED, Json(stamp.into())))
}
