//! Having the log checked by the server: hashes, rows and payloads of some entries, and the root over all.

use axum::Json;
use domain::{canonical::hex, permission::Permission};
use engine::services::{AuditCheck, EntryFault};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TAG;
use crate::api::{
    asked::Asked,
    body::Body,
    describe::{Api, post},
    problem::Problem,
};

/// Entries of one check.
const MOST_ENTRIES: usize = 500;

/// What is to be checked besides the root
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuditCheckOf)]
pub struct Wanted {
    /// Places of entries, at most 500, whose hashes, rows and payloads are computed again
    #[serde(default)]
    entries: Vec<i64>,
}

/// What a check found
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditCheck)]
pub struct Found {
    /// Whether everything is what it should be
    sound: bool,
    /// Entries in the log, where its root is the one it should have
    size: Option<u64>,
    /// The root of the tree over them, in hexadecimal
    root: Option<String>,
    /// What is wrong with the log as a whole
    wrong: Option<String>,
    /// Entries that were looked at
    entries: usize,
    /// Payloads that are those their leaves commit to
    payloads: usize,
    /// Payloads that were erased: nothing is left to compare
    erased: usize,
    /// Entries that are not what they should be, first one first
    faults: Vec<Fault>,
}

/// An entry that is not what it should be
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditFault)]
pub struct Fault {
    seq: i64,
    wrong: String,
}

impl From<EntryFault> for Fault {
    fn from(EntryFault { seq, wrong }: EntryFault) -> Self {
        Self { seq, wrong: wrong.to_string() }
    }
}

impl From<AuditCheck> for Found {
    fn from(check: AuditCheck) -> Self {
        let AuditCheck { entries, payloads, erased, faults, log } = check;
        let faults: Vec<_> = faults.into_iter().map(Fault::from).collect();
        let (root, wrong) = match log {
            Ok(root) => (Some(root), None),
            Err(fault) => (None, Some(fault.to_string())),
        };
        Self {
            sound: faults.is_empty() && wrong.is_none(),
            size: root.as_ref().map(|root| root.size),
            root: root.map(|root| hex(&root.root)),
            wrong,
            entries,
            payloads,
            erased,
            faults,
        }
    }
}

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        post("/audit/check", "checkLog", "Have the log checked")
            .about(
                "Counts the whole log again, as *Verify now* does. It is the server that says so: for \
                 a check that trusts nobody, order a bundle. Nothing is changed.",
            )
            .needs(Permission::ViewAuditLog)
            .takes::<Wanted>()
            .gives::<Found>("200"),
        check,
    )
}

async fn check(asked: Asked, Body(wanted): Body<Wanted>) -> Result<Json<Found>, Problem> {
    let mut entries = wanted.entries;
    if entries.len() > MOST_ENTRIES {
        let most = format_args!("at most {MOST_ENTRIES} at a time");
        return Err(Problem::body("#/entries", most));
    }
    entries.sort_unstable();
    entries.dedup();
    Ok(Json(asked.services().check_audit(asked.caller(), &entries).await?.into()))
}
