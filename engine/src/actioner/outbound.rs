//! What remote actioners share: one request to a receiver, and what its answer amounts to.

use domain::{
    Timestamp,
    effect::ActionerClass,
    money::Usd,
    problem::{Failure, FailureKind},
};
use serde_json::Value;
use tracing::Instrument as _;

use crate::{
    net::{Guard, HttpClient, Method, Request, Response},
    services::DestinationSecrets,
    signature,
    span::Calling,
};

/// The way out for one workspace.
#[derive(Debug, Clone, Copy)]
pub struct Outbound<'a> {
    pub client: &'a HttpClient,
    pub guard: &'a Guard,
    /// What requests are signed with, by destination.
    pub(crate) secrets: &'a DestinationSecrets,
    /// The part of the trace that goes on at the receiver.
    pub calling: Calling,
    /// When the request is signed.
    pub now: Timestamp,
}

impl Outbound<'_> {
    /// Posts JSON. The same body with the same key is the same bytes.
    pub(super) async fn post(
        &self,
        url: &str,
        body: &Value,
        key: &str,
        class: ActionerClass,
    ) -> Result<Response, Failure> {
        let body = domain::canonical::bytes(body);
        let mut headers = self.signed(url, key, &body)?;
        // Without its id a signature means nothing, so the key goes along wherever one is.
        let keyed = matches!(class, ActionerClass::KeyedRemote { .. }) || !headers.is_empty();
        headers.push(("traceparent".to_owned(), self.calling.parent.to_string()));
        let request = Request {
            method: Method::POST,
            url,
            headers: &headers,
            content_type: "application/json",
            body,
            idempotency_key: keyed.then_some(key),
        };
        let span = self.calling.span(&self.guard.check(url)?.destination());
        let sent = self.client.send(self.guard, request).instrument(span.clone()).await;
        let response = sent.map_err(Failure::from).inspect_err(|failure| {
            span.record("failure", failure.code.as_str());
        })?;
        span.record("status", response.status);
        match judge(response.status, class) {
            None => Ok(response),
            Some(kind) => Err(Failure::new(
                &format!("http-{}", response.status),
                format!("The receiver answered with status {}.", response.status),
                kind,
            )),
        }
    }

    /// The headers that sign a request, where its destination has a secret.
    fn signed(&self, url: &str, key: &str, body: &[u8]) -> Result<Vec<(String, String)>, Failure> {
        if self.secrets.is_empty() {
            return Ok(Vec::new());
        }
        match self.secrets.get(&self.guard.check(url)?.destination()) {
            None => Ok(Vec::new()),
            Some(Ok(secrets)) => Ok(signature::headers(key, self.now, body, secrets)),
            Some(Err(_)) => Err(Failure::transient(
                "secret-not-readable",
                "The request has to be signed, but the secret cannot be read, so nothing was sent.",
            )),
        }
    }
}

/// What a receiver says that its work cost: `cost_usd` at the top of its JSON answer, an exact decimal
/// as text. Anything else says nothing.
pub(super) fn reported_cost(response: &Response) -> Option<Usd> {
    let answer: Value = serde_json::from_slice(&response.body).ok()?;
    answer.get("cost_usd")?.as_str()?.parse().ok()
}

/// What a status amounts to; `None` is success.
///
/// Without a key a status only counts as transient if it says that the request was not taken.
fn judge(status: u16, class: ActionerClass) -> Option<FailureKind> {
    let keyed = matches!(class, ActionerClass::KeyedRemote { .. });
    match status {
        200..=299 => None,
        425 | 429 | 503 => Some(FailureKind::Transient),
        408 | 409 if keyed => Some(FailureKind::Transient),
        500..=599 if keyed => Some(FailureKind::Transient),
        408 | 500..=599 => Some(FailureKind::Unknown),
        _ => Some(FailureKind::Deterministic),
    }
}

/// The class of a delivery: keyed unless the definition says that the receiver ignores keys.
pub(super) fn class(options: &Value) -> ActionerClass {
    if options.get("keyed").and_then(Value::as_bool) == Some(false) {
        return ActionerClass::UnkeyedRemote;
    }
    let hours = options.get("key-window-hours").and_then(Value::as_i64).unwrap_or(23);
    ActionerClass::KeyedRemote { window_seconds: hours.clamp(0, 24 * 365) * 3_600 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYED: ActionerClass = ActionerClass::KeyedRemote { window_seconds: 60 };

    #[test]
    fn an_answer_that_may_hide_an_effect_is_unknown_without_a_key() {
        for status in [408, 500, 502, 504] {
            assert_eq!(judge(status, KEYED), Some(FailureKind::Transient), "{status}");
            let unkeyed = judge(status, ActionerClass::UnkeyedRemote);
            assert_eq!(unkeyed, Some(FailureKind::Unknown), "{status}");
        }
    }

    #[test]
    fn a_request_that_was_not_taken_is_transient_for_everyone() {
        for status in [425, 429, 503] {
            for class in [KEYED, ActionerClass::UnkeyedRemote] {
                assert_eq!(judge(status, class), Some(FailureKind::Transient));
            }
        }
    }

    #[test]
    fn a_redirect_and_a_refusal_are_deterministic() {
        for status in [301, 308, 400, 403, 404, 422] {
            assert_eq!(judge(status, KEYED), Some(FailureKind::Deterministic));
        }
    }
}
