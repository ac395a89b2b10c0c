//! Signs the audit logs: counts what came since the last checkpoint, makes sure that it is still the
//! same log, and signs its new root. A log that is not the one that was signed is refused.
//!
//! The last checkpoint is kept twice: in the database, for readers, and in a file beside the key, so
//! that neither a restored backup nor an edited database passes for the log it was.

mod host;
mod log;
mod now;
mod recount;
mod refusal;
mod seal;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;
use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::WorkspaceId,
    member::Principal,
    webhook::Notice,
};
use ledger::{checkpoint::CheckpointError, note::NoteError};
use tracing::{debug, error};

use self::{
    log::Log,
    recount::{Counted, Fault, find_first},
};
use crate::{
    changes,
    services::{ServiceError, Services},
    signing::{SigningDir, SigningError},
    store::{LogState, StoreError},
};

/// A log that grew is signed at most this often.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// A log that did not grow is signed this often, after an entry that says so: silence can be seen.
const HEARTBEAT: TimeDelta = TimeDelta::hours(1);

/// How often all entries are counted again, and not only those that came since the last time.
const WHOLE: TimeDelta = TimeDelta::days(1);

/// The signer of one process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Signer {
    services: Services,
    dir: SigningDir,
    /// What the names of new logs begin with. Without it only logs are signed that have a name.
    host: Option<Arc<str>>,
    /// Names the process in the term.
    holder: Arc<str>,
    /// When all entries of a log were last counted here.
    counted: Arc<Mutex<HashMap<WorkspaceId, Timestamp>>>,
}

/// Why nothing was signed, apart from a refusal.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error(transparent)]
    Signing(#[from] SigningError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl From<StoreError> for SignerError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<NoteError> for SignerError {
    fn from(error: NoteError) -> Self {
        Self::Checkpoint(error.into())
    }
}

impl From<SignerError> for ServiceError {
    fn from(error: SignerError) -> Self {
        match error {
            SignerError::Service(error) => error,
            other => Self::conflict("signing", other.to_string()),
        }
    }
}

impl Signer {
    /// `host` is what people call the instance, such as `assize.example`.
    pub fn new(services: Services, dir: SigningDir, host: Option<&str>) -> Self {
        let holder = services.ids.uuid(services.clock.now()).to_string().into();
        Self { services, dir, host: host.map(Into::into), holder, counted: Arc::default() }
    }

    /// Signs every log for which it is time, if this process has the term or can have it. Answers
    /// with how many were signed.
    pub async fn tick(&self, now: Timestamp) -> Result<usize, SignerError> {
        let states = self.services.store.read().await?.log_states().await?;
        let due: Vec<_> = states.into_iter().filter(|state| self.is_due(state, now)).collect();
        if due.is_empty() {
            return Ok(0);
        }
        let Some(fence) = self.take_term(now, false).await? else { return Ok(0) };
        let (mut signed, mut outcome) = (0, Ok(()));
        for state in due {
            match self.look_after(&state, fence, now).await {
                Ok(done) => signed += usize::from(done),
                // One log must not keep the others from being signed.
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        outcome.map(|()| signed)
    }

    /// Lets another process sign at once.
    pub async fn end_term(&self) -> Result<(), SignerError> {
        let (holder, now) = (Arc::clone(&self.holder), self.services.clock.now());
        let store = &self.services.store;
        store
            .write(move |tx| Box::pin(async move { tx.end_signing_term(&holder, now).await }))
            .await
            .map_err(|error: StoreError| error.into())
    }

    async fn take_term(&self, now: Timestamp, by_force: bool) -> Result<Option<i64>, StoreError> {
        let holder = Arc::clone(&self.holder);
        let take = self.services.store.write(move |tx| {
            Box::pin(async move { tx.take_signing_term(&holder, now, by_force).await })
        });
        take.await
    }

    fn is_due(&self, state: &LogState, now: Timestamp) -> bool {
        if state.refused || state.size == 0 {
            return false;
        }
        let Some((size, at)) = state.signed else { return true };
        let grew = state.size != size && now - at >= PAUSE;
        grew || now - at >= HEARTBEAT || !self.was_counted(state.workspace, now)
    }

    fn was_counted(&self, workspace: WorkspaceId, now: Timestamp) -> bool {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.get(&workspace).is_some_and(|at| now - *at < WHOLE)
    }

    /// Counts one log and signs it if it is the time. True if it was signed.
    async fn look_after(
        &self,
        state: &LogState,
        fence: i64,
        now: Timestamp,
    ) -> Result<bool, SignerError> {
        let workspace = state.workspace;
        let Some(log) = self.open(workspace, now).await? else { return Ok(false) };
        let whole = !self.was_counted(workspace, now);
        let counted = match self.count(&log, whole).await? {
            Ok(counted) => counted,
            Err(fault) => {
                self.refuse(&log, fault, now).await?;
                return Ok(false);
            }
        };
        if whole {
            let mut at = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
            at.insert(workspace, now);
        }
        let age = log.stored.as_ref().map(|stored| now - stored.signed_at);
        let drafts = match age {
            Some(age) if age >= HEARTBEAT => vec![heartbeat(workspace)],
            // What was kept and never published, because the process ended in between, is due too.
            Some(age) if age < PAUSE || counted.tree.size() == log.stored_size() => {
                if log.is_kept_behind() {
                    self.keep_stored(&log).await?;
                }
                return Ok(false);
            }
            _ => Vec::new(),
        };
        self.seal(log, counted, drafts, fence, now).await
    }

    /// Counts a log up to its head: from the last checkpoint on, or all of it.
    async fn count(&self, log: &Log, whole: bool) -> Result<Result<Counted, Fault>, StoreError> {
        let mut session = self.services.store.read().await?;
        let (workspace, epoch) = (log.workspace, log.epoch());
        let (size, root) = session.audit_root(workspace).await?;
        let anchors = match log.anchors() {
            Ok(anchors) => anchors,
            Err(fault) => return Ok(Err(fault)),
        };
        let from = anchors.iter().map(|anchor| anchor.size).min().unwrap_or(0);
        let stored_to = log.stored_size();
        let begun = match whole || from > size {
            true => Some(Counted { stored_to, ..Counted::default() }),
            false => Counted::begin(&mut session, workspace, epoch, from, stored_to).await?,
        };
        let found = match begun {
            None => Err(Fault::TreeDamaged),
            Some(mut counted) => {
                let met = counted.count(&mut session, workspace, size, &anchors).await?;
                met.map(|()| counted)
            }
        };
        let fault = match found {
            Ok(counted) if counted.tree.root() == root => return Ok(Ok(counted)),
            Ok(_) => Fault::HeadDiffers,
            Err(fault) => fault,
        };
        let forked = |fault| match fault {
            Fault::Forked { size } => anchors.iter().find(|anchor| anchor.size == size).copied(),
            Fault::TreeDamaged => anchors.iter().max_by_key(|anchor| anchor.size).copied(),
            _ => None,
        };
        match forked(fault) {
            Some(anchor) => find_first(&mut session, workspace, epoch, anchor).await.map(Err),
            None => Ok(Err(fault)),
        }
    }

    /// Stores why a log is not signed any more.
    async fn refuse(&self, log: &Log, fault: Fault, now: Timestamp) -> Result<(), StoreError> {
        let workspace = log.workspace;
        let (found, _) = self.services.store.read().await?.audit_root(workspace).await?;
        let refusal = fault.refusal(log.signed_size(), found, now);
        error!(%workspace, code = refusal.code, "the log is not signed any more: {}", refusal.message);
        // No entry of the log says so: this log is not to be trusted, and may not even take one.
        let ids = self.services.ids.clone();
        let incident = refusal::incident(&refusal, workspace, &ids);
        let stored = self.services.store.write(move |tx| {
            Box::pin(async move {
                tx.insert_signing_refusal(workspace, &refusal).await?;
                // Webhooks are told all the same, by what its entry would have been.
                let told = Notice::of(&changes::raised(&incident));
                tx.insert_incidents(&[incident]).await?;
                tx.announce(workspace, &ids, now, told.into_iter().collect()).await
            })
        });
        match stored.await {
            // Another process found the same.
            Err(StoreError::Conflict(_)) => Ok(()),
            stored => stored,
        }
    }

    /// Says in the log of the process what was signed.
    fn tell(&self, log: &Log, size: u64) {
        debug!(origin = log.origin, size, "a checkpoint was signed");
    }
}

/// Nothing but a sign that the log is kept.
fn heartbeat(workspace: WorkspaceId) -> Draft {
    Draft::new(Principal::System, Verb::LogHeartbeat, Object::new("workspace", workspace))
}
