//! A statement about a run that takes place elsewhere, as programs send and read it: one flat object, so
//! that whatever is wrong can be named by its pointer.

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    money::Usd,
    reported::{self, Fact, Outcome, StepStatus, Usage},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Failure;
use crate::api::{problem::Problem, schema};

/// Why something failed elsewhere
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldFailure {
    /// `reported-failed` unless stated
    #[serde(default)]
    code: Option<String>,
    message: String,
}

impl From<ToldFailure> for domain::problem::Failure {
    fn from(told: ToldFailure) -> Self {
        Self::unknown(told.code.as_deref().unwrap_or("reported-failed"), told.message)
    }
}

/// Something that is said about a run; which parts it has depends on `type`
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RunStatement)]
pub struct Statement {
    /// A number of its own in the run, from 0, rising in the order of events
    seq: Option<i64>,
    /// `start`, `phase`, `step`, `invocation`, `write`, `usage`, `count`, `note`, `heartbeat` or `finish`
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required)]
    r#type: Option<schema::StatementType>,
    /// When it was so; when it came, unless stated
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<schema::Time>,
    /// The phase it belongs to
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<String>,
    /// Of a phase, step, tool or record
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Of a step or invocation; `succeeded` unless stated
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<schema::StepStatus>,
    /// Of a step that ended: the number of the statement that it started
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<i64>,
    /// Of an invocation: how often it was tried, from 1
    #[serde(skip_serializing_if = "Option::is_none")]
    tries: Option<i64>,
    /// Of an invocation: bytes that were moved
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<ToldFailure>,
    /// Of `start`: the id of the run it is a part of, as its reporter calls it
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// Of `start`: silence of more than this many seconds is an interruption
    #[serde(skip_serializing_if = "Option::is_none")]
    heartbeat_seconds: Option<i64>,
    /// Of `usage`
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens: Option<i64>,
    /// Of `usage`: what it cost, as an exact decimal; worked out from the table of prices unless stated
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_usd: Option<String>,
    /// Of `usage`: names of OpenTelemetry, such as `gen_ai.usage.input_tokens`
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<schema::Document>,
    /// Of `count`: what is added to counters of the caller's own
    #[serde(skip_serializing_if = "Option::is_none")]
    counters: Option<BTreeMap<String, i64>>,
    /// Of `note`
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Of `finish`
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<schema::ToldOutcome>,
    /// Of `finish`
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    /// Kept with it in the log of steps, up to 8 KiB
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<schema::Document>,
}

/// The statements as they are taken in, or everything that is missing from them.
pub fn written(
    statements: Vec<Statement>,
    now: Timestamp,
) -> Result<Vec<reported::Statement>, Problem> {
    let read = |(n, said): (usize, Statement)| {
        said.read(now)
            .map_err(|(field, detail)| Problem::body(&format!("#/statements/{n}/{field}"), detail))
    };
    statements.into_iter().enumerate().map(read).collect()
}

type Wrong = (&'static str, String);

fn needed<T>(field: &'static str, value: Option<T>) -> Result<T, Wrong> {
    value.ok_or_else(|| (field, "it is missing".to_owned()))
}

impl Statement {
    fn read(mut self, now: Timestamp) -> Result<reported::Statement, Wrong> {
        Ok(reported::Statement {
            seq: needed("seq", self.seq)?,
            at: self.at.take().map_or(now, |at| at.0),
            phase: self.phase.take(),
            detail: self.detail.take().map(|detail| detail.0),
            fact: self.fact()?,
        })
    }

    fn fact(self) -> Result<Fact, Wrong> {
        let status = self.status.as_ref().map_or(StepStatus::Succeeded, |status| status.0);
        let failure = self.failure.clone().map(Into::into);
        let word = needed("type", self.r#type.as_ref())?.0.clone();
        let name = || needed("name", self.name.clone());
        Ok(match word.as_str() {
            "start" => {
                Fact::Start { parent: self.parent, heartbeat_seconds: self.heartbeat_seconds }
            }
            "phase" => Fact::Phase { name: name()? },
            "step" => Fact::Step {
                name: name()?,
                status,
                began: self.began,
                duration_ms: self.duration_ms,
                failure,
            },
            "invocation" => Fact::Invocation {
                name: name()?,
                status,
                duration_ms: self.duration_ms,
                tries: self.tries,
                bytes: self.bytes,
                failure,
            },
            "write" => Fact::Write { name: name()? },
            "usage" => Fact::Usage(self.usage()?),
            "count" => Fact::Count { counters: needed("counters", self.counters)? },
            "note" => Fact::Note { text: needed("text", self.text)? },
            "heartbeat" => Fact::Heartbeat,
            "finish" => Fact::Finish {
                outcome: needed("outcome", self.outcome)?.0,
                summary: self.summary,
                failure,
            },
            _ => return Err(("type", format!("expected one of: {}", Fact::WORDS.join(", ")))),
        })
    }

    fn usage(self) -> Result<Usage, Wrong> {
        let cost: Option<Usd> = match self.cost_usd {
            Some(text) => Some(text.parse().map_err(|error| {
                let error: domain::money::InvalidAmount = error;
                ("cost_usd", error.to_string())
            })?),
            None => None,
        };
        let usage = Usage {
            provider: self.provider,
            model: self.model,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cost,
            price_table: None,
        };
        match self.attributes.map(|attributes| attributes.0) {
            None => Ok(usage),
            Some(Value::Object(attributes)) => Ok(usage.with_attributes(&attributes)),
            Some(_) => Err(("attributes", "expected an object".to_owned())),
        }
    }
}

impl From<reported::Statement> for Statement {
    fn from(said: reported::Statement) -> Self {
        let head = Self {
            seq: Some(said.seq),
            r#type: Some(schema::StatementType(said.fact.word().to_owned())),
            at: Some(said.at.into()),
            phase: said.phase,
            detail: said.detail.map(Into::into),
            ..Self::default()
        };
        let why = |failure: Option<domain::problem::Failure>| {
            failure.map(|why| ToldFailure { code: Some(why.code), message: why.message })
        };
        match said.fact {
            Fact::Start { parent, heartbeat_seconds } => Self { parent, heartbeat_seconds, ..head },
            Fact::Step { name, status, began, duration_ms, failure } => Self {
                name: Some(name),
                status: Some(status.into()),
                began,
                duration_ms,
                failure: why(failure),
                ..head
            },
            Fact::Invocation { name, status, duration_ms, tries, bytes, failure } => Self {
                name: Some(name),
                status: Some(status.into()),
                duration_ms,
                tries,
                bytes,
                failure: why(failure),
                ..head
            },
            Fact::Write { name } | Fact::Phase { name } => Self { name: Some(name), ..head },
            Fact::Usage(usage) => Self {
                provider: usage.provider,
                model: usage.model,
                input_tokens: usage.input_tokens,
                output_tokens: usage.output_tokens,
                cost_usd: usage.cost.map(|cost| cost.to_string()),
                ..head
            },
            Fact::Count { counters } => Self { counters: Some(counters), ..head },
            Fact::Note { text } => Self { text: Some(text), ..head },
            Fact::Heartbeat => head,
            Fact::Finish { outcome, summary, failure } => {
                let outcome: Outcome = outcome;
                Self { outcome: Some(outcome.into()), summary, failure: why(failure), ..head }
            }
        }
    }
}

/// Which step blew up
#[derive(Debug, Serialize, ToSchema)]
pub struct FailedStep {
    /// `step` or `invocation`
    what: String,
    name: String,
    phase: Option<String>,
    at: schema::Time,
    failure: Option<Failure>,
}

impl From<reported::Blown> for FailedStep {
    fn from(blown: reported::Blown) -> Self {
        let reported::Blown { what, name, phase, at, failure } = blown;
        Self { what, name, phase, at: at.into(), failure: schema::maybe(failure) }
    }
}
