//! `POST /in/{endpoint}`: tools that cannot show a token tell what happened. Outside of sessions, tokens
//! and the log of requests, which would keep a secret that stands in the address.

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::id::InboundId;
use engine::services::{InboundError, InboundRequest, ServiceError};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::state::AppState;

/// Where endpoints are.
pub const PATH: &str = "/in";

/// The largest body, in bytes: what an event may carry, as JSON with some space in it.
const LARGEST: usize = 320 * 1024;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route(&format!("{PATH}/{{endpoint}}"), post(receive))
        .route(&format!("{PATH}/{{endpoint}}/{{secret}}"), post(receive_with_secret))
}

async fn receive(
    State(state): State<AppState>,
    Path(endpoint): Path<String>,
    request: Request,
) -> Response {
    let secret = password(request.headers());
    take_in(&state, &endpoint, secret, request).await
}

async fn receive_with_secret(
    State(state): State<AppState>,
    Path((endpoint, secret)): Path<(String, String)>,
    request: Request,
) -> Response {
    take_in(&state, &endpoint, Some(secret), request).await
}

/// The password of basic authentication.
fn password(headers: &HeaderMap) -> Option<String> {
    let sent = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = sent.split_once(' ')?;
    let pair = STANDARD.decode(encoded.trim()).ok()?;
    let pair = String::from_utf8(pair).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

async fn take_in(
    state: &AppState,
    endpoint: &str,
    secret: Option<String>,
    request: Request<Body>,
) -> Response {
    let Ok(id) = endpoint.parse::<InboundId>() else { return said(StatusCode::NOT_FOUND, UNKNOWN) };
    if !state.limiter().admits(id.uuid(), state.now()) {
        return said(StatusCode::TOO_MANY_REQUESTS, "rate-limited");
    }
    let headers = request.headers().iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    let headers = headers.collect();
    let Ok(body) = to_bytes(request.into_body(), LARGEST).await else {
        return said(StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    };
    let told = InboundRequest { headers, body: body.into(), secret };
    match state.services().receive_inbound(id, told).await {
        Ok(received) => {
            let event = received.event.id;
            let told = json!({"event": event, "duplicate": received.duplicate});
            (StatusCode::ACCEPTED, Json(told)).into_response()
        }
        Err(InboundError::Refused(because)) => said(StatusCode::UNAUTHORIZED, because.as_str()),
        Err(InboundError::Service(error)) => refused(&error),
    }
}

const UNKNOWN: &str = "not-found";

fn refused(error: &ServiceError) -> Response {
    let status = match error {
        ServiceError::NotFound(_) => return said(StatusCode::NOT_FOUND, UNKNOWN),
        ServiceError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        ServiceError::Conflict { .. } => StatusCode::CONFLICT,
        other => {
            tracing::error!(error = %other, "an inbound request failed");
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    said(status, error.code())
}

fn said(status: StatusCode, code: &str) -> Response {
    (status, Json(json!({"code": code}))).into_response()
}
