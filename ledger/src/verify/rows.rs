//! Rows and documents against the digests that the log holds of them.

use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

use sha2::{Digest, Sha256};

use super::payloads::{Bound, Row};
use crate::{
    Hash,
    bundle::{Bundle, BundleError, name},
};

/// Compares every row and document whose digest the log holds.
pub(super) fn compare<R: Read + Seek>(
    bundle: &Bundle<R>,
    files: &BTreeMap<String, Hash>,
    bound: &mut Bound,
) -> Result<Result<String, String>, BundleError> {
    let (mut checked, mut free) = (0_u64, 0_u64);
    let mut differs = |name: &str, found: Hash| match bound.take(name) {
        Some(expected) if expected != found => true,
        Some(_) => {
            checked += 1;
            false
        }
        None => {
            free += 1;
            false
        }
    };
    const DOCUMENTS: [&str; 3] = ["definitions/", "policies/", "reports/"];
    let documents =
        files.iter().filter(|(file, _)| DOCUMENTS.iter().any(|folder| file.starts_with(folder)));
    for (file, hash) in documents {
        if differs(file, *hash) {
            return Ok(Err(format!("{file} is not the one the log speaks of")));
        }
    }
    let mut view = bundle.view();
    for kind in name::ROWS {
        let file = format!("{kind}.jsonl");
        let mut lines = bundle.lines(&mut view, &file)?;
        while let Some(line) = lines.next()? {
            let row: Row = serde_json::from_slice(line)
                .map_err(|error| BundleError::malformed(&file, error.to_string()))?;
            let id = row.id;
            if differs(&format!("{kind}/{id}"), Sha256::digest(line).into()) {
                return Ok(Err(format!("{id} in {file} is not as the log speaks of it")));
            }
        }
    }
    let left = bound.left();
    Ok(Ok(format!(
        "{checked} checked; {free} that the log holds no digest of; {left} that the log speaks of and \
         the bundle leaves out"
    )))
}
