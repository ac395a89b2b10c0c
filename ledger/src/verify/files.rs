//! Every file against `MANIFEST.sha256`.

use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

use sha2::{Digest, Sha256};

use crate::{
    Hash,
    bundle::{Bundle, BundleError, name},
    text::from_hex,
};

/// The digests of all files but the list of them.
pub(super) fn digests<R: Read + Seek>(
    bundle: &Bundle<R>,
) -> Result<BTreeMap<String, Hash>, BundleError> {
    let mut view = bundle.view();
    let mut digests = BTreeMap::new();
    let mut buffer = vec![0; 64 * 1024];
    for file in bundle.names().filter(|file| *file != name::DIGESTS) {
        let Some(mut stream) = bundle.file(&mut view, file)? else { continue };
        let mut hash = Sha256::new();
        loop {
            let read = stream.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
        }
        digests.insert(file.to_owned(), hash.finalize().into());
    }
    Ok(digests)
}

/// Does the list name exactly these files with these digests?
pub(super) fn compare(list: &[u8], found: &BTreeMap<String, Hash>) -> Result<String, String> {
    let text = std::str::from_utf8(list).map_err(|_| "the list is not text".to_owned())?;
    let mut listed = BTreeMap::new();
    for line in text.lines() {
        let entry = line.split_once("  ").and_then(|(hash, file)| Some((file, from_hex(hash)?)));
        let (file, hash): (&str, Hash) =
            entry.ok_or_else(|| format!("the list has a line that is none: {line:?}"))?;
        if listed.insert(file, hash).is_some() {
            return Err(format!("{file} is listed twice"));
        }
    }
    for (file, hash) in found {
        match listed.remove(file.as_str()) {
            None => return Err(format!("{file} is not listed")),
            Some(expected) if expected != *hash => return Err(format!("{file} was changed")),
            Some(_) => {}
        }
    }
    match listed.keys().next() {
        Some(file) => Err(format!("{file} is listed but missing")),
        None => Ok(format!("{} files", found.len())),
    }
}
