//! Names every request, so that a page, a log line and a person who asks for help speak of the same
//! one.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue};

use super::state::AppState;

/// The id of a request, among its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id of our own: one that a client could choose would let it write into the
/// log what it likes.
pub async fn assign(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = state.request_id();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
