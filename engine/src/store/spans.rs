//! Remembers for whoever collects traces what ended in a transaction, and tells it once that is committed.
//! Where nobody collects, nothing is remembered or asked.

use std::collections::HashMap;

use domain::{
    attempt::Attempt,
    id::RunId,
    origin::{Origin, TraceId},
    run::Run,
    trigger::TriggerEvent,
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, sql};
use crate::span;

/// What ended, and what was over at once.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    events: Vec<(TriggerEvent, Origin)>,
    runs: Vec<Run>,
    attempts: Vec<Attempt>,
}

/// The same with the traces it belongs to.
#[derive(Debug, Default)]
pub(super) struct Traced {
    ended: Ended,
    traces: HashMap<RunId, TraceId>,
}

impl Ended {
    pub(super) fn event(&mut self, event: &TriggerEvent, origin: Origin) {
        if span::is_collected() {
            self.events.push((event.clone(), origin));
        }
    }

    pub(super) fn run(&mut self, run: &Run) {
        if span::is_collected() {
            self.runs.push(run.clone());
        }
    }

    pub(super) fn attempts(&mut self, attempts: &[Attempt]) {
        if span::is_collected() {
            self.attempts.extend_from_slice(attempts);
        }
    }
}

impl Traced {
    pub(super) fn tell(&self) {
        self.ended.events.iter().for_each(|(event, origin)| span::event(event, *origin));
        let trace = |run: RunId| self.traces.get(&run).copied();
        for attempt in &self.ended.attempts {
            trace(attempt.run).into_iter().for_each(|trace| span::attempt(attempt, trace));
        }
        for run in &self.ended.runs {
            trace(run.id).into_iter().for_each(|trace| span::run(run, trace));
        }
    }
}

impl Tx {
    /// What ended, with its traces; asked before the end of the transaction.
    pub(super) async fn traced(&mut self) -> Result<Traced, StoreError> {
        let ended = std::mem::take(&mut self.ended);
        let mut traces = HashMap::new();
        let runs = ended.runs.iter().map(|run| run.id);
        for run in runs.chain(ended.attempts.iter().map(|attempt| attempt.run)) {
            if !traces.contains_key(&run) {
                let found = self.trace_of_run(run).await?;
                traces.extend(found.map(|trace| (run, trace)));
            }
        }
        Ok(Traced { ended, traces })
    }
}

impl Session {
    async fn trace_of_run(&mut self, run: RunId) -> Result<Option<TraceId>, StoreError> {
        let found: Option<(Uuid, Option<String>)> = sql!(self, |c| sqlx::query_as(
            "SELECT e.id, e.trace_id FROM run \
             JOIN trigger_event e ON e.id = run.trigger_event_id WHERE run.id = $1"
        )
        .bind(run.uuid())
        .fetch_optional(c))?;
        Ok(found.map(|(event, trace)| {
            span::trace_of(event, trace.and_then(|trace| trace.parse().ok()))
        }))
    }
}
