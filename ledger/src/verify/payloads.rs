//! The second reading of the entries: each beside its payload.

use std::{
    collections::{HashMap, HashSet},
    io::{Read, Seek},
};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::erased::Erased;
use crate::{
    Hash, Leaf,
    bundle::{Bundle, BundleError, Lines, Manifest, name},
    payload::PayloadLine,
    text::from_hex,
};

/// The digests of rows and documents that payloads bind to the log. Keys are shortened digests of the
/// names, so that a million rows fit into memory.
#[derive(Debug, Default)]
pub(super) struct Bound(HashMap<[u8; 16], Hash>);

#[derive(Deserialize)]
struct Digests {
    digests: HashMap<String, String>,
}

impl Bound {
    fn hear(&mut self, payload: &str) {
        // Most payloads bind nothing; reading them as JSON would take most of the time.
        if !payload.contains("\"digests\"") {
            return;
        }
        let Ok(Digests { digests }) = serde_json::from_str(payload) else { return };
        let read = digests.iter().filter_map(|(name, hash)| Some((key(name), from_hex(hash)?)));
        self.0.extend(read);
    }

    /// The digest this row or document should have. It is given out once.
    pub(super) fn take(&mut self, name: &str) -> Option<Hash> {
        self.0.remove(&key(name))
    }

    /// How many were not asked for.
    pub(super) fn left(&self) -> usize {
        self.0.len()
    }
}

fn key(name: &str) -> [u8; 16] {
    let digest = Sha256::digest(name);
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// What the payloads give.
pub(super) struct Payloads {
    pub finding: Result<String, String>,
    pub bound: Bound,
}

/// Which entries must have their payload here.
struct Wanted<'a> {
    manifest: &'a Manifest,
    runs: HashSet<String>,
}

impl Wanted<'_> {
    fn covers(&self, leaf: &Leaf) -> bool {
        let Manifest { first_seq, end_seq, automations, .. } = self.manifest;
        let chosen = || {
            let policy = leaf.policy.as_ref();
            policy.is_some_and(|policy| automations.contains(&policy.id))
                || leaf.run.as_ref().is_some_and(|run| self.runs.contains(run))
        };
        (*first_seq..*end_seq).contains(&leaf.seq) && (automations.is_empty() || chosen())
    }
}

impl Payloads {
    /// Reads all payloads beside their entries.
    pub(super) fn read<R: Read + Seek>(
        bundle: &Bundle<R>,
        manifest: &Manifest,
        erased: &Erased,
    ) -> Result<Self, BundleError> {
        let runs = if manifest.automations.is_empty() { HashSet::new() } else { run_ids(bundle)? };
        let wanted = Wanted { manifest, runs };
        let (mut entries, mut payloads) = (bundle.view(), bundle.view());
        let mut entries = bundle.lines(&mut entries, name::ENTRIES)?;
        let mut payloads = bundle.lines(&mut payloads, name::PAYLOADS)?;
        let mut bound = Bound::default();
        let finding = beside(&mut entries, &mut payloads, &wanted, erased, &mut bound)?;
        Ok(Self { finding, bound })
    }
}

/// Goes through both files at once; both are in the order of the log.
fn beside<R: Read + Seek>(
    entries: &mut Lines<'_, R>,
    payloads: &mut Lines<'_, R>,
    wanted: &Wanted<'_>,
    erased: &Erased,
    bound: &mut Bound,
) -> Result<Result<String, String>, BundleError> {
    let (mut opened, mut gone) = (0_u64, 0_u64);
    let mut payload = next_payload(payloads)?;
    while let Some(line) = entries.next()? {
        // What is no entry at all is the matter of another check.
        let Ok(leaf) = Leaf::parse(line) else { continue };
        let seq = leaf.seq;
        if let Some(given) = payload.take_if(|payload| payload.seq == seq) {
            if given.opened().is_none() || given.opened() != leaf.commitment() {
                return Ok(Err(format!(
                    "the payload of entry {seq} is not the one it committed to"
                )));
            }
            bound.hear(&given.payload);
            opened += 1;
            payload = next_payload(payloads)?;
        } else if leaf.payload.is_some() && wanted.covers(&leaf) {
            if !erased.covers(&leaf) {
                return Ok(Err(format!(
                    "the payload of entry {seq} is missing, and no entry says it was erased"
                )));
            }
            gone += 1;
        }
    }
    Ok(match payload {
        Some(payload) => Err(format!("the payload of entry {} is out of place", payload.seq)),
        None => Ok(format!("{opened} payloads; {gone} were erased, as later entries say")),
    })
}

fn next_payload<R: Read + Seek>(
    lines: &mut Lines<'_, R>,
) -> Result<Option<PayloadLine>, BundleError> {
    let Some(line) = lines.next()? else { return Ok(None) };
    serde_json::from_slice(line)
        .map(Some)
        .map_err(|error| BundleError::malformed(name::PAYLOADS, error.to_string()))
}

#[derive(Deserialize)]
pub(super) struct Row {
    pub id: String,
}

fn run_ids<R: Read + Seek>(bundle: &Bundle<R>) -> Result<HashSet<String>, BundleError> {
    let mut view = bundle.view();
    let mut lines = bundle.lines(&mut view, "runs.jsonl")?;
    let mut ids = HashSet::new();
    while let Some(line) = lines.next()? {
        let row: Row = serde_json::from_slice(line)
            .map_err(|error| BundleError::malformed("runs.jsonl", error.to_string()))?;
        ids.insert(row.id);
    }
    Ok(ids)
}
