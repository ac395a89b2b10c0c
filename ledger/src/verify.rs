//! Checking a bundle: every check there is, in a fixed order, each in words.
//!
//! Nothing inside the bundle is trusted, least of all its key. The entries are read twice and the rest
//! once, as streams.

mod entries;
mod erased;
mod files;
mod payloads;
mod policy;
mod removed;
mod report;
mod rows;
mod trees;

use std::io::{Read, Seek};

pub use report::{Check, Facts, Report, State, Verdict};

use self::{
    entries::{Entries, Watch},
    payloads::Payloads,
};
use crate::{
    Checkpoint, VerifierKey,
    bundle::{Bundle, BundleError, Manifest, name},
    text::base64,
};

const COMPLETE: &str = "The bundle is complete and well formed";
const SIGNED: &str = "The checkpoint is signed with the log's key";
const STAMPED: &str = "An independent authority witnessed the checkpoint";
const TREE: &str = "No entry was changed, dropped, added or moved";
const PROOFS: &str = "The proofs of single runs hold";
const GROWN: &str = "The log only grew since the earlier checkpoint";
const ENTRIES: &str = "Every entry says what an entry must say";
const FILES: &str = "Every file is the one the manifest lists";
const PAYLOADS: &str = "Every payload is the one its entry committed to";
const ROWS: &str = "Rows, reports and definitions are as the log speaks of them";
const ORDER: &str = "Nothing started under a kill switch, nobody approved their own request";
const PINNED: &str = "The key was given from outside the bundle";

/// What the auditor brings along.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// The log's keys, from outside the bundle; several after a rotation.
    pub keys: Vec<VerifierKey>,
    /// Accept the bundle's own key if none is given.
    pub allow_unpinned: bool,
    /// A signed checkpoint kept from an earlier bundle.
    pub previous: Option<Vec<u8>>,
    /// Certificates of the time-stamp authority (PEM or DER).
    pub authority: Option<Vec<u8>>,
}

/// Checks a bundle. A bundle that cannot be read is an outcome, not an error.
pub fn verify_bundle<R: Read + Seek>(reader: R, trust: &Trust) -> Report {
    let mut report = Report::new();
    if let Err(error) = check(reader, trust, &mut report) {
        report.unreadable(error.to_string());
    }
    report
}

fn check<R: Read + Seek>(reader: R, trust: &Trust, report: &mut Report) -> Result<(), BundleError> {
    let bundle = Bundle::open(reader)?;
    let manifest = Manifest::parse(&bundle.required(name::MANIFEST)?)?;
    let checkpoint = bundle.required(name::CHECKPOINT)?;
    let (tree, note) = Checkpoint::parse(&checkpoint)
        .map_err(|error| BundleError::malformed(name::CHECKPOINT, error.to_string()))?;
    let list = bundle.required(name::DIGESTS)?;
    let keys = trees::keys(&bundle, trust)?;
    let proofs = trees::proofs(&bundle)?;
    let earlier = trees::earlier(&bundle, trust)?;
    let consistency = bundle.small(name::CONSISTENCY)?;
    report.note(COMPLETE, Verdict::Malformed, complete(&bundle, &manifest));

    let mut facts = facts(&manifest, &tree);
    let signed = Checkpoint::open(&checkpoint, &keys).map_err(|error| error.to_string());
    if signed.is_ok() {
        facts.keys = note.verify(&keys).into_iter().flatten().map(ToString::to_string).collect();
    }
    report.bundle = Some(facts);
    let older = trees::open_earlier(&earlier, &keys, &tree.origin);
    let signature = signed.and(older.as_ref().map_err(Clone::clone));
    report.note(SIGNED, Verdict::Signature, signature.map(|_| String::new()));
    stamped(report, bundle.small(name::TIMESTAMP)?, &checkpoint, trust);

    let older = older.unwrap_or_default();
    let watch = Watch {
        sizes: older.iter().map(trees::Earlier::size).collect(),
        entries: proofs.values().map(|proof| proof.index).collect(),
    };
    let entries = Entries::read(&bundle, &manifest, &watch)?;
    report.note(TREE, Verdict::Root, entries.compare(tree.size, &tree.root));
    if proofs.is_empty() {
        report.skip(PROOFS, "there are none");
    } else {
        report.note(PROOFS, Verdict::Root, trees::prove(&proofs, &entries, &checkpoint, &tree));
    }
    if older.is_empty() {
        report.skip(GROWN, "there is no earlier checkpoint to compare with");
    } else {
        let grown = trees::consistent(&older, &entries, &tree, consistency.as_deref());
        report.note(GROWN, Verdict::Consistency, grown);
    }
    report.note(ENTRIES, Verdict::Malformed, entries.well_formed(&manifest, &tree));

    let digests = files::digests(&bundle)?;
    report.note(FILES, Verdict::Payload, files::compare(&list, &digests));
    let Payloads { finding, mut bound } = Payloads::read(&bundle, &manifest, &entries.erased)?;
    report.note(PAYLOADS, Verdict::Payload, finding);
    report.note(ROWS, Verdict::Payload, rows::compare(&bundle, &digests, &mut bound)?);
    report.note(ORDER, Verdict::Policy, entries.policy.finding());
    report.note(PINNED, Verdict::Unpinned, pinned(trust));
    Ok(())
}

/// Are the files that belong together there?
fn complete<R: Read + Seek>(bundle: &Bundle<R>, manifest: &Manifest) -> Result<String, String> {
    if !bundle.has(name::ENTRIES) {
        return Err("entries.jsonl is missing".to_owned());
    }
    if bundle.has(name::PREVIOUS) != bundle.has(name::CONSISTENCY) {
        return Err("an earlier checkpoint and its proof belong together".to_owned());
    }
    if manifest.entries_from > 0 && !bundle.has(name::HASHES) {
        return Err("hashes.bin is missing".to_owned());
    }
    Ok(format!("{} files", bundle.names().count()))
}

fn facts(manifest: &Manifest, tree: &Checkpoint) -> Facts {
    Facts {
        origin: tree.origin.clone(),
        size: tree.size,
        root: base64(&tree.root),
        from: manifest.from.clone(),
        until: manifest.until.clone(),
        custody: manifest.custody.clone(),
        keys: Vec::new(),
    }
}

fn pinned(trust: &Trust) -> Result<String, String> {
    match (trust.keys.is_empty(), trust.allow_unpinned) {
        (false, _) => Ok(String::new()),
        (true, true) => {
            Ok("UNPINNED: only the bundle's own key was used, as you allowed".to_owned())
        }
        (true, false) => Err("only the bundle's own key was used".to_owned()),
    }
}

#[cfg(feature = "timestamps")]
fn stamped(report: &mut Report, token: Option<Vec<u8>>, checkpoint: &[u8], trust: &Trust) {
    match (token, &trust.authority) {
        (None, None) => report.skip(STAMPED, "there is no time stamp"),
        (None, Some(_)) => {
            let missing = "you expect a time stamp, and there is none".to_owned();
            report.note(STAMPED, Verdict::Signature, Err(missing));
        }
        (Some(_), None) => report.skip(STAMPED, "there is a time stamp; give --tsa-ca to check it"),
        (Some(token), Some(authority)) => {
            let stamp = crate::timestamp::verify(&token, checkpoint, authority);
            let found = stamp.map(|stamp| format!("it existed at {}", stamp.time));
            report.note(STAMPED, Verdict::Signature, found.map_err(|error| error.to_string()));
        }
    }
}

#[cfg(not(feature = "timestamps"))]
fn stamped(report: &mut Report, _: Option<Vec<u8>>, _: &[u8], _: &Trust) {
    report.skip(STAMPED, "this program was built without the check of time stamps");
}
