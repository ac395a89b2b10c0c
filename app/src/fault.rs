//! Why a page cannot be shown: the one mapping from an error to an HTTP status and to words.

use domain::{filter::InvalidFilter, page::InvalidCursor};
use engine::{services::ServiceError, store::StoreError};
use http::StatusCode;

/// An answer other than the page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub status: StatusCode,
    /// What happened, in a few words.
    pub title: String,
    /// What happened, in a sentence, without internals.
    pub happened: String,
    /// What to do now.
    pub next: String,
    /// Seconds until it is worth another try.
    pub retry_after: Option<i64>,
    /// For the log alone.
    pub cause: Option<String>,
}

impl Fault {
    fn new(status: StatusCode, title: &str, happened: impl Into<String>, next: &str) -> Self {
        Self {
            status,
            title: title.to_owned(),
            happened: happened.into(),
            next: next.to_owned(),
            retry_after: None,
            cause: None,
        }
    }

    /// Nothing is at this address, or not for this member.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Not found",
            format!("There is no such {what}, or it is not in a workspace of yours."),
            "Check the address, or begin at the start page.",
        )
    }

    /// The address itself cannot be understood; `field` is the part that is wrong.
    pub fn bad_request(field: &str, message: impl std::fmt::Display) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "This address cannot be read",
            format!("{field}: {message}"),
            "Correct that part of the address, or go back and choose again.",
        )
    }

    /// A form came from another site.
    pub fn cross_site() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This form came from another site",
            "Assize accepts forms only from its own pages. Nothing was changed.",
            "Open the page in Assize and send the form from there. If you did, the address in \
             your browser is not the one this server was given as its own.",
        )
    }

    /// More was sent than is ever needed; `limit` in bytes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Too much was sent",
            format!("A request may carry {} KiB. Nothing was changed.", limit / 1024),
            "Send less at once.",
        )
    }

    /// The body of a form cannot be read.
    pub fn unreadable_form(why: impl std::fmt::Display) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "This form cannot be read",
            format!("The request's body: {why}. Nothing was changed."),
            "Open the page again and send its form.",
        )
    }

    /// The path exists, but not for this HTTP method.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "This address answers other requests",
            "The request's method does not fit this address. Nothing was changed.",
            "Begin at the start page.",
        )
    }

    /// It took too long, or the server is shutting down.
    pub fn unavailable() -> Self {
        Self {
            retry_after: Some(5),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "This took too long",
                "The server did not manage to answer in time. A change that was under way is \
                 completed or not made at all.",
                "Try again in a moment.",
            )
        }
    }

    /// Something inside went wrong; `cause` goes to the log, never to the page.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong here",
                "The server could not answer. Nothing was changed.",
                "Try again; if it happens again, ask who runs this server.",
            )
        }
    }
}

impl From<ServiceError> for Fault {
    fn from(error: ServiceError) -> Self {
        let words = error.to_string();
        match error {
            ServiceError::NotFound(what) => Self::not_found(what),
            ServiceError::Refused(_) => Self::new(
                StatusCode::FORBIDDEN,
                "Not allowed",
                sentence(&words),
                "Ask an owner of the workspace for the role it needs.",
            ),
            ServiceError::OutsideWindows(_) => Self::new(
                StatusCode::FORBIDDEN,
                "Outside your windows",
                sentence(&words),
                "Choose days inside a window, or ask an owner of the workspace for a wider one.",
            ),
            ServiceError::WrongCredentials => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "Not signed in",
                sentence(&words),
                "Check both and try again.",
            ),
            ServiceError::Throttled { retry_after_seconds } => Self {
                retry_after: Some(retry_after_seconds),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "Too many tries",
                    sentence(&words),
                    "Wait, then try again.",
                )
            },
            ServiceError::Invalid(_) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This cannot be used",
                sentence(&words),
                "Go back, correct it and send it again.",
            ),
            ServiceError::Conflict { .. } => Self::new(
                StatusCode::CONFLICT,
                "Not possible as it stands",
                sentence(&words),
                "Nothing was changed. Load the page again to see how it stands now.",
            ),
            ServiceError::Store(_) | ServiceError::Migrate(_) => Self::internal(words),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<InvalidFilter> for Fault {
    fn from(error: InvalidFilter) -> Self {
        Self::bad_request(&error.name, error.message)
    }
}

impl From<InvalidCursor> for Fault {
    fn from(error: InvalidCursor) -> Self {
        Self::bad_request("after", error)
    }
}

/// `words` with a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    let stop = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{stop}", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use domain::permission::{Permission, Refused};

    use super::*;

    #[test]
    fn every_refusal_has_its_status() {
        let status = |error: ServiceError| Fault::from(error).status.as_u16();
        let refused = Refused { role: "viewer", permission: Permission::RetryItems, scoped: false };
        assert_eq!(status(ServiceError::NotFound("run")), 404);
        assert_eq!(status(ServiceError::Refused(refused)), 403);
        assert_eq!(status(ServiceError::invalid("name", "is empty")), 422);
        assert_eq!(status(ServiceError::conflict("plan-changed", "the plan changed")), 409);
        assert_eq!(status(ServiceError::Throttled { retry_after_seconds: 9 }), 429);
    }

    #[test]
    fn an_internal_error_keeps_its_cause_from_the_page() {
        let fault = Fault::internal("password of the database");
        assert_eq!(fault.status.as_u16(), 500);
        assert!(!format!("{}{}{}", fault.title, fault.happened, fault.next).contains("password"));
        assert_eq!(fault.cause.as_deref(), Some("password of the database"));
    }

    #[test]
    fn words_of_an_error_become_a_sentence() {
        assert_eq!(sentence("the plan changed"), "The plan changed.");
        assert_eq!(sentence("Really?"), "Really?");
        assert_eq!(sentence(""), ".");
    }
}
