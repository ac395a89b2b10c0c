//! The bundle: one zip file that an auditor takes home and checks without the server.
//!
//! | file | holds |
//! |---|---|
//! | `checkpoint`, `vkey` | the signed checkpoint; the keys it may be signed with, one a line |
//! | `checkpoint.prev`, `consistency.txt` | an earlier checkpoint, and the proof that the log grew out of it |
//! | `checkpoint.tsr` | an RFC 3161 time-stamp response over `checkpoint` |
//! | `entries.jsonl` | every leaf, one a line, from `entries_from` of the manifest; a [`crate::removed::RemovedLine`] where only the hash is left |
//! | `hashes.bin` | leaf hashes from 0, 32 bytes each: those before `entries_from`, or more |
//! | `payloads.jsonl` | [`crate::payload::PayloadLine`]s in the order of the entries |
//! | `approvals.jsonl` … `runs.jsonl` | rows: JSON objects with an `id`, one a line |
//! | `definitions/`, `policies/`, `reports/`, `oscal/`, `ocsf.jsonl`, `reported.jsonl` | documents and views |
//! | `proofs/<run>.tlog-proof` | that the log holds the last entry of the run |
//! | `manifest.json`, `MANIFEST.sha256` | the [`Manifest`]; the digest of every other file |
//! | `VERIFY.md`, `verify.sh`, `leaves.py`, `root.py`, `payloads.py`, `proofs.py` | how to check it by hand |
//!
//! A payload can bind rows and documents to the log: its member `digests` maps `runs/<id>` (a row of
//! `runs.jsonl`) or `reports/<file>` (a whole file) to a hexadecimal SHA-256 of the exact bytes, a row
//! without its line feed. The last such entry counts.

mod read;
mod write;

use serde::{Deserialize, Serialize};

pub use read::Bundle;
pub(crate) use read::Lines;
pub use write::{BundleWriter, Cover, Previous};

use crate::{
    Hash,
    text::{base64, decimal, hash_from_base64},
};

/// The names of the files that have a fixed one.
pub mod name {
    pub const CHECKPOINT: &str = "checkpoint";
    pub const PREVIOUS: &str = "checkpoint.prev";
    pub const TIMESTAMP: &str = "checkpoint.tsr";
    pub const CONSISTENCY: &str = "consistency.txt";
    pub const KEYS: &str = "vkey";
    pub const ENTRIES: &str = "entries.jsonl";
    pub const HASHES: &str = "hashes.bin";
    pub const PAYLOADS: &str = "payloads.jsonl";
    pub const MANIFEST: &str = "manifest.json";
    pub const DIGESTS: &str = "MANIFEST.sha256";
    /// Directory of inclusion proofs.
    pub const PROOFS: &str = "proofs/";
    /// Files of rows, by the word their digests begin with.
    pub const ROWS: [&str; 6] = ["approvals", "attempts", "incidents", "items", "reports", "runs"];
}

/// What [`Manifest::format`] says.
pub const FORMAT: &str = "assize-bundle/v1";

/// How many files a bundle may have. Reports and proofs are a file each, and whoever unpacks the
/// bundle keeps the list in memory; a longer period belongs in several bundles.
pub const MAX_FILES: usize = 50_000;

/// Why a bundle cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("the file cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    #[error("the zip file is damaged: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("{0:?} is not a name that a file in a bundle can have")]
    Name(String),
    #[error("{0:?} must not come now: files are written in the order of their names, each once")]
    Order(String),
    #[error("a bundle holds at most {MAX_FILES} files")]
    TooManyFiles,
    #[error("{file} {problem}")]
    Malformed { file: String, problem: String },
}

impl BundleError {
    pub(crate) fn malformed(file: &str, problem: impl Into<String>) -> Self {
        Self::Malformed { file: file.to_owned(), problem: problem.into() }
    }
}

/// `manifest.json`: what the bundle covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The automations it is limited to; none for all of the workspace.
    pub automations: Vec<String>,
    /// Where the log's key is kept: `file`, `credential` or `kms`.
    pub custody: String,
    /// The first entry after the period, by its place in the log.
    pub end_seq: u64,
    /// The place of the first line of `entries.jsonl`.
    pub entries_from: u64,
    /// The first entry of the period. Payloads from here to `end_seq` are in the bundle.
    pub first_seq: u64,
    /// [`FORMAT`].
    pub format: String,
    /// The period's begin, inclusive: RFC 3339 in UTC, whole seconds.
    pub from: String,
    /// The log, as in its checkpoint.
    pub origin: String,
    /// The period's end, exclusive.
    pub until: String,
}

impl Manifest {
    /// The bytes of `manifest.json`.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, BundleError> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| BundleError::malformed(name::MANIFEST, error.to_string()))?;
        text.push(b'\n');
        Ok(text)
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        let wrong = |problem: String| BundleError::malformed(name::MANIFEST, problem);
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(wrong(format!("is of format {:?}, not {FORMAT}", manifest.format)));
        }
        if !is_second(&manifest.from) || !is_second(&manifest.until) {
            return Err(wrong("should give the period in whole seconds, in UTC".to_owned()));
        }
        if manifest.first_seq > manifest.end_seq || manifest.entries_from > manifest.first_seq {
            return Err(wrong("has the period's entries out of order".to_owned()));
        }
        Ok(manifest)
    }

    /// Does an instant as leaves write it lie in the period?
    pub(crate) fn covers(&self, instant: &str) -> bool {
        let second = instant.get(..19).unwrap_or_default();
        self.from.get(..19).is_some_and(|from| from <= second)
            && self.until.get(..19).is_some_and(|until| second < until)
    }
}

fn is_second(text: &str) -> bool {
    let with_fraction = text.strip_suffix('Z').map(|text| format!("{text}.000000Z"));
    with_fraction.is_some_and(|text| crate::leaf::is_instant(&text))
}

/// The text of `consistency.txt`: the size of the old tree, then a hash a line.
pub fn consistency_text(old: u64, proof: &[Hash]) -> String {
    let lines: String = proof.iter().map(|hash| base64(hash) + "\n").collect();
    format!("old {old}\n{lines}")
}

/// Reads [`consistency_text`].
pub fn parse_consistency(text: &[u8]) -> Option<(u64, Vec<Hash>)> {
    let mut lines = std::str::from_utf8(text).ok()?.strip_suffix('\n')?.split('\n');
    let old = lines.next()?.strip_prefix("old ").and_then(decimal)?;
    let proof: Vec<Hash> = lines.map(hash_from_base64).collect::<Option<_>>()?;
    Some((old, proof))
}

/// Names that mean the same file on every system: short, plain letters, no way out of the directory.
fn is_safe(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte);
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && !part.ends_with('.')
            && part.bytes().all(letter)
    };
    name.len() <= 200 && name.split('/').all(part)
}
