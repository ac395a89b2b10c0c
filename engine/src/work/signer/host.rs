//! What only somebody on the host can do: compare a log with what was signed of it, accept a log that
//! is not the one that was signed, and put another key in the place of the last.

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::WorkspaceId,
    member::Principal,
};
use serde_json::json;

use super::{
    Signer, SignerError,
    log::{Log, off_the_loop},
    recount::Counted,
    seal::Seal,
};
use crate::{
    services::{ServiceError, check_reason},
    store::{Session, SigningRefusal, Tx},
};

/// How many entries are looked at at once.
const BATCH: u64 = 2_000;

impl Signer {
    /// Counts a log from its first entry and compares it with what was signed of it, here and in the
    /// database; stores nothing. Answers with how many entries were signed, or what is wrong; `None`
    /// if it was never signed.
    pub async fn examine(
        &self,
        workspace: WorkspaceId,
        now: Timestamp,
    ) -> Result<Option<Result<u64, SigningRefusal>>, SignerError> {
        let Some(log) = self.open(workspace, now).await? else { return Ok(None) };
        let refusal = self.standing_refusal(&log, now).await?;
        Ok(Some(refusal.map_or_else(|| Ok(log.signed_size()), Err)))
    }

    /// Signs a log as it is, although it is not the one that was signed, and enters why. Answers with
    /// how many entries it then has. Refused while nothing is wrong, and where entries are missing
    /// before others: such a log has to be restored.
    pub async fn accept_rollback(
        &self,
        workspace: WorkspaceId,
        reason: &str,
        now: Timestamp,
    ) -> Result<u64, SignerError> {
        let reason = check_reason(reason)?;
        let fence = self.take_over(now).await?;
        let accepted = self.accept(workspace, &reason, fence, now).await;
        self.end_term().await?;
        accepted
    }

    async fn accept(
        &self,
        workspace: WorkspaceId,
        reason: &str,
        fence: i64,
        now: Timestamp,
    ) -> Result<u64, SignerError> {
        let never = || ServiceError::conflict("never-signed", "this log was never signed");
        let log = self.open(workspace, now).await?.ok_or_else(never)?;
        let nothing = || {
            let message = "the log is the one that was signed; there is nothing to accept";
            ServiceError::conflict("nothing-to-accept", message)
        };
        let refusal = self.standing_refusal(&log, now).await?.ok_or_else(nothing)?;
        let mut session = self.services.store.read().await?;
        let counted = as_it_is(&mut session, workspace).await?;
        drop(session);
        let payload = json!({
            "reason": reason,
            "refusal": refusal.code,
            "found": refusal.message,
            "signed_entries": refusal.signed_size,
            "entries": counted.tree.size(),
            "first_wrong": refusal.first_wrong,
        });
        let object = Object::new("workspace", workspace);
        let draft = Draft::new(Principal::Host, Verb::LogRollbackAccepted, object).with(payload);
        let (ids, dir) = (self.services.ids.clone(), self.dir.clone());
        let (told, epoch, drafts) = (log.clone(), log.epoch() + 1, vec![draft]);
        let seal = Seal { log, counted, drafts, epoch, fence, now, ids, dir };
        let accepted = self.services.store.write(move |tx| Box::pin(accept_in(tx, seal)));
        let size = accepted.await?.ok_or_else(term_lost)?;
        self.tell(&told, size);
        Ok(size)
    }

    /// The refusal that stands, or the one that would be made now, if any.
    async fn standing_refusal(
        &self,
        log: &Log,
        now: Timestamp,
    ) -> Result<Option<SigningRefusal>, SignerError> {
        let mut session = self.services.store.read().await?;
        if let Some(refusal) = session.signing_refusal(log.workspace).await? {
            return Ok(Some(refusal));
        }
        let (found, _) = session.audit_root(log.workspace).await?;
        drop(session);
        let fault = self.count(log, true).await?.err();
        Ok(fault.map(|fault| fault.refusal(log.signed_size(), found, now)))
    }

    /// Puts a new key in the place of the present one. In every log that was ever signed the old key
    /// signs an entry that names the new one, and the new one signs the same checkpoint. Answers with
    /// the new public keys.
    pub async fn rotate_key(&self, now: Timestamp) -> Result<Vec<String>, SignerError> {
        let fence = self.take_over(now).await?;
        let rotated = self.rotate(fence, now).await;
        self.end_term().await?;
        rotated
    }

    async fn rotate(&self, fence: i64, now: Timestamp) -> Result<Vec<String>, SignerError> {
        let states = self.services.store.read().await?.log_states().await?;
        if states.iter().any(|state| state.refused) {
            let message = "a log is refused; resolve that before the key is changed";
            return Err(ServiceError::conflict("signing-refused", message).into());
        }
        if states.iter().all(|state| state.signed.is_none()) {
            let message = "nothing was signed yet, so there is no key to put another in place of";
            return Err(ServiceError::conflict("never-signed", message).into());
        }
        let (dir, ids) = (self.dir.clone(), self.services.ids.clone());
        off_the_loop(move || dir.begin_rotation(&ids)).await?;
        let mut keys = Vec::new();
        for state in states.iter().filter(|state| state.signed.is_some()) {
            keys.extend(self.rotate_in(state.workspace, fence, now).await?);
        }
        let dir = self.dir.clone();
        off_the_loop(move || dir.finish_rotation()).await?;
        Ok(keys)
    }

    /// The rotation in one log, unless it was done there before an interruption.
    async fn rotate_in(
        &self,
        workspace: WorkspaceId,
        fence: i64,
        now: Timestamp,
    ) -> Result<Option<String>, SignerError> {
        let Some(log) = self.open(workspace, now).await? else { return Ok(None) };
        let Some(new) = log.keys.get(1).map(|key| key.verifier().to_string()) else {
            return Ok(None);
        };
        if log.known.contains(&new) {
            return Ok(Some(new));
        }
        let counted = match self.count(&log, false).await? {
            Ok(counted) => counted,
            Err(fault) => {
                self.refuse(&log, fault, now).await?;
                let message = format!("the log {} is refused; see `assize doctor`", log.origin);
                return Err(ServiceError::conflict("signing-refused", message).into());
            }
        };
        let object = Object::new("signing-key", &new);
        let draft = Draft::new(Principal::Host, Verb::SigningKeyRotated, object);
        match self.seal(log, counted, vec![draft], fence, now).await? {
            true => Ok(Some(new)),
            false => Err(term_lost().into()),
        }
    }

    /// Takes the term away from whoever has it, for an act of the host.
    async fn take_over(&self, now: Timestamp) -> Result<i64, SignerError> {
        Ok(self.take_term(now, true).await?.ok_or_else(term_lost)?)
    }
}

fn term_lost() -> ServiceError {
    let message = "another process began to sign in the meantime; try again";
    ServiceError::conflict("term-lost", message)
}

/// Counts the entries there are, whatever their hashes should be.
async fn as_it_is(session: &mut Session, workspace: WorkspaceId) -> Result<Counted, SignerError> {
    let mut counted = Counted::default();
    loop {
        let lines = session.log_lines(workspace, counted.tree.size(), BATCH).await?;
        if lines.is_empty() {
            return Ok(counted);
        }
        for line in lines {
            let seq = counted.tree.size();
            if line.seq != seq {
                let message =
                    format!("entry {seq} is missing and later ones are there; restore a backup");
                return Err(ServiceError::conflict("entry-missing", message).into());
            }
            counted.push(line.hash());
        }
    }
}

/// Makes the head of the log that of its entries, then signs it in a new epoch.
async fn accept_in(tx: &mut Tx, seal: Seal) -> Result<Option<u64>, SignerError> {
    let (workspace, now) = (seal.log.workspace, seal.now);
    if !tx.holds_signing_term(seal.fence).await? {
        return Ok(None);
    }
    let (size, root) = tx.audit_root(workspace).await?;
    let counted = &seal.counted.tree;
    if size > counted.size() && tx.log_lines(workspace, counted.size(), 1).await?.len() == 1 {
        let message = "the log grew while it was counted; try again";
        return Err(ServiceError::conflict("log-grew", message).into());
    }
    if (size, root) != (counted.size(), counted.root()) {
        tx.store_audit_head(workspace, counted).await?;
    }
    tx.resolve_signing_refusal(workspace, now).await?;
    seal.sign(tx).await
}
