//! What a fault of a log is called, and the words people read about it.

use domain::{
    Timestamp,
    id::{IncidentId, WorkspaceId},
    incident::{Incident, Raised},
    problem::Failure,
};
use serde_json::json;

use super::recount::Fault;
use crate::{ids::Ids, store::SigningRefusal};

/// What to do about it: said with every refusal.
const ADVICE: &str = "Nothing is signed until the log that was signed is restored, or somebody on the host \
                      accepts the log as it is, with assize audit accept-rollback.";

/// The incident that a refusal is.
pub(super) fn incident(refusal: &SigningRefusal, workspace: WorkspaceId, ids: &Ids) -> Incident {
    let at = refusal.refused_at;
    let failure = Failure::deterministic(&refusal.code, refusal.message.as_str());
    let mut raised = Raised::log_refused(workspace, &failure, at);
    raised.facts.context = Some(json!({
        "signed_size": refusal.signed_size,
        "found_size": refusal.found_size,
        "first_wrong": refusal.first_wrong,
    }));
    raised.enter(IncidentId::new(ids.uuid(at)), workspace, at)
}

impl Fault {
    /// The refusal to sign a log of `found` entries of which `signed` were signed.
    pub(super) fn refusal(self, signed: u64, found: u64, now: Timestamp) -> SigningRefusal {
        let (code, words) = self.words(signed);
        SigningRefusal {
            number: 0,
            code: code.to_owned(),
            message: format!("{words} {ADVICE}"),
            first_wrong: self.first_wrong(),
            signed_size: signed,
            found_size: found,
            refused_at: now,
        }
    }

    fn first_wrong(self) -> Option<u64> {
        match self {
            Self::Shorter { size } => Some(size),
            Self::Missing { seq } | Self::Changed { seq } => Some(seq),
            Self::Among { .. }
            | Self::Forked { .. }
            | Self::TreeDamaged
            | Self::HeadDiffers
            | Self::Forged => None,
        }
    }

    fn words(self, signed: u64) -> (&'static str, String) {
        match self {
            Self::Shorter { size } => (
                "log-shorter",
                format!(
                    "{signed} entries were signed, but the log has only {size}: entry {size} is the \
                     first that is missing. A backup was restored, or entries were removed behind \
                     Assize's back."
                ),
            ),
            Self::Missing { seq } => (
                "entry-missing",
                format!("Entry {seq} is missing. It was removed behind Assize's back."),
            ),
            Self::Changed { seq } => (
                "entry-changed",
                format!(
                    "Entry {seq} is not the one that was written. It was changed behind Assize's back."
                ),
            ),
            Self::Among { first, last } => (
                "entry-changed",
                format!(
                    "One of the entries {first} to {last} is not the one that was signed. It was \
                     changed behind Assize's back, together with its stored hash."
                ),
            ),
            Self::Forked { size } => (
                "log-forked",
                format!(
                    "The first {size} entries are not those that were signed. A backup was restored \
                     and the log went on from there, or entries were changed behind Assize's back \
                     together with their stored hashes."
                ),
            ),
            Self::TreeDamaged => (
                "tree-damaged",
                "The entries are those that were signed, but the stored hashes of the tree above them \
                 are not. They were changed behind Assize's back."
                    .to_owned(),
            ),
            Self::HeadDiffers => (
                "head-differs",
                "The entries are not those that the head of the log stands for. One of them was \
                 changed behind Assize's back."
                    .to_owned(),
            ),
            Self::Forged => (
                "checkpoint-forged",
                "The last checkpoint in the database was not signed with the key of this host. It was \
                 written behind Assize's back."
                    .to_owned(),
            ),
        }
    }
}
