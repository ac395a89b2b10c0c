//! Names every request, so that a page, a log line, an audit entry and a person who asks for help
//! speak of the same one.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use domain::origin::{Origin, TraceParent};
use engine::origin;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::state::AppState;

/// The id of a request, among its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The part of a trace that the caller says the request is, among its extensions.
#[derive(Debug, Clone, Copy)]
pub struct Named(pub Option<TraceParent>);

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The caller's own trace, by W3C Trace Context.
const TRACE: HeaderName = HeaderName::from_static("traceparent");

/// Gives the request an id of our own: one that a client could choose would let it write into the
/// log what it likes. Of the client's trace only the ids are taken, and only if they are well formed.
pub async fn assign(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let request_id = state.request_id();
    let id = request_id.simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let named = named(request.headers());
    request.extensions_mut().insert(Named(named));
    let trace = named.map(|named| named.trace);
    let origin = Origin { request: Some(request_id), trace };
    let mut response = origin::within(origin, next.run(request)).await;
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// Two headers name no trace: nobody could say which of them is meant.
fn named(headers: &HeaderMap) -> Option<TraceParent> {
    let mut named = headers.get_all(TRACE).iter();
    let header = named.next().filter(|_| named.next().is_none())?;
    TraceParent::parse(header.to_str().ok()?)
}
