//! What a program is told when something is not as it asked: RFC 9457 problem details.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use domain::{filter::InvalidFilter, page::InvalidCursor};
use engine::services::{FieldError, ServiceError};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One place in a request that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct At {
    /// Where in the body, as a JSON pointer in a fragment: `#/scopes/0`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which part of the path, name in the query or header
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong, in one sentence
    pub detail: String,
}

/// Why a request was not done; nothing was changed
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Stable: `urn:assize:problem:` and the code
    pub r#type: String,
    pub title: String,
    pub status: u16,
    /// What happened, in a sentence
    pub detail: String,
    /// Stable, for programs
    pub code: String,
    /// What to name when asking for help; the same as in `X-Request-Id`
    pub request_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<At>,
}

/// An answer that is not what was asked for. It is written out by [`super::errors::finish`], which
/// knows the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    pub code: Cow<'static, str>,
    pub detail: String,
    pub errors: Vec<At>,
    /// Seconds until it is worth another try.
    pub retry_after: Option<i64>,
    /// For the log alone.
    pub cause: Option<String>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let (errors, retry_after, cause) = Default::default();
        Self { status, code: code.into(), detail: detail.into(), errors, retry_after, cause }
    }

    pub fn not_found(what: &str) -> Self {
        let detail = format!("There is no such {what}, or it is not in this workspace.");
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// A part of the path, a name in the query or a header that cannot be read.
    pub fn parameter(name: &str, detail: impl ToString) -> Self {
        let at = At { pointer: None, parameter: Some(name.to_owned()), detail: detail.to_string() };
        let detail = format!("{name}: {}", at.detail);
        Self::new(StatusCode::BAD_REQUEST, "bad-request", detail).at(at)
    }

    /// A place in the body that cannot be read.
    pub fn body(pointer: &str, detail: impl ToString) -> Self {
        let detail = detail.to_string();
        let at = At { pointer: Some(pointer.to_owned()), parameter: None, detail: detail.clone() };
        Self::new(StatusCode::BAD_REQUEST, "bad-request", detail).at(at)
    }

    /// Nobody known asks. Why a secret is not accepted is nobody's business.
    pub fn unauthenticated() -> Self {
        let detail = "Send a token as `Authorization: Bearer asz_…`. A token that was sent is unknown, \
                      expired or revoked.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
    }

    pub fn too_large(limit: usize) -> Self {
        let detail = format!("A request of this kind may carry {} KiB.", limit / 1024);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
    }

    /// Something inside went wrong; `cause` goes to the log, never to the client.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let detail = "The server could not answer; nothing was changed.";
        let cause = Some(cause.to_string());
        Self { cause, ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail) }
    }

    fn at(mut self, at: At) -> Self {
        self.errors.push(at);
        self
    }

    /// As it is sent.
    pub fn written(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            r#type: format!("urn:assize:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            code: self.code.to_string(),
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"assize\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        let new = |status| Self::new(status, code, detail.clone());
        match error {
            ServiceError::NotFound(what) => Self::not_found(what),
            ServiceError::Refused(_) | ServiceError::OutsideWindows(_) => {
                new(StatusCode::FORBIDDEN)
            }
            ServiceError::WrongCredentials => Self::unauthenticated(),
            ServiceError::Throttled { retry_after_seconds } => Self {
                retry_after: Some(retry_after_seconds),
                ..new(StatusCode::TOO_MANY_REQUESTS)
            },
            ServiceError::Invalid(errors) => Self {
                errors: errors.into_iter().map(place).collect(),
                ..new(StatusCode::UNPROCESSABLE_ENTITY)
            },
            ServiceError::Conflict { .. } => new(StatusCode::CONFLICT),
            ServiceError::Store(_) | ServiceError::Migrate(_) => Self::internal(detail),
        }
    }
}

/// A field of a body: `subject.kind` is `#/subject/kind`. What is no path, such as the line of a file,
/// stays in the sentence.
fn place(error: FieldError) -> At {
    let path = error.field.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    let place = |field: &str| At {
        pointer: Some(format!("#/{}", field.replace('.', "/"))),
        parameter: None,
        detail: error.message.clone(),
    };
    match error.field.as_str() {
        "" => At { pointer: Some("#".to_owned()), parameter: None, detail: error.message },
        field if path => place(field),
        line => At {
            pointer: Some("#".to_owned()),
            parameter: None,
            detail: format!("{line}: {}", error.message),
        },
    }
}

/// What a service found wrong with a filter is wrong with the query.
pub fn of_query(error: ServiceError) -> Problem {
    match error {
        ServiceError::Invalid(errors) => match errors.into_iter().next() {
            Some(first) => Problem::parameter(&first.field, first.message),
            None => Problem::parameter("filter", "it cannot be read"),
        },
        other => other.into(),
    }
}

impl From<InvalidFilter> for Problem {
    fn from(error: InvalidFilter) -> Self {
        Self::parameter(&error.name, error.message)
    }
}

impl From<InvalidCursor> for Problem {
    fn from(error: InvalidCursor) -> Self {
        Self::parameter("after", error)
    }
}
