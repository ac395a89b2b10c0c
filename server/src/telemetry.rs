//! Logs: to the standard error stream, as text for people or JSON for programs. And spans, to whoever
//! collects traces, in a build with the feature `otel`.

#[cfg_attr(not(feature = "otel"), path = "telemetry/without.rs")]
mod otel;

use std::{
    io::{IsTerminal as _, stderr},
    time::Duration,
};

use http::{Request, Response, Uri};
use tower_http::{
    classify::{ServerErrorsAsFailures, SharedClassifier},
    trace::{DefaultOnResponse, MakeSpan, OnResponse, TraceLayer},
};
use tracing::{Level, Span, field};
use tracing_subscriber::{
    EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

pub use self::otel::Traces;
use crate::web::request_id::{Named, RequestId};

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

/// Whether this is the address of a collector of traces.
pub fn collector(address: &str) -> Result<Uri, String> {
    const SHAPE: &str = "expected an address such as http://127.0.0.1:4318";
    let uri: Uri = address.parse().map_err(|_| SHAPE.to_owned())?;
    let known = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
    if known && uri.query().is_none() { Ok(uri) } else { Err(SHAPE.to_owned()) }
}

/// Starts logging; the first call in a process wins.
pub fn start(format: LogFormat, filter: &str, traces: Option<&Traces>) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| FILTER.into());
    let lines = fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    let lines = match format {
        LogFormat::Text => lines.with_target(false).with_filter(filter).boxed(),
        LogFormat::Json => lines.json().with_ansi(false).with_filter(filter).boxed(),
    };
    let all = tracing_subscriber::registry().with(lines).with(traces.map(Traces::layer));
    // A second start, as in tests, leaves the first in place.
    let _ = all.try_init();
}

/// Logs every request: method, path, status and time taken. Not the query string, which can carry
/// the secret of a sign-in link.
pub fn requests() -> Requests {
    TraceLayer::new_for_http().make_span_with(RequestSpan).on_response(Answered)
}

type Requests = TraceLayer<
    SharedClassifier<ServerErrorsAsFailures>,
    RequestSpan,
    tower_http::trace::DefaultOnRequest,
    Answered,
>;

/// Names the request in every line it causes.
#[derive(Debug, Clone, Copy)]
pub struct RequestSpan;

impl<B> MakeSpan<B> for RequestSpan {
    fn make_span(&mut self, request: &Request<B>) -> Span {
        let id = request.extensions().get::<RequestId>().map(|RequestId(id)| id.as_str());
        let (method, path) = (request.method(), request.uri().path());
        let named = request.extensions().get::<Named>().and_then(|Named(named)| *named);
        let trace = named.map(|named| field::display(named.trace));
        let parent = named.map(|named| field::display(named.span));
        tracing::info_span!("request", id, %method, path, trace, parent, status = field::Empty)
    }
}

/// Logs how a request was answered, and keeps it with its span.
#[derive(Debug, Clone, Copy)]
pub struct Answered;

impl<B> OnResponse<B> for Answered {
    fn on_response(self, response: &Response<B>, latency: Duration, span: &Span) {
        DefaultOnResponse::new().level(Level::INFO).on_response(response, latency, span);
        span.record("status", response.status().as_u16());
    }
}
