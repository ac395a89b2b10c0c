//! How much a request may carry.

use app::fault::Fault;
use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use http::header;

use super::errors::Refusal;

/// The most bytes of a request's body.
pub const LIMIT: usize = 1024 * 1024;

/// What is read and thrown away of a body that is too large, in bytes.
const DRAINED: usize = 64 * LIMIT;

/// Answers a body that announces too much. It is read to its end first, within reason: a browser
/// that is still sending would otherwise show a broken connection instead of the explanation.
pub async fn limit(request: Request, next: Next) -> Response {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_none_or(|length| length <= LIMIT) {
        return next.run(request).await;
    }
    drain(request.into_body()).await;
    Refusal(Fault::too_large(LIMIT)).into_response()
}

async fn drain(body: Body) {
    let mut chunks = body.into_data_stream();
    let mut read = 0;
    while let Some(Ok(chunk)) = chunks.next().await {
        read += chunk.len();
        if read > DRAINED {
            break;
        }
    }
}
