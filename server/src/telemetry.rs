//! Logs: to the standard error stream, as text for people or JSON for programs.

use std::io::{IsTerminal as _, stderr};

use http::Request;
use tower_http::{
    classify::{ServerErrorsAsFailures, SharedClassifier},
    trace::{DefaultOnResponse, MakeSpan, TraceLayer},
};
use tracing::{Level, Span};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::web::request_id::RequestId;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// What is logged unless somebody says otherwise.
pub const FILTER: &str = "info,sqlx::postgres::notice=warn";

/// Whether this says what is to be logged.
pub fn check(filter: &str) -> Result<String, String> {
    EnvFilter::try_new(filter).map(|_| filter.to_owned()).map_err(|error| error.to_string())
}

/// Starts logging; the first call in a process wins.
pub fn start(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| FILTER.into());
    let base = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    // A second start, as in tests, leaves the first in place.
    let _ = match format {
        LogFormat::Text => base.with(lines.with_target(false)).try_init(),
        LogFormat::Json => base.with(lines.json().with_ansi(false)).try_init(),
    };
}

/// Logs every request: method, path, status and time taken. Not the query string, which can carry
/// the secret of a sign-in link.
pub fn requests() -> TraceLayer<SharedClassifier<ServerErrorsAsFailures>, RequestSpan> {
    TraceLayer::new_for_http()
        .make_span_with(RequestSpan)
        .on_response(DefaultOnResponse::new().level(Level::INFO))
}

/// Names the request in every line it causes.
#[derive(Debug, Clone, Copy)]
pub struct RequestSpan;

impl<B> MakeSpan<B> for RequestSpan {
    fn make_span(&mut self, request: &Request<B>) -> Span {
        let id = request.extensions().get::<RequestId>().map(|RequestId(id)| id.as_str());
        let (method, path) = (request.method(), request.uri().path());
        tracing::info_span!("request", id, %method, path)
    }
}
