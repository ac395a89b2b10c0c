//! One numbered statement about a run that takes place elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Timestamp, money::Usd, problem::Failure, report::ReportOutcome, run::RunStatus, words,
};

words! {
    StepStatus {
        /// It has begun; another statement says how it ended.
        Started = "started",
        Succeeded = "succeeded",
        Failed = "failed",
        Skipped = "skipped",
    }
}

words! {
    /// How a run ended, by those who ran it.
    Outcome {
        Success = "success",
        Partial = "partial",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

impl Outcome {
    pub const fn status(self) -> RunStatus {
        match self {
            Self::Success => RunStatus::Completed,
            Self::Partial => RunStatus::CompletedWithFailures,
            Self::Failed => RunStatus::Failed,
            Self::Cancelled => RunStatus::Cancelled,
        }
    }
}

impl From<Outcome> for ReportOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success => Self::Success,
            Outcome::Partial => Self::Partial,
            Outcome::Failed => Self::Failed,
            Outcome::Cancelled => Self::Cancelled,
        }
    }
}

/// What a language model was used for. What is not known is left out; nothing stands for zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    pub provider: Option<String>,
    pub model: Option<String>,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    /// What it cost; worked out from a table of prices unless it is told.
    pub cost: Option<Usd>,
    /// Which table the cost is from: `reported` where it was told.
    pub price_table: Option<String>,
}

/// What is stated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Fact {
    Start {
        /// The id of the run this one is a part of, as its reporter calls it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<String>,
        /// Silence of more than this many seconds is an interruption.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heartbeat_seconds: Option<i64>,
    },
    Step {
        name: String,
        status: StepStatus,
        /// The number of the statement that it started.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        began: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration_ms: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
    },
    /// A tool was called.
    Invocation {
        name: String,
        status: StepStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration_ms: Option<i64>,
        /// How often it was tried, from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tries: Option<i64>,
        /// Bytes that were moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
    },
    /// A record was committed.
    Write {
        name: String,
    },
    /// A phase begins, and the one before it ends.
    Phase {
        name: String,
    },
    Usage(Usage),
    /// Adds to the reporter's own counters.
    Count {
        counters: BTreeMap<String, i64>,
    },
    Note {
        text: String,
    },
    Heartbeat,
    Finish {
        outcome: Outcome,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        summary: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
    },
}

impl Fact {
    /// The word it is sent with.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Step { .. } => "step",
            Self::Invocation { .. } => "invocation",
            Self::Write { .. } => "write",
            Self::Phase { .. } => "phase",
            Self::Usage(_) => "usage",
            Self::Count { .. } => "count",
            Self::Note { .. } => "note",
            Self::Heartbeat => "heartbeat",
            Self::Finish { .. } => "finish",
        }
    }

    /// Every word, in the order of a run's course.
    pub const WORDS: [&str; 10] = [
        "start",
        "phase",
        "step",
        "invocation",
        "write",
        "usage",
        "count",
        "note",
        "heartbeat",
        "finish",
    ];
}

/// Something that is said about a run. Its number makes it the one it is: said again, it changes
/// nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Chosen by whoever reports, not negative, rising in the order of events.
    pub seq: i64,
    /// When it was so, by the reporter's clock.
    pub at: Timestamp,
    /// The phase it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    #[serde(flatten)]
    pub fact: Fact,
    /// Whatever else is worth keeping in the log of steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
}

impl Statement {
    /// Whether it stands in the log of steps: what is only counted or replaced by the next does not.
    pub fn is_logged(&self) -> bool {
        self.detail.is_some()
            || !matches!(self.fact, Fact::Heartbeat | Fact::Usage(_) | Fact::Count { .. })
    }

    /// Whether it changes what the run is evidence of; a sign of life alone does not.
    pub fn is_evidence(&self) -> bool {
        self.detail.is_some() || !matches!(self.fact, Fact::Heartbeat)
    }
}
