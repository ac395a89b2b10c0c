//! Requests with a key are carried out once, and answered alike however often they are sent.
//!
//! A key is taken before anything is done. The transaction of the change marks it (`Store::write`, by
//! way of [`crate::once`]), so what was done is known even if the process dies before the answer is
//! kept. Who takes over after a crash therefore finds one of two things: nothing was done, and it does
//! it; or it was done, and says that the answer was lost.

use chrono::TimeDelta;
use domain::{id::WorkspaceId, member::Principal};

use super::{ServiceError, Services};
use crate::{
    once::Claim,
    store::{Answer, StoreError, Tx},
};

/// How long a key is remembered.
pub const KEPT: TimeDelta = TimeDelta::hours(24);

/// How long a request may be under way: well beyond the patience of the web server.
const LEASE: TimeDelta = TimeDelta::seconds(120);

/// A request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedRequest {
    pub workspace: WorkspaceId,
    pub principal: Principal,
    pub key: String,
    /// Over everything that makes it the request it is.
    pub digest: String,
}

/// What becomes of a request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyStanding {
    /// It is to be carried out now.
    Mine(Claim),
    /// It was carried out, and answered so.
    Answered(Answer),
    /// It is being carried out.
    InFlight,
    /// The key was used for another request.
    OtherRequest,
    /// It was carried out, and the answer was lost.
    AnswerLost,
}

impl Services {
    /// Takes the key of a request, or says what became of it before.
    pub async fn claim_key(&self, request: KeyedRequest) -> Result<KeyStanding, ServiceError> {
        let now = self.clock.now();
        let lease_until = now + LEASE;
        self.write(move |tx| {
            Box::pin(async move {
                tx.forget_idempotency_keys(request.workspace, now - KEPT).await?;
                let claim = Claim {
                    workspace: request.workspace,
                    principal: name_of(request.principal),
                    key: request.key,
                    attempt: 1,
                };
                if tx.take_idempotency_key(&claim, &request.digest, now, lease_until).await? {
                    return Ok(KeyStanding::Mine(claim));
                }
                let Claim { workspace, principal, key, .. } = &claim;
                let known = tx.idempotency_key(*workspace, principal, key).await?;
                let known = known.ok_or_else(gone)?;
                if known.digest != request.digest {
                    return Ok(KeyStanding::OtherRequest);
                }
                Ok(match known.answer {
                    Some(answer) => KeyStanding::Answered(answer),
                    None if known.lease_until > now => KeyStanding::InFlight,
                    None if known.changed => KeyStanding::AnswerLost,
                    None => {
                        let claim = Claim { attempt: known.attempt + 1, ..claim };
                        take_over(tx, claim, lease_until).await?
                    }
                })
            })
        })
        .await
    }

    /// Keeps the answer to a request that was carried out.
    pub async fn keep_answer(&self, claim: Claim, answer: Answer) -> Result<(), ServiceError> {
        self.write(move |tx| {
            Box::pin(async move {
                tx.answer_idempotency_key(&claim, &answer).await?;
                Ok(())
            })
        })
        .await
    }

    /// Gives a key back whose request came to nothing, so that it can be sent again.
    pub async fn release_key(&self, claim: Claim) -> Result<(), ServiceError> {
        self.write(move |tx| {
            Box::pin(async move {
                tx.release_idempotency_key(&claim).await?;
                Ok(())
            })
        })
        .await
    }
}

async fn take_over(
    tx: &mut Tx,
    claim: Claim,
    lease_until: domain::Timestamp,
) -> Result<KeyStanding, ServiceError> {
    tx.take_over_idempotency_key(&claim, lease_until).await?;
    Ok(KeyStanding::Mine(claim))
}

/// The row was there a moment ago, and its transaction is ours.
fn gone() -> ServiceError {
    let what = "an idempotency key";
    ServiceError::Store(StoreError::Stale { what, expected: 1, changed: 0 })
}

/// Keys of one token are not those of another, nor those of the member's own session.
fn name_of(principal: Principal) -> String {
    let token = principal.token().map(|token| token.to_string());
    let member = || principal.member().map(|member| member.to_string());
    token.or_else(member).unwrap_or_else(|| principal.kind().to_owned())
}
