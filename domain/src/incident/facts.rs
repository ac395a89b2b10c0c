//! The first layer: what was observed, without a judgement.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Timestamp, attempt::AttemptEnd, item::Item, problem::Failure};

/// What was observed. What is not known, or makes no sense here, is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The one sentence that is said about it.
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What the receiver answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Which step of the run, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actioner: Option<String>,
    /// The promise of the action: `local`, `keyed-remote` or `unkeyed-remote`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<i64>,
    /// Tries of this round that reached the actioner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries: Option<i64>,
    /// When the attempt began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When bytes with the key of this effect first left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_sent_at: Option<Timestamp>,
    /// What was gathered about a process that disappeared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interruption: Option<Interruption>,
    /// What somebody else reported with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Value>,
}

/// Gathered when the items of a process that disappeared are rescued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interruption {
    /// Who held the lease.
    pub worker: Option<String>,
    /// Items of the run that were in flight and found at the same time, this one included.
    pub in_flight: i64,
    /// The last thing that had been stored.
    pub last_durable_step: String,
    /// The last sign of life: when that was stored.
    pub last_heard_at: Option<Timestamp>,
    pub lease_until: Option<Timestamp>,
    /// From the last sign of life until it was found.
    pub silent_ms: Option<i64>,
    /// Whether it is tried again without anybody being asked.
    pub queued_again: bool,
    /// The earlier attempts, oldest first.
    pub leases: Vec<PastLease>,
}

/// An attempt that ended before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastLease {
    pub attempt: i64,
    pub worker: String,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub ended_as: AttemptEnd,
}

impl Facts {
    /// What an item says about the attempt it stands at.
    pub fn of_item(item: &Item) -> Self {
        Self {
            step: Some(item.position + 1),
            actioner: Some(item.actioner.clone()),
            class: Some(item.class.as_str().to_owned()),
            round: Some(item.round),
            attempt: Some(item.attempt),
            tries: Some(item.tries),
            started_at: item.started_at,
            first_sent_at: item.first_sent_at,
            ..Self::default()
        }
    }

    /// Adds why it failed, in the words of where that arose.
    #[must_use]
    pub fn failed(self, failure: &Failure) -> Self {
        let http_status = failure.code.strip_prefix("http-").and_then(|status| status.parse().ok());
        let message = failure.message.clone();
        Self { message, http_status, failure: Some(failure.clone()), ..self }
    }

    #[must_use]
    pub fn interrupted(self, interruption: Interruption) -> Self {
        Self { interruption: Some(interruption), ..self }
    }
}
