//! Refusals become pages, in one place. What an error means, its status and its words are in
//! [`app::fault`]; here it reaches the browser.

use std::any::Any;

use app::fault::Fault;
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use super::{body::LIMIT, pages, state::AppState};

/// Ends a handler with the page of a fault. Every error of the services turns into one by `?`.
#[derive(Debug)]
pub struct Refusal(pub Fault);

impl<E: Into<Fault>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refusal {
    /// Only carries the fault; [`as_pages`] knows the visitor and renders it.
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}

/// Renders a page for every refusal from further in, and for bare statuses of other layers.
pub async fn as_pages(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    match fault_of(&response) {
        Some(fault) => pages::fault(&state, asked, fault).await,
        None => response,
    }
}

fn fault_of(response: &Response) -> Option<Fault> {
    if let Some(fault) = response.extensions().get::<Fault>() {
        return Some(fault.clone());
    }
    if response.headers().contains_key(header::CONTENT_TYPE) {
        return None;
    }
    Some(match response.status() {
        StatusCode::NOT_FOUND => Fault::not_found("page"),
        StatusCode::METHOD_NOT_ALLOWED => Fault::method_not_allowed(),
        StatusCode::PAYLOAD_TOO_LARGE => Fault::too_large(LIMIT),
        StatusCode::SERVICE_UNAVAILABLE => Fault::unavailable(),
        StatusCode::INTERNAL_SERVER_ERROR => Fault::internal("an answer without words"),
        _ => return None,
    })
}

/// What a panic is answered with.
pub fn panicked(panic: Box<dyn Any + Send>) -> Response<Body> {
    let words = match panic.downcast::<String>() {
        Ok(words) => *words,
        Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or("no message").to_owned(),
    };
    Refusal(Fault::internal(format_args!("panic: {words}"))).into_response()
}
