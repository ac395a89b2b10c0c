//! The signed checkpoints of a log, and proofs against them.
//!
//! A proof reads the entries around the one it is about and a few stored hashes, never the whole
//! log; and it is checked before it is handed out, so that a log that was tampered with gives none.

use domain::{Timestamp, id::WorkspaceId, permission::Permission};
use ledger::{
    Checkpoint, Hash, VerifierKey,
    proof::{OutOfRange, Plan, verify_consistency, verify_inclusion},
    tlog_proof::TlogProof,
    tree::empty_root,
};

use super::{Caller, ServiceError, Services};
use crate::store::{CheckpointStamp, Session, SignedCheckpoint, SigningRefusal, place};

/// What is known about the signing of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointState {
    /// Entries in the log, with those that are not signed yet.
    pub size: u64,
    pub latest: Option<SignedCheckpoint>,
    /// Does the log, as it stands now, fit the last checkpoint?
    pub standing: Standing,
    /// The public keys the log was ever signed with, the newest first.
    pub keys: Vec<String>,
    /// The last time stamp of an independent authority.
    pub stamp: Option<CheckpointStamp>,
    /// Why the log is not signed any more.
    pub refusal: Option<SigningRefusal>,
}

/// How a log stands to its last checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was never signed.
    Unsigned,
    /// The signature is good, and the stored tree has the signed root.
    Fits,
    /// The signature is that of none of the keys, or the stored tree has another root.
    Differs,
}

/// That an entry is in a signed log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// The place of the entry.
    pub index: u64,
    /// The hash of its leaf.
    pub leaf: Hash,
    pub hashes: Vec<Hash>,
    /// What it is proven against.
    pub checkpoint: SignedCheckpoint,
}

impl Services {
    /// The last checkpoint, if the log was ever signed.
    pub async fn latest_checkpoint(
        &self,
        caller: Caller,
    ) -> Result<Option<SignedCheckpoint>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        Ok(session.latest_checkpoint(caller.workspace).await?)
    }

    /// The last checkpoint over exactly so many entries.
    pub async fn checkpoint_at(
        &self,
        caller: Caller,
        size: u64,
    ) -> Result<Option<SignedCheckpoint>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        Ok(session.checkpoint_at(caller.workspace, size).await?)
    }

    /// The last checkpoint that was signed before an instant.
    pub async fn checkpoint_before(
        &self,
        caller: Caller,
        instant: Timestamp,
    ) -> Result<Option<SignedCheckpoint>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        Ok(session.checkpoint_before(caller.workspace, instant).await?)
    }

    /// The public keys the log was ever signed with, the newest first: `name+id+key`.
    pub async fn verifier_keys(&self, caller: Caller) -> Result<Vec<String>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        Ok(session.signing_keys(caller.workspace).await?)
    }

    /// Where the secret half of the newest key is kept: `file` or `credential`.
    pub async fn key_custody(&self, caller: Caller) -> Result<Option<String>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        Ok(session.signing_custody(caller.workspace).await?)
    }

    /// The last checkpoint, the keys, and whether the log as it stands fits them.
    pub async fn checkpoint_state(&self, caller: Caller) -> Result<CheckpointState, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        let workspace = caller.workspace;
        let (size, _) = session.audit_root(workspace).await?;
        let latest = session.latest_checkpoint(workspace).await?;
        let keys = session.signing_keys(workspace).await?;
        let stamp = session.latest_stamp(workspace).await?;
        let refusal = session.signing_refusal(workspace).await?;
        let standing = match &latest {
            None => Standing::Unsigned,
            Some(signed) if is_signed(signed, &keys) && has_root(&mut session, signed).await? => {
                Standing::Fits
            }
            Some(_) => Standing::Differs,
        };
        Ok(CheckpointState { size, latest, standing, keys, stamp, refusal })
    }

    /// That entry `seq` is in the log as it was last signed. A conflict says that it is not signed
    /// yet, or that the log is not the one that was signed.
    pub async fn inclusion_proof(
        &self,
        caller: Caller,
        seq: u64,
    ) -> Result<InclusionProof, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        look(&mut session, caller.workspace, seq).await?;
        let latest = session.latest_checkpoint(caller.workspace).await?;
        match latest {
            Some(checkpoint) if seq < checkpoint.size => {
                inclusion(&mut session, checkpoint, seq).await
            }
            _ => Err(not_signed_yet(&mut session, caller.workspace, seq).await?),
        }
    }

    /// That entry `seq` is in the log as this checkpoint of it says.
    pub async fn inclusion_proof_in(
        &self,
        caller: Caller,
        checkpoint: &SignedCheckpoint,
        seq: u64,
    ) -> Result<InclusionProof, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        if checkpoint.workspace != caller.workspace {
            return Err(ServiceError::NotFound("checkpoint"));
        }
        look(&mut session, caller.workspace, seq).await?;
        inclusion(&mut session, checkpoint.clone(), seq).await
    }

    /// That the log as it was signed over `old` entries is the beginning of the one that was signed
    /// over `new` entries. Of an old day not every checkpoint is kept; whoever has one of those compares
    /// its root with what the proof gives.
    pub async fn consistency_proof(
        &self,
        caller: Caller,
        old: u64,
        new: u64,
    ) -> Result<Vec<Hash>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        let new = signed_over(&mut session, caller.workspace, new).await?;
        let (old_size, old_root) = match old {
            0 => (0, empty_root()),
            _ => match session.checkpoint_at(caller.workspace, old).await? {
                Some(old) => (old.size, old.root),
                None => (old, root_of(&mut session, &new, old).await?),
            },
        };
        let plan = Plan::consistency(old_size, new.size).map_err(out_of_range)?;
        let hashes = assemble(&mut session, &new, &plan).await?.ok_or_else(other_log)?;
        verify_consistency(old_size, &old_root, new.size, &new.root, &hashes)
            .map_err(|_| other_log())?;
        Ok(hashes)
    }

    /// The proof of [`Services::inclusion_proof`] as a file that can be checked offline.
    pub async fn tlog_proof(&self, caller: Caller, seq: u64) -> Result<String, ServiceError> {
        Ok(self.inclusion_proof(caller, seq).await?.to_string())
    }
}

impl std::fmt::Display for InclusionProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (hashes, checkpoint) = (self.hashes.clone(), self.checkpoint.note.clone());
        TlogProof { extra: None, index: self.index, hashes, checkpoint }.fmt(f)
    }
}

/// To whom an entry is not shown, it is not proven either.
async fn look(session: &mut Session, workspace: WorkspaceId, seq: u64) -> Result<(), ServiceError> {
    if !session.sees_all() && session.audit_evidence(workspace, &[place(seq)]).await?.is_empty() {
        return Err(ServiceError::NotFound("entry"));
    }
    Ok(())
}

async fn inclusion(
    session: &mut Session,
    checkpoint: SignedCheckpoint,
    index: u64,
) -> Result<InclusionProof, ServiceError> {
    let plan = Plan::inclusion(index, checkpoint.size).map_err(out_of_range)?;
    let lines = session.log_lines(checkpoint.workspace, index, 1).await?;
    let line = lines.into_iter().find(|line| line.seq == index).ok_or_else(other_log)?;
    let leaf = line.hash();
    let hashes = assemble(session, &checkpoint, &plan).await?.ok_or_else(other_log)?;
    verify_inclusion(&leaf, index, checkpoint.size, &checkpoint.root, &hashes)
        .map_err(|_| other_log())?;
    Ok(InclusionProof { index, leaf, hashes, checkpoint })
}

/// The hashes of a plan; `None` if some are missing from the store.
async fn assemble(
    session: &mut Session,
    checkpoint: &SignedCheckpoint,
    plan: &Plan,
) -> Result<Option<Vec<Hash>>, ServiceError> {
    let SignedCheckpoint { workspace, epoch, .. } = *checkpoint;
    let fetched = session.audit_tiles(workspace, epoch, &plan.tiles()).await?;
    Ok(plan.assemble(&fetched).ok())
}

/// Is the stored tree the one that was signed?
async fn has_root(
    session: &mut Session,
    checkpoint: &SignedCheckpoint,
) -> Result<bool, ServiceError> {
    let Ok(plan) = Plan::root(checkpoint.size) else {
        return Ok(checkpoint.root == empty_root());
    };
    let root = assemble(session, checkpoint, &plan).await?;
    Ok(root.is_some_and(|root| root == [checkpoint.root]))
}

/// The root of the first `size` entries, as the tree stands that was signed last.
async fn root_of(
    session: &mut Session,
    signed: &SignedCheckpoint,
    size: u64,
) -> Result<Hash, ServiceError> {
    let none = || ServiceError::NotFound("checkpoint");
    if size > signed.size {
        return Err(none());
    }
    let plan = Plan::root(size).map_err(out_of_range)?;
    let root = assemble(session, signed, &plan).await?;
    root.and_then(|mut root| root.pop()).ok_or_else(none)
}

/// Did one of the keys sign exactly what the row says?
fn is_signed(signed: &SignedCheckpoint, keys: &[String]) -> bool {
    let keys: Vec<_> = keys.iter().filter_map(|key| VerifierKey::parse(key).ok()).collect();
    let opened = Checkpoint::open(signed.note.as_bytes(), &keys);
    opened.is_ok_and(|note| note.size == signed.size && note.root == signed.root)
}

async fn signed_over(
    session: &mut Session,
    workspace: WorkspaceId,
    size: u64,
) -> Result<SignedCheckpoint, ServiceError> {
    let signed = session.checkpoint_at(workspace, size).await?;
    signed.ok_or(ServiceError::NotFound("checkpoint"))
}

/// Why there is no proof for this entry.
async fn not_signed_yet(
    session: &mut Session,
    workspace: WorkspaceId,
    seq: u64,
) -> Result<ServiceError, ServiceError> {
    let (size, _) = session.audit_root(workspace).await?;
    Ok(if seq < size {
        let message = "this entry is newer than the last checkpoint; there will be a proof once the \
                       next one is signed, which takes a minute";
        ServiceError::conflict("not-signed-yet", message)
    } else {
        ServiceError::NotFound("entry")
    })
}

fn out_of_range(error: OutOfRange) -> ServiceError {
    ServiceError::conflict("out-of-range", error.to_string())
}

fn other_log() -> ServiceError {
    let message = "the entries are not those that were signed, so there is no proof; `assize doctor` \
                   says more";
    ServiceError::conflict("log-not-as-signed", message)
}
