//! Reading the audit log, and counting it again.

mod check;

use domain::{
    audit::{AuditFilter, Entry},
    permission::Permission,
};
use ledger::{Frontier, Hash, leaf_hash};

pub use check::{AuditCheck, EntryFault, WrongEntry};

use super::{Caller, ServiceError, Services};

/// How many leaves are in memory at once while a log is counted again.
const BATCH: u64 = 2_000;

/// The most entries of one page.
const LARGEST_PAGE: i64 = 500;

/// What a log amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditRoot {
    /// Entries.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
}

/// A page of the log, newest first, and the places beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditPage {
    pub entries: Vec<Entry>,
    /// What [`AuditFilter::after`] leads to newer entries, if there are any.
    pub newer: Option<i64>,
    /// What [`AuditFilter::before`] leads to older entries, if there are any.
    pub older: Option<i64>,
    /// Where entries between two of these are gone.
    pub gaps: Vec<AuditGap>,
}

/// Neighbours that went with the stubs of reported runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditGap {
    /// The place of the last of them.
    pub last: i64,
    pub entries: i64,
}

/// Where a log is not what its head says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    #[error("entry {seq} was changed: its hash is not that of its leaf")]
    Changed { seq: u64 },
    #[error("entry {seq} is missing")]
    Missing { seq: u64 },
    #[error("the entries do not give the root that the head says")]
    OtherRoot,
}

impl Services {
    /// Entries of the log, newest first, at most `limit`, which is between 1 and 500.
    pub async fn audit_entries(
        &self,
        caller: Caller,
        filter: &AuditFilter,
        limit: i64,
    ) -> Result<Vec<Entry>, ServiceError> {
        let limit = limit.clamp(1, LARGEST_PAGE);
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        Ok(session.audit_entries(caller.workspace, filter, limit).await?)
    }

    /// A page of the log.
    pub async fn audit_page(
        &self,
        caller: Caller,
        filter: &AuditFilter,
        size: i64,
    ) -> Result<AuditPage, ServiceError> {
        let mut entries = self.audit_entries(caller, filter, size + 1).await?;
        // Through a filter or a window neighbours are not seen anyway.
        let whole = filter.pairs().is_empty() && self.sees_whole_log(caller).await?;
        let more = entries.len() as i64 > size;
        let upwards = filter.after.is_some();
        if more && upwards {
            entries.remove(0);
        }
        entries.truncate(usize::try_from(size).unwrap_or(0));
        let has_newer = if upwards { more } else { filter.before.is_some() };
        let has_older = upwards || more;
        Ok(AuditPage {
            newer: entries.first().filter(|_| has_newer).map(|entry| entry.seq),
            older: entries.last().filter(|_| has_older).map(|entry| entry.seq),
            gaps: if whole { gaps(&entries) } else { Vec::new() },
            entries,
        })
    }

    async fn sees_whole_log(&self, caller: Caller) -> Result<bool, ServiceError> {
        Ok(self.reading(caller, Permission::ViewAuditLog).await?.sees_all())
    }

    /// The hash of an entry that went with the stub of a reported run.
    pub async fn removed_entry(&self, caller: Caller, seq: i64) -> Result<Hash, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        let left = match session.sees_all() {
            true => session.removed_hash(caller.workspace, seq).await?,
            false => None,
        };
        left.ok_or(ServiceError::NotFound("audit entry"))
    }

    /// One entry by its place in the log.
    pub async fn audit_entry(&self, caller: Caller, seq: i64) -> Result<Entry, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        let mut found = session.audit_evidence(caller.workspace, &[seq]).await?;
        found.pop().map(|found| found.entry).ok_or(ServiceError::NotFound("audit entry"))
    }

    /// Size and root of the log, as its head says.
    pub async fn audit_root(&self, caller: Caller) -> Result<AuditRoot, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        let (size, root) = session.audit_root(caller.workspace).await?;
        Ok(AuditRoot { size, root })
    }

    /// Counts the whole log again, a batch at a time: every leaf has its hash, and the hashes give
    /// the root. Entries that come meanwhile are left for the next time.
    pub async fn verify_audit(
        &self,
        caller: Caller,
    ) -> Result<Result<AuditRoot, AuditFault>, ServiceError> {
        let head = self.audit_root(caller).await?;
        let mut tree = Frontier::new();
        while tree.size() < head.size {
            let (seq, left) = (tree.size(), head.size - tree.size());
            let mut session = self.store.read().await?;
            let lines = session.log_lines(caller.workspace, seq, left.min(BATCH)).await?;
            drop(session);
            if lines.is_empty() {
                return Ok(Err(AuditFault::Missing { seq }));
            }
            for line in lines {
                let (seq, hash) = (tree.size(), line.hash());
                if line.seq != seq {
                    return Ok(Err(AuditFault::Missing { seq }));
                }
                if line.stored != hash {
                    return Ok(Err(AuditFault::Changed { seq }));
                }
                tree.push(hash);
            }
        }
        let counted = AuditRoot { size: tree.size(), root: tree.root() };
        Ok(if counted == head { Ok(head) } else { Err(AuditFault::OtherRoot) })
    }
}

/// Where entries, newest first, are not neighbours.
fn gaps(entries: &[Entry]) -> Vec<AuditGap> {
    let between =
        |pair: &[Entry]| AuditGap { last: pair[0].seq - 1, entries: pair[0].seq - pair[1].seq - 1 };
    entries.windows(2).map(between).filter(|gap| gap.entries > 0).collect()
}

/// The hash of an entry's leaf in the tree, in hexadecimal: SHA-256 over a zero byte and the line.
pub fn leaf_digest(entry: &Entry) -> String {
    domain::canonical::hex(&leaf_hash(entry.leaf.as_bytes()))
}
