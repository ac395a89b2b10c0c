//! What went wrong with a request, and whether trying again can help.

use domain::problem::{Failure, FailureKind};

/// Why a request was not sent, or what became of it.
///
/// *Deterministic*: refused by the guard, or impossible. *Transient*: nothing of the request has
/// left. *Unknown*: it may have left and its reply is lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NetError {
    /// Stable: `net-` and lower-case words.
    pub code: &'static str,
    /// One sentence, without the query of the address.
    pub message: String,
    pub kind: FailureKind,
}

impl NetError {
    pub(super) fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), kind: FailureKind::Deterministic }
    }

    fn transient(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), kind: FailureKind::Transient }
    }

    fn unknown(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), kind: FailureKind::Unknown }
    }

    /// Reads what the HTTP library says about a request to `host`.
    pub(super) fn of_send(error: &reqwest::Error, host: &str) -> Self {
        if let Some(ours) = cause::<Self>(error) {
            return ours.clone();
        }
        if error.is_builder() {
            return Self::refused("net-invalid-request", "the request cannot be built");
        }
        if error.is_dns() {
            let message = format!("the name {host} could not be resolved");
            return Self::transient("net-name-not-resolved", message);
        }
        if error.is_connect() {
            return Self::of_connect(error, host);
        }
        Self::of_reply(error, host)
    }

    /// Nothing of the request has left yet.
    fn of_connect(error: &reqwest::Error, host: &str) -> Self {
        if let Some(rustls::Error::InvalidCertificate(_)) = tls_cause(error) {
            let message = format!("the certificate of {host} is not trusted");
            return Self::refused("net-certificate-not-trusted", message);
        }
        if error.is_timeout() {
            let message = format!("{host} did not accept a connection in time");
            return Self::transient("net-connect-timeout", message);
        }
        Self::transient("net-cannot-connect", format!("{host} could not be connected to"))
    }

    /// The request may have left.
    pub(super) fn of_reply(error: &reqwest::Error, host: &str) -> Self {
        if error.is_timeout() {
            let message = format!("{host} did not reply in time; the request may have arrived");
            return Self::unknown("net-reply-timeout", message);
        }
        let message = format!("the reply of {host} was lost; the request may have arrived");
        Self::unknown("net-reply-lost", message)
    }
}

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        Self::new(error.code, error.message, error.kind)
    }
}

/// The first error of type `E` among the causes.
fn cause<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).find_map(<dyn std::error::Error>::downcast_ref)
}

fn causes<'e>(
    error: &'e reqwest::Error,
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |error| error.source())
}

/// TLS errors hide inside I/O errors, which do not show them as their cause.
fn tls_cause(error: &reqwest::Error) -> Option<&rustls::Error> {
    cause(error).or_else(|| {
        causes(error)
            .filter_map(|error| error.downcast_ref::<std::io::Error>()?.get_ref())
            .find_map(|inner| inner.downcast_ref())
    })
}
