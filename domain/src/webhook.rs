//! Webhooks: what a workspace tells the outside of itself, to whom, and how a delivery goes on when it
//! is not taken.

mod filter;
mod notice;

use chrono::Duration;
use serde::{Deserialize, Serialize};

pub use filter::DeliveryFilter;
pub use notice::{Notice, Sender};

use crate::{
    Timestamp,
    id::{DeliveryAttemptId, DeliveryId, WebhookId, WorkspaceId},
    problem::Failure,
    time, words,
};

words! {
    /// What a delivery tells of.
    EventKind {
        /// A run came to its end, whatever its items came to; a retry ends it once more.
        RunFinished = "run.finished",
        /// A run as a whole could not proceed.
        RunFailed = "run.failed",
        /// An action waits for a person.
        ApprovalRequested = "approval.requested",
        IncidentRaised = "incident.raised",
        /// The audit log was signed: the note itself, to be kept elsewhere.
        CheckpointSigned = "checkpoint.signed",
        /// Somebody pressed the test button. Not listened to: sent to one webhook on purpose.
        Test = "webhook.test",
    }
}

impl EventKind {
    /// What a webhook can listen to.
    pub const LISTENED: [Self; 5] = [
        Self::RunFinished,
        Self::RunFailed,
        Self::ApprovalRequested,
        Self::IncidentRaised,
        Self::CheckpointSigned,
    ];
}

words! {
    /// How far a delivery has come.
    DeliveryState {
        /// It is to be sent, now or after a pause; or once its webhook is enabled again.
        Queued = "queued",
        Sending = "sending",
        /// The receiver answered with a status of 200 to 299.
        Delivered = "delivered",
        /// Given up. It can be sent again by hand.
        Failed = "failed",
    }
}

words! {
    /// Why nothing is sent to a webhook.
    DisabledBecause {
        Asked = "asked",
        /// The receiver answered 410 Gone.
        Gone = "gone",
    }
}

/// A receiver, and what it is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub id: WebhookId,
    pub workspace: WorkspaceId,
    /// Where to. Its path may hold a secret of the receiver's: see [`Webhook::address`].
    pub url: String,
    /// What people call it.
    pub name: String,
    pub events: Vec<EventKind>,
    /// The address of this Assize that links in deliveries begin with; empty where it is not known.
    pub site: String,
    pub created_at: Timestamp,
    pub disabled: Option<Disabled>,
}

/// Since when nothing is sent, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabled {
    pub at: Timestamp,
    pub because: DisabledBecause,
}

impl Webhook {
    /// The address as far as it can hold no secret: scheme, host and port.
    pub fn address(&self) -> &str {
        let start = self.url.find("://").map_or(0, |at| at + 3);
        let end = self.url[start..].find(['/', '?', '#']).map_or(self.url.len(), |at| start + at);
        &self.url[..end]
    }

    /// As those see it who may not change it.
    #[must_use]
    pub fn without_path(self) -> Self {
        let url = match self.address() {
            whole if whole == self.url => whole.to_owned(),
            address => format!("{address}/…"),
        };
        Self { url, ..self }
    }
}

/// One message to one webhook. Every try sends the same bytes under the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Travels as `webhook-id`.
    pub id: DeliveryId,
    pub workspace: WorkspaceId,
    pub webhook: WebhookId,
    pub event: EventKind,
    /// The exact bytes that are signed and sent: JSON.
    pub body: String,
    pub state: DeliveryState,
    /// Attempts begun. Also the fence: whoever claims it counts up.
    pub attempt: i64,
    /// When the next attempt is due, while it is queued and its webhook enabled.
    pub due_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// When it was delivered or given up.
    pub ended_at: Option<Timestamp>,
    /// The status its last attempt was answered with.
    pub status: Option<i64>,
    /// Why its last attempt does not count as delivered.
    pub failure: Option<Failure>,
}

/// One try at a delivery. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryAttempt {
    pub id: DeliveryAttemptId,
    pub delivery: DeliveryId,
    /// From 1.
    pub number: i64,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    /// What was sent as `webhook-signature`; none where nothing was sent.
    pub signature: Option<String>,
    /// The status the receiver answered with, if it answered.
    pub status: Option<i64>,
    /// The beginning of what it answered.
    pub response: Option<String>,
    /// Why it does not count as delivered.
    pub failure: Option<Failure>,
}

impl DeliveryAttempt {
    /// The most of an answer that is kept, in characters.
    pub const RESPONSE_LIMIT: usize = 1_000;
}

/// How long the old secret signs besides the new one after a rotation, in hours.
pub const ROTATION_HOURS: i64 = 24;

/// Seconds between the tries of a delivery, as the Standard Webhooks specification has them: ten tries
/// within a little more than three days.
const PAUSES: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// The longest a receiver's `Retry-After` is heeded, in seconds.
const LONGEST_PAUSE: i64 = 86_400;

/// What follows from a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Delivered,
    /// Try again then.
    Again(Timestamp),
    /// All tries are used up.
    GivenUp,
    /// The receiver wants no more of this webhook: 410.
    Gone,
}

/// Decides after the `tries`th try (from 1) ended `now` with this status, or with none.
///
/// `jitter` is in `0.0..1.0`: a pause is lengthened by up to a fifth, so that many deliveries that
/// failed together do not come back together. `retry_after` is what the receiver asked for, in seconds.
pub fn after_try(
    status: Option<u16>,
    tries: i64,
    now: Timestamp,
    jitter: f64,
    retry_after: Option<i64>,
) -> Next {
    match status {
        Some(200..=299) => return Next::Delivered,
        Some(410) => return Next::Gone,
        _ => {}
    }
    let pause = usize::try_from(tries).ok().and_then(|tries| PAUSES.get(tries.saturating_sub(1)));
    let Some(&pause) = pause else { return Next::GivenUp };
    let jitter = if jitter.is_nan() { 0.0 } else { jitter.clamp(0.0, 1.0) };
    let lengthened = (pause as f64 * 1_000.0 * (1.0 + jitter / 5.0)) as i64;
    let asked = retry_after.unwrap_or(0).clamp(0, LONGEST_PAUSE) * 1_000;
    Next::Again(time::later(now, Duration::milliseconds(lengthened.max(asked))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-07-01T08:00:00Z".parse().unwrap()
    }

    fn pause(status: Option<u16>, tries: i64, jitter: f64, asked: Option<i64>) -> Option<i64> {
        match after_try(status, tries, now(), jitter, asked) {
            Next::Again(at) => Some((at - now()).num_seconds()),
            _ => None,
        }
    }

    #[test]
    fn pauses_grow_from_seconds_to_a_day_and_end_after_ten_tries() {
        let pauses: Vec<_> =
            (1..=10).map_while(|tries| pause(Some(500), tries, 0.0, None)).collect();
        assert_eq!(pauses, PAUSES);
        assert_eq!(after_try(None, 10, now(), 0.0, None), Next::GivenUp);
        let days = pauses.iter().sum::<i64>() as f64 / 86_400.0;
        assert!((3.0..4.0).contains(&days), "{days}");
    }

    #[test]
    fn jitter_lengthens_a_pause_by_a_fifth_at_most() {
        assert_eq!(pause(None, 2, 0.0, None), Some(300));
        assert_eq!(pause(None, 2, 1.0, None), Some(360));
        assert_eq!(pause(None, 2, f64::NAN, None), Some(300));
    }

    #[test]
    fn a_receiver_may_ask_for_more_patience_but_not_for_ever() {
        assert_eq!(pause(Some(503), 1, 0.0, Some(120)), Some(120));
        assert_eq!(pause(Some(429), 3, 0.0, Some(1)), Some(1_800));
        assert_eq!(pause(Some(429), 1, 0.0, Some(i64::MAX)), Some(LONGEST_PAUSE));
    }

    #[test]
    fn only_2xx_is_delivered_and_410_ends_it() {
        for status in [200, 202, 204] {
            assert_eq!(after_try(Some(status), 1, now(), 0.0, None), Next::Delivered);
        }
        for status in [101, 301, 308, 400, 404, 422, 429, 500, 503] {
            assert!(pause(Some(status), 1, 0.0, None).is_some(), "{status}");
        }
        assert_eq!(after_try(Some(410), 1, now(), 0.0, None), Next::Gone);
    }

    #[test]
    fn what_follows_the_host_is_kept_from_those_who_may_not_change_it() {
        let webhook = |url: &str| Webhook {
            id: WebhookId::new(uuid::Uuid::nil()),
            workspace: WorkspaceId::new(uuid::Uuid::nil()),
            url: url.to_owned(),
            name: String::new(),
            events: Vec::new(),
            site: String::new(),
            created_at: now(),
            disabled: None,
        };
        let shown = |url: &str| webhook(url).without_path().url;
        assert_eq!(shown("https://a.example/T0/secret"), "https://a.example/…");
        assert_eq!(shown("https://a.example?token=secret"), "https://a.example/…");
        assert_eq!(shown("https://a.example"), "https://a.example");
    }
}
