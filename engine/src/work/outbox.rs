//! Sends what the outbox holds to the webhooks it is for, again and again over days where they do not
//! take it.
//!
//! A delivery is claimed under a lease, as items are: a worker that dies leaves it to the next, which
//! sends the same bytes under the same id. What became of a try and what follows from it is one
//! transaction, fenced by the number of the attempt.

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::DeliveryAttemptId,
    lease::{CALL_TIMEOUT, LEASE, may_send},
    member::Principal,
    problem::Failure,
    webhook::{
        DeliveryAttempt, DeliveryState, Disabled, DisabledBecause, Next, Webhook, after_try,
    },
};
use serde_json::json;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::{
    net::{Guard, HttpClient, Method, Request, Response},
    services::{ServiceError, Services},
    signature,
    store::{ClaimedDelivery, Signs, StoreError, Tx},
};

/// Deliveries under way at the same time in one process: more than one receiver can hold up.
const CALLS: usize = 32;

/// Calls that are under way.
pub(super) type Calls = JoinSet<Result<(), ServiceError>>;

/// The outbox as one process empties it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbox {
    services: Services,
    http: HttpClient,
}

/// What came of a try.
#[derive(Debug, Default)]
struct Tried {
    signature: Option<String>,
    status: Option<u16>,
    response: Option<String>,
    failure: Option<Failure>,
    /// What the receiver asked for, in seconds.
    retry_after: Option<i64>,
}

impl Outbox {
    pub fn new(services: Services, http: HttpClient) -> Self {
        Self { services, http }
    }

    /// Sends what is due `now` and waits for the answers. Answers with how many tries that were.
    pub async fn tick(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let mut calls = Calls::new();
        let taken = self.take(now, &mut calls).await?;
        while let Some(done) = calls.join_next().await {
            done.unwrap_or_else(|error| {
                Err(ServiceError::conflict("call-aborted", error.to_string()))
            })?;
        }
        Ok(taken)
    }

    /// Claims as many as there is room for; their calls go on in `calls`.
    pub(super) async fn take(
        &self,
        now: Timestamp,
        calls: &mut Calls,
    ) -> Result<usize, ServiceError> {
        let free = CALLS.saturating_sub(calls.len());
        if free == 0 {
            return Ok(0);
        }
        let lease_until = now + LEASE;
        let claimed = self.claim(now, lease_until, free).await?;
        let taken = claimed.len();
        for claim in claimed {
            let outbox = self.clone();
            calls.spawn(async move { outbox.deliver(claim, lease_until).await });
        }
        Ok(taken)
    }

    async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        free: usize,
    ) -> Result<Vec<ClaimedDelivery>, ServiceError> {
        // Looked at first without a transaction: mostly there is nothing.
        let due = self.services.store.read().await?.next_delivery_due().await?;
        if due.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let ids = self.services.ids.clone();
        let limit = i64::try_from(free).unwrap_or(1);
        self.services
            .write(move |tx| {
                Box::pin(async move {
                    let claimed = tx.claim_deliveries(now, lease_until, limit).await?;
                    for claim in &claimed {
                        let Some(since) = claim.interrupted else { continue };
                        let id = DeliveryAttemptId::new(ids.uuid(now));
                        let lost = interrupted(id, claim, since, now);
                        tx.insert_delivery_attempts(claim.workspace, &[lost]).await?;
                    }
                    Ok(claimed)
                })
            })
            .await
    }

    async fn deliver(
        &self,
        claim: ClaimedDelivery,
        lease_until: Timestamp,
    ) -> Result<(), ServiceError> {
        let started_at = self.services.clock.now();
        // What is left of the lease must cover the whole call, or somebody else might send it, too.
        if !may_send(lease_until, started_at) {
            return Ok(());
        }
        let limit = CALL_TIMEOUT.to_std().unwrap_or_default();
        let sending = self.send(&claim, started_at);
        let tried = match tokio::time::timeout(limit, sending).await {
            Ok(tried) => tried?,
            Err(_) => Tried::failed(Failure::unknown(
                "call-timeout",
                "The receiver did not answer within 20 seconds; whether it was told is not known.",
            )),
        };
        let outbox = self.clone();
        let stored = self.services.write(move |tx| {
            Box::pin(async move { outbox.store(tx, &claim, started_at, tried).await })
        });
        match stored.await {
            Err(ServiceError::Store(StoreError::Stale { .. })) => {
                warn!("a delivery was taken over by another worker");
                Ok(())
            }
            stored => stored,
        }
    }

    /// Signs and sends, unless there is nobody to send it to.
    async fn send(&self, claim: &ClaimedDelivery, at: Timestamp) -> Result<Tried, ServiceError> {
        let mut session = self.services.store.read().await?;
        let webhook = session.webhook(claim.workspace, claim.webhook).await?;
        let guard = Guard::new(session.destinations(claim.workspace).await?);
        drop(session);
        if webhook.is_none_or(|webhook| webhook.disabled.is_some()) {
            let message = "The webhook was removed or disabled meanwhile, so nothing was sent.";
            return Ok(Tried::failed(Failure::transient("webhook-disabled", message)));
        }
        let signs = Signs::Webhook(claim.webhook);
        let secrets = match self.services.open_secrets(claim.workspace, &signs, at).await {
            Err(ServiceError::Conflict { message, .. }) => {
                return Ok(Tried::failed(Failure::transient("secret-not-readable", message)));
            }
            secrets => secrets?,
        };
        let (id, body) = (claim.id.to_string(), claim.body.as_bytes());
        let headers = signature::headers(&id, at, body, &secrets);
        let request = Request {
            method: Method::POST,
            url: &claim.url,
            headers: &headers,
            content_type: "application/json",
            body: body.to_vec(),
            idempotency_key: Some(&id),
        };
        let signature = signature::signature(&id, at, body, &secrets);
        let tried = match self.http.send(&guard, request).await {
            Ok(response) => Tried::answered(&response),
            Err(error) => Tried::failed(error.into()),
        };
        Ok(Tried { signature: Some(signature), ..tried })
    }

    /// Stores what came of a try and what follows from it.
    async fn store(
        &self,
        tx: &mut Tx,
        claim: &ClaimedDelivery,
        started_at: Timestamp,
        tried: Tried,
    ) -> Result<(), ServiceError> {
        let (ids, now) = (&self.services.ids, self.services.clock.now());
        let next = after_try(tried.status, claim.tries, now, ids.jitter(), tried.retry_after);
        let webhook = tx.lock_webhook(claim.workspace, claim.webhook).await?;
        let (state, due_at) = match (next, &webhook) {
            (Next::Delivered, _) => (DeliveryState::Delivered, None),
            (Next::Again(at), Some(webhook)) => {
                (DeliveryState::Queued, Some(at).filter(|_| webhook.disabled.is_none()))
            }
            _ => (DeliveryState::Failed, None),
        };
        let ended_at = (state != DeliveryState::Queued).then_some(now);
        tx.finish_delivery(claim, state, due_at, ended_at).await?;
        let id = DeliveryAttemptId::new(ids.uuid(now));
        let attempt = tried.attempt(id, claim, started_at, now);
        tx.insert_delivery_attempts(claim.workspace, &[attempt]).await?;
        let draft = match (next, webhook) {
            (Next::Gone, Some(webhook)) => disable(tx, claim, webhook, now).await?,
            (Next::GivenUp, _) => Some(given_up(claim)),
            _ => None,
        };
        Ok(tx.append_audit(claim.workspace, ids, now, draft.as_slice()).await?)
    }
}

impl Tried {
    fn failed(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }

    fn answered(response: &Response) -> Self {
        let status = response.status;
        let taken = matches!(status, 200..=299);
        let failure = (!taken).then(|| {
            let message = format!("The receiver answered with status {status}.");
            let code = format!("http-{status}");
            match status {
                410 => Failure::deterministic(&code, message),
                _ => Failure::transient(&code, message),
            }
        });
        let retry_after = response.headers.get("retry-after").and_then(|text| text.parse().ok());
        let response = Some(beginning(&response.body)).filter(|text| !text.is_empty());
        Self { signature: None, status: Some(status), response, failure, retry_after }
    }

    fn attempt(
        self,
        id: DeliveryAttemptId,
        claim: &ClaimedDelivery,
        started_at: Timestamp,
        ended_at: Timestamp,
    ) -> DeliveryAttempt {
        DeliveryAttempt {
            id,
            delivery: claim.id,
            number: claim.attempt,
            started_at,
            ended_at,
            signature: self.signature,
            status: self.status.map(i64::from),
            response: self.response,
            failure: self.failure,
        }
    }
}

/// The beginning of an answer, as text that can be stored and shown.
fn beginning(body: &[u8]) -> String {
    let shown = |letter: char| match letter {
        '\n' | '\t' => letter,
        letter if letter.is_control() => '\u{FFFD}',
        letter => letter,
    };
    let text = String::from_utf8_lossy(body);
    text.chars().map(shown).take(DeliveryAttempt::RESPONSE_LIMIT).collect()
}

/// A try of which nobody said what became of it.
fn interrupted(
    id: DeliveryAttemptId,
    claim: &ClaimedDelivery,
    since: Timestamp,
    now: Timestamp,
) -> DeliveryAttempt {
    let message = "The worker was interrupted; whether the receiver was told is not known.";
    let lost = Tried::failed(Failure::unknown("interrupted", message));
    DeliveryAttempt { number: claim.attempt - 1, ..lost.attempt(id, claim, since, now) }
}

/// The receiver wants no more: nothing is sent to the webhook until somebody enables it again.
async fn disable(
    tx: &mut Tx,
    claim: &ClaimedDelivery,
    webhook: Webhook,
    now: Timestamp,
) -> Result<Option<Draft>, ServiceError> {
    if webhook.disabled.is_some() {
        return Ok(None);
    }
    info!(webhook = %claim.webhook, "a webhook is gone and was disabled");
    let disabled = Some(Disabled { at: now, because: DisabledBecause::Gone });
    tx.update_webhook(&Webhook { disabled, ..webhook }).await?;
    tx.hold_deliveries(claim.workspace, claim.webhook, None).await?;
    let object = Object::new("webhook", claim.webhook);
    let said = json!({"delivery": claim.id, "attempt": claim.attempt});
    Ok(Some(Draft::new(Principal::System, Verb::WebhookGone, object).with(said)))
}

fn given_up(claim: &ClaimedDelivery) -> Draft {
    let object = Object::new("delivery", claim.id);
    Draft::new(Principal::System, Verb::DeliveryFailed, object).with(json!({
        "webhook": claim.webhook,
        "event": claim.event,
        "attempts": claim.attempt,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_answer_only_a_beginning_that_can_be_shown_is_kept() {
        assert_eq!(beginning(b"fine\n\0\x1b[31m\xff"), "fine\n\u{FFFD}\u{FFFD}[31m\u{FFFD}");
        assert_eq!(beginning("é".repeat(5_000).as_bytes()).chars().count(), 1_000);
    }
}
