//! The transaction in which a log is signed: the last entries, the kept file, the published row.

use domain::{Timestamp, audit::Draft, webhook::Notice};
use ledger::{Checkpoint, SignerKey};

use super::{
    Signer, SignerError,
    log::{Log, off_the_loop},
    recount::Counted,
};
use crate::{
    ids::Ids,
    signing::SigningDir,
    store::{SignedCheckpoint, StoreError, Tx},
};

/// A log that was counted and may be signed.
pub(super) struct Seal {
    pub log: Log,
    pub counted: Counted,
    /// What is entered before.
    pub drafts: Vec<Draft>,
    pub epoch: i64,
    pub fence: i64,
    pub now: Timestamp,
    pub ids: Ids,
    pub dir: SigningDir,
}

impl Signer {
    /// Enters the drafts and signs the log with them. False if the term is somebody else's by now.
    pub(super) async fn seal(
        &self,
        log: Log,
        counted: Counted,
        drafts: Vec<Draft>,
        fence: i64,
        now: Timestamp,
    ) -> Result<bool, SignerError> {
        let (ids, dir) = (self.services.ids.clone(), self.dir.clone());
        let (told, epoch) = (log.clone(), log.epoch());
        let seal = Seal { log, counted, drafts, epoch, fence, now, ids, dir };
        let store = &self.services.store;
        let signed = store.write(move |tx| Box::pin(seal.sign(tx))).await?;
        if let Some(size) = signed {
            self.tell(&told, size);
        }
        Ok(signed.is_some())
    }
}

impl Seal {
    /// Signs the log, and answers with how many entries it then has; `None` if the term is somebody
    /// else's by now.
    pub(super) async fn sign(mut self, tx: &mut Tx) -> Result<Option<u64>, SignerError> {
        if !tx.holds_signing_term(self.fence).await? {
            return Ok(None);
        }
        tx.append_audit(self.log.workspace, &self.ids, self.now, &self.drafts).await?;
        self.count_on(tx).await?;
        let signed = self.checkpoint()?;
        // Kept before it is published: whatever is published is known here for ever.
        let (dir, workspace, note) = (self.dir.clone(), signed.workspace, signed.note.clone());
        off_the_loop(move || dir.keep(workspace, &note)).await?;
        tx.insert_audit_nodes(workspace, self.epoch, &self.counted.nodes).await?;
        for vkey in self.log.keys.iter().map(|key| key.verifier().to_string()) {
            if !self.log.known.contains(&vkey) {
                tx.insert_signing_key(workspace, &vkey, self.dir.custody(), self.now).await?;
            }
        }
        tx.insert_checkpoint(&signed).await?;
        let notice = Notice::checkpoint(signed.number, signed.size, &signed.note);
        tx.announce(workspace, &self.ids, self.now, vec![notice]).await?;
        Ok(Some(signed.size))
    }

    /// Counts what came since, which includes what was entered just now.
    async fn count_on(&mut self, tx: &mut Tx) -> Result<(), SignerError> {
        let (size, root) = tx.audit_root(self.log.workspace).await?;
        let met = self.counted.count(tx, self.log.workspace, size, &[]).await?;
        if met.is_err() || self.counted.tree.root() != root {
            let column = "frontier";
            let message =
                "the entries that came while the log was counted are not those of its head";
            let table = "audit_head";
            return Err(StoreError::Inconsistent { table, column, message: message.into() }.into());
        }
        Ok(())
    }

    fn checkpoint(&self) -> Result<SignedCheckpoint, SignerError> {
        let Log { workspace, origin, keys, stored, .. } = &self.log;
        let (size, root) = (self.counted.tree.size(), self.counted.tree.root());
        let keys: Vec<&SignerKey> = keys.iter().collect();
        let note = Checkpoint { origin: origin.clone(), size, root }.sign(&keys)?;
        let number = stored.as_ref().map_or(1, |stored| stored.number + 1);
        let (workspace, epoch, signed_at) = (*workspace, self.epoch, self.now);
        Ok(SignedCheckpoint { workspace, number, epoch, size, root, note, signed_at })
    }
}
