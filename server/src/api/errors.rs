//! Writes problems out, in one place: those of handlers, and the bare statuses of layers.

use std::any::Any;

use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};

use super::problem::{MEDIA_TYPE, Problem};
use crate::web::{body::LIMIT, request_id::RequestId};

/// Gives every answer that is a problem its body.
pub async fn finish(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|RequestId(id)| id.clone());
    written(next.run(request).await, &id.unwrap_or_default())
}

/// A problem with its body; any other answer as it is.
pub fn written(mut response: Response, request_id: &str) -> Response {
    let Some(problem) = problem_of(&mut response) else { return response };
    if let Some(cause) = &problem.cause {
        tracing::error!(cause, "a request of a program failed");
    }
    let body = serde_json::to_vec(&problem.written(request_id)).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    Response::from_parts(parts, Body::from(body))
}

fn problem_of(response: &mut Response) -> Option<Problem> {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return Some(problem);
    }
    let (status, headers) = (response.status(), response.headers());
    if headers.contains_key(header::CONTENT_TYPE) && status != StatusCode::PAYLOAD_TOO_LARGE {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Problem::not_found("address"),
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(status, "method-not-allowed", "The address answers other methods.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(LIMIT),
        StatusCode::FORBIDDEN => Problem::new(status, "cross-site", CROSS_SITE),
        StatusCode::SERVICE_UNAVAILABLE => {
            let problem = Problem::new(status, "unavailable", UNAVAILABLE);
            Problem { retry_after: Some(5), ..problem }
        }
        StatusCode::INTERNAL_SERVER_ERROR => Problem::internal("an answer without words"),
        _ => return None,
    })
}

pub const CROSS_SITE: &str = "With a session, changes are accepted only from Assize's own pages. Programs \
                          send a token.";

const UNAVAILABLE: &str = "The server did not manage to answer in time. A change that was under way is \
                           completed or not made at all.";

/// Any other address below the API's.
pub async fn not_found() -> Problem {
    Problem::not_found("address")
}

/// Another method than the address has.
pub async fn method_not_allowed() -> Problem {
    let detail = "The address answers other methods.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail)
}

/// What a panic is answered with.
pub fn panicked(panic: Box<dyn Any + Send>) -> Response<Body> {
    let words = match panic.downcast::<String>() {
        Ok(words) => *words,
        Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or("no message").to_owned(),
    };
    Problem::internal(format_args!("panic: {words}")).into_response()
}
