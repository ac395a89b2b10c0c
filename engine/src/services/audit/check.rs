//! Checks entries that somebody is looking at, and the log they stand in.

use domain::{
    audit::{commitment, instant},
    permission::Permission,
};
use ledger::leaf_hash;
use serde_json::Value;

use super::{AuditFault, AuditRoot};
use crate::{
    services::{Caller, ServiceError, Services},
    store::Evidence,
};

/// What a check of some entries and of the whole log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheck {
    /// Entries that were looked at.
    pub entries: usize,
    /// Payloads that are those their leaves commit to.
    pub payloads: usize,
    /// Payloads that were erased: nothing is left to compare.
    pub erased: usize,
    /// Entries that are not what they should be, first one first.
    pub faults: Vec<EntryFault>,
    /// The whole log, counted again.
    pub log: Result<AuditRoot, AuditFault>,
}

/// An entry that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryFault {
    pub seq: i64,
    pub wrong: WrongEntry,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongEntry {
    #[error("it is missing")]
    Missing,
    #[error("its hash is not that of its leaf")]
    Leaf,
    #[error("what the list shows of it is not what its leaf says")]
    Row,
    #[error("its payload is not the one its leaf commits to")]
    Payload,
}

/// How the payload of a sound entry stands.
enum Payload {
    None,
    Kept,
    Erased,
}

impl Services {
    /// Computes the hashes and commitments of these entries again, and the root of the whole log.
    pub async fn check_audit(
        &self,
        caller: Caller,
        places: &[i64],
    ) -> Result<AuditCheck, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        let found = session.audit_evidence(caller.workspace, places).await?;
        let mut places = places.to_vec();
        places.sort_unstable();
        // What retention took since the page was made is not there to be judged.
        let mut kept = Vec::with_capacity(places.len());
        for seq in places {
            let there = found.iter().any(|found| found.entry.seq == seq);
            if there || session.removed_hash(caller.workspace, seq).await?.is_none() {
                kept.push(seq);
            }
        }
        drop(session);
        let log = self.verify_audit(caller).await?;
        let places = kept;
        let faults = Vec::new();
        let mut check = AuditCheck { entries: places.len(), payloads: 0, erased: 0, faults, log };
        let mut found = found.into_iter().peekable();
        for seq in places {
            let entry = found.next_if(|entry| entry.entry.seq == seq);
            match entry.ok_or(WrongEntry::Missing).and_then(|entry| judge(&entry)) {
                Ok(Payload::None) => {}
                Ok(Payload::Kept) => check.payloads += 1,
                Ok(Payload::Erased) => check.erased += 1,
                Err(wrong) => check.faults.push(EntryFault { seq, wrong }),
            }
        }
        Ok(check)
    }
}

fn judge(evidence: &Evidence) -> Result<Payload, WrongEntry> {
    let entry = &evidence.entry;
    if evidence.leaf_hash != leaf_hash(entry.leaf.as_bytes()) {
        return Err(WrongEntry::Leaf);
    }
    if !row_says_what_its_leaf_says(evidence) {
        return Err(WrongEntry::Row);
    }
    match (entry.commitment(), &evidence.sealed) {
        (None, None) => Ok(Payload::None),
        (Some(_), None) => Ok(Payload::Erased),
        (Some(committed), Some((salt, text))) => {
            let salt = salt.as_slice().try_into().map_err(|_| WrongEntry::Payload)?;
            let same = commitment(salt, text.as_bytes()) == committed;
            if same { Ok(Payload::Kept) } else { Err(WrongEntry::Payload) }
        }
        (None, Some(_)) => Err(WrongEntry::Payload),
    }
}

fn row_says_what_its_leaf_says(evidence: &Evidence) -> bool {
    let entry = &evidence.entry;
    let Ok(leaf) = serde_json::from_str::<Value>(&entry.leaf) else { return false };
    let says = |place: &str, text: Option<String>| {
        leaf.pointer(place).and_then(Value::as_str) == text.as_deref()
    };
    leaf["seq"] == entry.seq
        && says("/ws", Some(entry.workspace.to_string()))
        && says("/ts", Some(instant(entry.at)))
        && says("/verb", Some(entry.verb.to_string()))
        && says("/actor/kind", Some(entry.actor_kind.clone()))
        && says("/actor/id", entry.actor.map(|actor| actor.to_string()))
        && says("/object/kind", Some(entry.object.kind.clone()))
        && says("/object/id", Some(entry.object.id.clone()))
        && says("/run", entry.run.map(|run| run.to_string()))
}
