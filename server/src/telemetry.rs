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

/// What is logged unless `ASSIZE_LOG` says otherwise.
const DEFAULT_FILTER: &str = "info,sqlx::postgres::notice=warn";

/// Starts logging; the first call in a process wins.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_env("ASSIZE_LOG").unwrap_or_else(|_| DEFAULT_FILTER.into());
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
