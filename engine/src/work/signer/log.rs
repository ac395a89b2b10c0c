//! A log that is about to be signed: its name, its keys, and what was signed of it before.

use domain::{Timestamp, id::WorkspaceId};
use ledger::{Checkpoint, SignerKey, VerifierKey};

use super::{
    Signer, SignerError,
    recount::{Anchor, Fault},
};
use crate::{
    services::ServiceError,
    signing::{Keys, SigningError},
    store::{SignedCheckpoint, StoreError},
};

/// What has to be known of a log to sign it.
#[derive(Debug, Clone)]
pub(super) struct Log {
    pub workspace: WorkspaceId,
    pub origin: String,
    /// The key, and the one that is to come, if one is.
    pub keys: Vec<SignerKey>,
    /// The last checkpoint as the file beside the key has it.
    pub kept: Option<Checkpoint>,
    /// The last checkpoint as the database has it.
    pub stored: Option<SignedCheckpoint>,
    /// The public keys the database knows.
    pub known: Vec<String>,
}

impl Log {
    pub fn verifiers(&self) -> Vec<VerifierKey> {
        self.keys.iter().map(|key| key.verifier().clone()).collect()
    }

    pub fn epoch(&self) -> i64 {
        self.stored.as_ref().map_or(0, |stored| stored.epoch)
    }

    /// How many entries the checkpoint in the database covers.
    pub fn stored_size(&self) -> u64 {
        self.stored.as_ref().map_or(0, |stored| stored.size)
    }

    /// How many entries were ever signed.
    pub fn signed_size(&self) -> u64 {
        self.kept.as_ref().map_or(0, |kept| kept.size).max(self.stored_size())
    }

    /// The file is older than the database: another process signed.
    pub fn is_kept_behind(&self) -> bool {
        self.kept.as_ref().map(|kept| kept.size) < self.stored.as_ref().map(|stored| stored.size)
    }

    /// The trees that were signed. The database's counts only if one of our keys signed it.
    pub fn anchors(&self) -> Result<Vec<Anchor>, Fault> {
        let mut anchors: Vec<_> =
            self.kept.iter().map(|kept| Anchor { size: kept.size, root: kept.root }).collect();
        if let Some(stored) = &self.stored {
            let opened = Checkpoint::open(stored.note.as_bytes(), &self.verifiers());
            let Checkpoint { size, root, .. } = opened.map_err(|_| Fault::Forged)?;
            if (size, root) != (stored.size, stored.root) {
                return Err(Fault::Forged);
            }
            anchors.push(Anchor { size, root });
        }
        Ok(anchors)
    }
}

impl Signer {
    /// Everything about a log; `None` if it has no name yet and none can be given to it here.
    pub(super) async fn open(
        &self,
        workspace: WorkspaceId,
        now: Timestamp,
    ) -> Result<Option<Log>, SignerError> {
        let Some(origin) = self.origin(workspace, now).await? else { return Ok(None) };
        let mut session = self.services.store.read().await?;
        let known = session.signing_keys(workspace).await?;
        let stored = session.latest_checkpoint(workspace).await?;
        drop(session);
        let (keys, note) = self.secrets(workspace, !known.is_empty()).await?;
        let keys = keys.of_log(&origin)?;
        let own = |vkey: &String| keys.iter().any(|key| key.verifier().to_string() == *vkey);
        if !known.is_empty() && !known.iter().any(own) {
            let path = self.dir.key_path();
            return Err(SigningError::Foreign { path, origin }.into());
        }
        let mut log = Log { workspace, origin, keys, kept: None, stored, known };
        if let Some(note) = note {
            let opened = Checkpoint::open(note.as_bytes(), &log.verifiers());
            let path = self.dir.kept_path(workspace);
            log.kept = Some(opened.map_err(|_| SigningError::KeptNotOurs(path))?);
        }
        Ok(Some(log))
    }

    /// Key and kept checkpoint. A key is made only where nothing was signed before.
    async fn secrets(
        &self,
        workspace: WorkspaceId,
        was_signed: bool,
    ) -> Result<(Keys, Option<String>), SignerError> {
        let (dir, ids) = (self.dir.clone(), self.services.ids.clone());
        let read = move || {
            let kept = dir.kept(workspace)?;
            let keys = if was_signed || kept.is_some() {
                dir.keys()?.ok_or_else(|| SigningError::Missing(dir.key_path()))?
            } else {
                dir.keys_or_new(&ids)?
            };
            Ok((keys, kept))
        };
        off_the_loop(read).await
    }

    /// Brings the file up to what another process signed.
    pub(super) async fn keep_stored(&self, log: &Log) -> Result<(), SignerError> {
        let Some(stored) = &log.stored else { return Ok(()) };
        let (dir, workspace, note) = (self.dir.clone(), log.workspace, stored.note.clone());
        off_the_loop(move || dir.keep(workspace, &note)).await
    }

    /// The name of a log, which it is given when it is first signed.
    async fn origin(
        &self,
        workspace: WorkspaceId,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let store = &self.services.store;
        if let Some(origin) = store.read().await?.log_origin(workspace).await? {
            return Ok(Some(origin));
        }
        let Some(host) = &self.host else { return Ok(None) };
        let origin = format!("{host}/ws/{workspace}");
        let name = origin.clone();
        let fixed = store.write(move |tx| {
            Box::pin(async move { tx.fix_log_origin(workspace, &name, now).await })
        });
        match fixed.await {
            Ok(()) => Ok(Some(origin)),
            // Another process was faster.
            Err(StoreError::Conflict(_)) => store.read().await?.log_origin(workspace).await,
            Err(error) => Err(error),
        }
    }
}

/// Runs what waits for the disk where it keeps nobody waiting.
pub(super) async fn off_the_loop<T, F>(work: F) -> Result<T, SignerError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, SigningError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(error) => Err(ServiceError::conflict("signing", error.to_string()).into()),
    }
}
