//! The metrics of a run, as programs read them: one contract for what was executed here and what was
//! reported (`docs/metrics.schema.json`). What is not known is `null`, never zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::RunId,
    money::Usd,
    reported::{Blown, RunKind, State, UsageSum},
    run::Run,
};

/// The contract's version.
pub const VERSION: i64 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseTiming {
    pub phase: String,
    pub started_at: Timestamp,
    /// `None` while it goes on.
    pub duration_ms: Option<i64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// Calls of actioners or tools.
    pub calls: Option<i64>,
    /// Calls beyond the first of the same.
    pub retries: Option<i64>,
    pub bytes: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pub phase_timings: Vec<PhaseTiming>,
    pub resource_breakdown: Resources,
    pub notes: Vec<String>,
}

/// What a model was used for; of a total, phase, provider and model are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUsage {
    pub phase: Option<String>,
    pub provider: Option<String>,
    pub model: Option<String>,
    pub calls: i64,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub estimated_cost_usd: Option<Usd>,
    pub price_table: Option<String>,
}

impl ModelUsage {
    fn of(sum: &UsageSum) -> Self {
        let cost = sum.cost();
        Self {
            phase: None,
            provider: None,
            model: None,
            calls: sum.calls,
            input_tokens: sum.input_tokens.value(),
            output_tokens: sum.output_tokens.value(),
            estimated_cost_usd: cost,
            price_table: cost.and(sum.price_table.clone()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LlmUsage {
    pub by_phase: Vec<ModelUsage>,
    pub total: ModelUsage,
}

/// Stored with the run; nothing is counted to show them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    pub items: Option<i64>,
    pub steps: Option<i64>,
    pub failed_steps: Option<i64>,
    pub invocations: Option<i64>,
    pub memory_writes: Option<i64>,
    /// Those that the reporter named.
    pub named: BTreeMap<String, i64>,
}

/// The whole document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    pub version: i64,
    pub run: RunId,
    pub kind: RunKind,
    pub metrics: Measured,
    pub llm_usage: Option<LlmUsage>,
    pub error_summary: Option<String>,
    /// Which step blew up.
    pub failed_step: Option<Blown>,
    pub counters: Counters,
}

impl Metrics {
    /// Of a run that Assize carried out: everything is computed from its head.
    pub fn of_executed(run: &Run) -> Self {
        let counts = run.counts;
        let until = |end: Option<Timestamp>, start: Timestamp| end.map(|end| between(start, end));
        let waiting = PhaseTiming {
            phase: "waiting".to_owned(),
            started_at: run.created_at,
            duration_ms: until(run.started_at.or(run.completed_at), run.created_at),
        };
        let acting = run.started_at.map(|started_at| PhaseTiming {
            phase: "acting".to_owned(),
            started_at,
            duration_ms: until(run.completed_at, started_at),
        });
        let calls = run.tally.tool_invocations;
        let error_summary = match &run.failure {
            Some(failure) => Some(failure.message.clone()),
            None if counts.failed > 0 => {
                Some(format!("{} of {} items failed", counts.failed, counts.subjects_matched))
            }
            None => None,
        };
        Self {
            version: VERSION,
            run: run.id,
            kind: RunKind::Executed,
            metrics: Measured {
                phase_timings: std::iter::once(waiting).chain(acting).collect(),
                resource_breakdown: Resources {
                    calls: Some(calls),
                    retries: Some((calls - counts.actions_invoked).max(0)),
                    bytes: None,
                },
                notes: Vec::new(),
            },
            llm_usage: None,
            error_summary,
            failed_step: None,
            counters: Counters {
                items: Some(counts.subjects_matched),
                steps: Some(counts.subjects_matched),
                failed_steps: Some(counts.failed),
                invocations: Some(calls),
                memory_writes: Some(run.tally.memory_writes),
                named: BTreeMap::new(),
            },
        }
    }

    /// Of a run that was told.
    pub fn of_reported(run: RunId, state: &State) -> Self {
        let lines = state.usage.iter().map(|line| ModelUsage {
            phase: line.phase.clone(),
            provider: line.provider.clone(),
            model: line.model.clone(),
            ..ModelUsage::of(&line.sum)
        });
        let total = state.usage_in_total();
        let calls = (state.invocations > 0).then_some(state.invocations);
        let tries = state.tries.value();
        Self {
            version: VERSION,
            run,
            kind: RunKind::Reported,
            metrics: Measured {
                phase_timings: phases(state),
                resource_breakdown: Resources {
                    calls,
                    retries: tries.zip(calls).map(|(tries, calls)| (tries - calls).max(0)),
                    bytes: state.bytes.value(),
                },
                notes: state.notes.values().cloned().collect(),
            },
            llm_usage: total
                .map(|total| LlmUsage { by_phase: lines.collect(), total: ModelUsage::of(&total) }),
            error_summary: state.error_summary(),
            failed_step: state.blown.as_ref().map(|blown| blown.is.clone()),
            counters: Counters {
                items: None,
                steps: Some(state.steps.total()),
                failed_steps: Some(state.steps.failed),
                invocations: Some(state.invocations),
                memory_writes: Some(state.writes),
                named: state.counters.clone(),
            },
        }
    }
}

fn between(start: Timestamp, end: Timestamp) -> i64 {
    (end - start).num_milliseconds().max(0)
}

/// Each phase lasts until the next, the last one until the run finished.
fn phases(state: &State) -> Vec<PhaseTiming> {
    let finished = state.finish.as_ref().map(|finish| finish.is.at);
    let ends = state.phases.values().skip(1).map(|(_, at)| Some(*at)).chain([finished]);
    let timing = |((name, at), end): (&(String, Timestamp), Option<Timestamp>)| PhaseTiming {
        phase: name.clone(),
        started_at: *at,
        duration_ms: end.map(|end| between(*at, end)),
    };
    state.phases.values().zip(ends).map(timing).collect()
}
