//! Spans of what is done, for whoever collects traces: event, run, attempt and call, each part of the one
//! before. Runs outlive processes, so a span that is not over at once is told when it is, with the times
//! it had, and its id is made of the id of the thing. Who listens and where spans go is up to the server.

use domain::{
    Timestamp,
    attempt::Attempt,
    id::{ItemId, RunId},
    origin::{Origin, SpanId, TraceId, TraceParent},
    problem::Failure,
    run::Run,
    trigger::TriggerEvent,
};
use tracing::{Level, Span, debug_span, field};

/// What spans that are collected are told under.
pub const TARGET: &str = "assize::trace";

/// Whether anybody listens.
pub(crate) fn is_collected() -> bool {
    tracing::enabled!(target: TARGET, Level::DEBUG)
}

/// The trace of an event and its runs: the one it was told with, or one of its own.
pub(crate) fn trace_of(event: uuid::Uuid, told: Option<TraceId>) -> TraceId {
    told.unwrap_or_else(|| TraceId::of(event))
}

/// An event was received, by a request or by a clock.
pub(crate) fn event(event: &TriggerEvent, origin: Origin) {
    let at = event.received_at.timestamp_micros();
    let span = debug_span!(
        target: TARGET,
        "event",
        trace = %trace_of(event.id.uuid(), event.trace),
        span = %SpanId::of(event.id.uuid()),
        parent = origin.request.map(SpanId::of).map(field::display),
        begun = at,
        ended = at,
        event = %event.id,
        kind = event.kind.as_str(),
    );
    drop(span);
}

/// A run ended, for this time.
pub(crate) fn run(run: &Run, trace: TraceId) {
    let begun = run.started_at.unwrap_or(run.created_at).timestamp_micros();
    let ended = run.completed_at.map_or(begun, |at| at.timestamp_micros());
    let span = debug_span!(
        target: TARGET,
        "run",
        %trace,
        span = %SpanId::nth(run.id.uuid(), run.round),
        parent = %SpanId::of(run.trigger_event.uuid()),
        begun,
        ended,
        run = %run.id,
        automation = %run.automation,
        round = run.round,
        status = run.status.as_str(),
        failure = run.failure.as_ref().map(code),
    );
    drop(span);
}

/// An attempt ended.
pub(crate) fn attempt(attempt: &Attempt, trace: TraceId) {
    let micros = |at: Timestamp| at.timestamp_micros();
    let span = debug_span!(
        target: TARGET,
        "attempt",
        %trace,
        span = %attempt_id(attempt.item, attempt.number),
        parent = %SpanId::nth(attempt.run.uuid(), attempt.round),
        begun = micros(attempt.started_at),
        ended = micros(attempt.ended_at),
        run = %attempt.run,
        item = %attempt.item,
        attempt = attempt.number,
        ended_as = attempt.end.as_str(),
        failure = attempt.failure.as_ref().map(code),
    );
    drop(span);
}

fn attempt_id(item: ItemId, number: i64) -> SpanId {
    SpanId::nth(item.uuid(), number)
}

fn code(failure: &Failure) -> &str {
    &failure.code
}

/// A call of a receiver, as part of an attempt at an item.
#[derive(Debug, Clone, Copy)]
pub struct Calling {
    /// What the receiver is told that it is part of.
    pub parent: TraceParent,
    attempt: SpanId,
    run: RunId,
}

impl Calling {
    pub(crate) fn new(trace: TraceId, run: RunId, item: ItemId, number: i64) -> Self {
        let attempt = attempt_id(item, number);
        Self { parent: TraceParent { trace, span: attempt.inner() }, attempt, run }
    }

    /// The span for as long as the call takes. `status` and `failure` are recorded when it answered. Of
    /// the address only the destination is told: the rest may be a secret of the receiver's.
    pub(crate) fn span(&self, destination: &str) -> Span {
        debug_span!(
            target: TARGET,
            "call",
            trace = %self.parent.trace,
            span = %self.parent.span,
            parent = %self.attempt,
            run = %self.run,
            destination,
            status = field::Empty,
            failure = field::Empty,
        )
    }
}
