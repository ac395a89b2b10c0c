//! Sends spans to a collector of traces: OTLP over HTTP, in batches, beside the work. Whether it takes
//! them changes nothing else.

use std::{fmt, sync::Arc, time::SystemTime};

use chrono::DateTime;
use domain::origin::SpanId;
use engine::{
    clock::Clock,
    net::{self, Guard, HttpClient, Limits},
    span::TARGET,
};
use futures::future::BoxFuture;
use http::{Method, Request, Response, Uri};
use opentelemetry::{
    InstrumentationScope, KeyValue, Value, trace as otel,
    trace::{SpanContext, SpanKind, Status, TraceFlags, TraceState},
};
use opentelemetry_http::{Bytes, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor},
};
use tokio::runtime::Handle;
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::Context,
    registry::LookupSpan,
};

/// Where a collector takes traces, below its own address.
const PATH: &str = "/v1/traces";

/// A batch that is not taken in this time is lost.
const LIMITS: Limits = Limits {
    connect: std::time::Duration::from_secs(5),
    total: std::time::Duration::from_secs(10),
    reply: 64 * 1024,
};

/// The way of spans out of this process.
#[derive(Debug)]
pub struct Traces(Arc<BatchSpanProcessor>);

impl Traces {
    /// To a collector, such as `http://127.0.0.1:4318`.
    pub fn to(collector: &Uri, runtime: &Handle) -> Result<Self, String> {
        let client = Way::to(collector, runtime.clone())?;
        let base = collector.to_string();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(format!("{}{PATH}", base.trim_end_matches('/')))
            .build();
        let exporter = exporter.map_err(|error| error.to_string())?;
        let mut processor = BatchSpanProcessor::builder(exporter).build();
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource =
            Resource::builder().with_service_name("assize").with_attribute(version).build();
        processor.set_resource(&resource);
        Ok(Self(Arc::new(processor)))
    }

    /// Takes the spans of requests, and those that the engine tells for this.
    pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let collected = Targets::new()
            .with_target(TARGET, LevelFilter::DEBUG)
            .with_target("server::telemetry", LevelFilter::INFO);
        Collect(Arc::clone(&self.0)).with_filter(collected)
    }

    /// Sends what is left.
    pub fn end(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans were not taken");
        }
    }
}

/// The way over HTTP. Batches leave from a thread of their own, where nothing of the runtime works.
#[derive(Debug, Clone)]
struct Way {
    http: HttpClient,
    guard: Arc<Guard>,
    runtime: Handle,
}

impl Way {
    fn to(collector: &Uri, runtime: Handle) -> Result<Self, String> {
        let destination = crate::config::destination(collector);
        let http = HttpClient::new(LIMITS).map_err(|error| error.to_string())?;
        Ok(Self { http, guard: Arc::new(Guard::new(vec![destination])), runtime })
    }

    async fn send(self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let content_type = parts.headers.get(http::header::CONTENT_TYPE);
        let asked = net::Request {
            method: Method::POST,
            url: &parts.uri.to_string(),
            headers: &[],
            content_type: content_type.and_then(|value| value.to_str().ok()).unwrap_or_default(),
            body: body.into(),
            idempotency_key: None,
        };
        let reply = self.http.send(&self.guard, asked).await?;
        Ok(Response::builder().status(reply.status).body(Bytes::from(reply.body))?)
    }
}

impl opentelemetry_http::HttpClient for Way {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> BoxFuture<'b, Result<Response<Bytes>, HttpError>>
    where
        'a: 'b,
        Self: 'b,
    {
        let sent = self.runtime.spawn(self.clone().send(request));
        Box::pin(async move { sent.await? })
    }
}

/// Makes spans of an exporter out of spans of the log.
struct Collect(Arc<BatchSpanProcessor>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collect {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut draft = Draft::new(attributes.metadata().name());
        attributes.record(&mut draft);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(draft);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(draft) = span.extensions_mut().get_mut::<Draft>()
        {
            values.record(draft);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let draft = context.span(&id).and_then(|span| span.extensions_mut().remove::<Draft>());
        draft.and_then(Draft::finished).into_iter().for_each(|span| self.0.on_end(span));
    }
}

/// A span that is under way.
#[derive(Debug)]
struct Draft {
    name: &'static str,
    begun: SystemTime,
    /// Where it was told afterwards.
    ended: Option<SystemTime>,
    trace: Option<otel::TraceId>,
    span: Option<otel::SpanId>,
    parent: otel::SpanId,
    status: Status,
    attributes: Vec<KeyValue>,
}

fn now() -> SystemTime {
    Clock::system().now().into()
}

impl Draft {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            begun: now(),
            ended: None,
            trace: None,
            span: None,
            parent: otel::SpanId::INVALID,
            status: Status::Unset,
            attributes: Vec::new(),
        }
    }

    /// What is sent of it; nothing of a span that is part of no trace.
    fn finished(self) -> Option<SpanData> {
        let (trace, flags) = (self.trace?, TraceFlags::SAMPLED);
        let state = TraceState::default();
        let kind = match self.name {
            "request" => SpanKind::Server,
            "call" => SpanKind::Client,
            _ => SpanKind::Internal,
        };
        Some(SpanData {
            span_context: SpanContext::new(trace, self.span?, flags, false, state),
            parent_span_id: self.parent,
            parent_span_is_remote: kind == SpanKind::Server,
            span_kind: kind,
            name: self.name.into(),
            start_time: self.begun,
            end_time: self.ended.unwrap_or_else(now),
            attributes: self.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: self.status,
            instrumentation_scope: InstrumentationScope::builder("assize").build(),
        })
    }

    fn keep(&mut self, field: &Field, value: impl Into<Value>) {
        self.attributes.push(KeyValue::new(field.name(), value));
    }

    /// A request's own id is the id of its span, and of its trace where its caller named none.
    fn is_request(&mut self, id: &str) {
        let Ok(id) = id.parse() else { return };
        self.span = Some(otel::SpanId::from_bytes(SpanId::of(id).to_bytes()));
        self.trace.get_or_insert(otel::TraceId::from_bytes(id.into_bytes()));
    }
}

impl Visit for Draft {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "trace" => self.trace = otel::TraceId::from_hex(value).ok(),
            "span" => self.span = otel::SpanId::from_hex(value).ok(),
            "parent" => self.parent = otel::SpanId::from_hex(value).unwrap_or(self.parent),
            name => {
                if name == "failure" {
                    self.status = Status::error(value.to_owned());
                }
                if name == "id" {
                    self.is_request(value);
                }
                self.keep(field, value.to_owned());
            }
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        match (field.name(), DateTime::from_timestamp_micros(value)) {
            ("begun", Some(at)) => self.begun = at.into(),
            ("ended", at) => self.ended = at.map(SystemTime::from),
            _ => self.keep(field, value),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, i64::try_from(value).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests;
