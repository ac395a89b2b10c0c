//! Time stamps of an independent authority over checkpoints (RFC 3161): they bound how far back whoever
//! holds the signing key could rewrite the log.

use std::fmt::Display;

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    permission::Permission,
};
use ledger::timestamp;
use serde_json::json;

use super::{Caller, ServiceError, Services};
use crate::store::{CheckpointStamp, SignedCheckpoint, StoreError};

/// A request to an authority, and what it is about.
#[derive(Debug, Clone)]
pub struct StampRequest {
    pub checkpoint: SignedCheckpoint,
    pub nonce: u64,
    /// A `TimeStampReq` in DER, to be sent as `application/timestamp-query`.
    pub query: Vec<u8>,
}

/// What an authority answered.
#[derive(Debug, Clone)]
pub struct StampAnswer {
    /// Entries under the checkpoint that was to be stamped.
    pub size: u64,
    /// A `TimeStampResp` in DER.
    pub token: Vec<u8>,
    /// The nonce of the request; not known of an answer that was fetched by hand.
    pub nonce: Option<u64>,
}

impl Services {
    /// The token over the last checkpoint that has one.
    pub async fn latest_stamp(
        &self,
        caller: Caller,
    ) -> Result<Option<CheckpointStamp>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        Ok(session.latest_stamp(caller.workspace).await?)
    }

    /// What to send to an authority to have the last checkpoint stamped.
    pub async fn stamp_request(&self, caller: Caller) -> Result<StampRequest, ServiceError> {
        let checkpoint = self.latest_checkpoint(caller).await?;
        let checkpoint = checkpoint.ok_or(ServiceError::NotFound("checkpoint"))?;
        let salt = self.ids.salt();
        let nonce = salt.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        let query = timestamp::request(checkpoint.note.as_bytes(), nonce);
        Ok(StampRequest { checkpoint, nonce, query })
    }

    /// Keeps the token of an authority after it was checked against the certificates of that
    /// authority, in PEM or DER.
    ///
    /// # Errors
    /// `stamp-not-valid` when the token does not prove what it should, `stamped-already`.
    pub async fn attach_stamp(
        &self,
        caller: Caller,
        answer: StampAnswer,
        authority: &[u8],
    ) -> Result<CheckpointStamp, ServiceError> {
        self.require(caller, Permission::StampCheckpoints).await?;
        let StampAnswer { size, token, nonce } = answer;
        let checkpoint = self.checkpoint_at(caller, size).await?;
        let checkpoint = checkpoint.ok_or(ServiceError::NotFound("checkpoint"))?;
        let proven = timestamp::verify(&token, checkpoint.note.as_bytes(), authority)
            .map_err(|error| not_valid(&error))?;
        if nonce.is_some() && proven.nonce != nonce {
            return Err(not_valid(&"it answers another request"));
        }
        let stamped_at = proven.time.parse::<Timestamp>().map_err(|error| not_valid(&error))?;
        let stamp = CheckpointStamp { size, token, stamped_at, received_at: self.clock.now() };
        self.store_stamp(caller, checkpoint, stamp).await
    }

    async fn store_stamp(
        &self,
        caller: Caller,
        checkpoint: SignedCheckpoint,
        stamp: CheckpointStamp,
    ) -> Result<CheckpointStamp, ServiceError> {
        let object = Object::new("workspace", caller.workspace);
        let draft = Draft::new(caller.principal, Verb::CheckpointStamped, object)
            .with(json!({"entries": stamp.size, "stamped_at": stamp.stamped_at}));
        let ids = self.ids.clone();
        let stored = self.write(move |tx| {
            Box::pin(async move {
                tx.insert_checkpoint_stamp(&checkpoint, &stamp).await?;
                tx.append_audit(caller.workspace, &ids, stamp.received_at, &[draft]).await?;
                Ok(stamp)
            })
        });
        match stored.await {
            Err(ServiceError::Store(StoreError::Conflict(_))) => {
                let message = "this checkpoint has a time stamp already";
                Err(ServiceError::conflict("stamped-already", message))
            }
            stored => stored,
        }
    }
}

fn not_valid(error: &dyn Display) -> ServiceError {
    ServiceError::conflict("stamp-not-valid", error.to_string())
}
