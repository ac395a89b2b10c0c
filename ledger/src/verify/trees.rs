//! Signatures, earlier trees and inclusion proofs.

use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

use super::{Trust, entries::Entries};
use crate::{
    Checkpoint, VerifierKey,
    bundle::{Bundle, BundleError, name, parse_consistency},
    proof::{verify_consistency, verify_inclusion},
    tlog_proof::TlogProof,
};

/// The keys to check with: those that are trusted, or the bundle's own.
pub(super) fn keys<R: Read + Seek>(
    bundle: &Bundle<R>,
    trust: &Trust,
) -> Result<Vec<VerifierKey>, BundleError> {
    let own = bundle.required(name::KEYS)?;
    let text = String::from_utf8_lossy(&own);
    let own = text.lines().map(VerifierKey::parse).collect::<Result<Vec<_>, _>>();
    let own = own.map_err(|error| BundleError::malformed(name::KEYS, error.to_string()))?;
    Ok(if trust.keys.is_empty() { own } else { trust.keys.clone() })
}

/// An earlier checkpoint and where it came from.
pub(super) struct Earlier {
    from: &'static str,
    tree: Checkpoint,
}

/// The earlier checkpoints there are: the bundle's, and the one the auditor kept.
pub(super) fn earlier<R: Read + Seek>(
    bundle: &Bundle<R>,
    trust: &Trust,
) -> Result<Vec<(&'static str, Vec<u8>)>, BundleError> {
    let own = bundle.small(name::PREVIOUS)?.map(|bytes| ("the bundle's earlier checkpoint", bytes));
    let kept = trust.previous.clone().map(|bytes| ("the checkpoint you gave", bytes));
    Ok(own.into_iter().chain(kept).collect())
}

/// Opens the earlier checkpoints; all must be signed like the newest one, and of the same log.
pub(super) fn open_earlier(
    found: &[(&'static str, Vec<u8>)],
    keys: &[VerifierKey],
    origin: &str,
) -> Result<Vec<Earlier>, String> {
    let open = |(from, bytes): &(&'static str, Vec<u8>)| {
        let tree = Checkpoint::open(bytes, keys).map_err(|error| format!("{from}: {error}"))?;
        if tree.origin == origin {
            Ok(Earlier { from, tree })
        } else {
            Err(format!("{from} is of another log: {}", tree.origin))
        }
    };
    found.iter().map(open).collect()
}

impl Earlier {
    /// The size of the earlier tree.
    pub(super) fn size(&self) -> u64 {
        self.tree.size
    }
}

/// Is every earlier tree a beginning of this one? The entries themselves tell; and so must the proof.
pub(super) fn consistent(
    earlier: &[Earlier],
    entries: &Entries,
    tree: &Checkpoint,
    proof: Option<&[u8]>,
) -> Result<String, String> {
    for Earlier { from, tree: old } in earlier {
        if old.size > tree.size {
            return Err(format!("{from} has {} entries, this one only {}", old.size, tree.size));
        }
        if entries.roots.get(&old.size) != Some(&old.root) {
            return Err(format!("the first {} entries are not those of {from}", old.size));
        }
    }
    let own = earlier.iter().find(|earlier| earlier.from.contains("bundle"));
    if let (Some(Earlier { tree: old, .. }), Some(proof)) = (own, proof) {
        let wrong = |why: String| format!("consistency.txt: {why}");
        let (size, proof) =
            parse_consistency(proof).ok_or_else(|| wrong("it is no proof".into()))?;
        if size != old.size {
            return Err(wrong(format!("it is about a tree of {size} entries, not {}", old.size)));
        }
        verify_consistency(old.size, &old.root, tree.size, &tree.root, &proof)
            .map_err(|error| wrong(error.to_string()))?;
    }
    let sizes: Vec<String> = earlier.iter().map(|earlier| earlier.size().to_string()).collect();
    Ok(format!("it grew out of the log of {} entries", sizes.join(" and of ")))
}

/// The proofs in the bundle, by the run they are named after.
pub(super) fn proofs<R: Read + Seek>(
    bundle: &Bundle<R>,
) -> Result<BTreeMap<String, TlogProof>, BundleError> {
    let mut proofs = BTreeMap::new();
    for file in bundle.names().filter(|file| file.starts_with(name::PROOFS)) {
        let proof = TlogProof::parse(&bundle.required(file)?)
            .map_err(|error| BundleError::malformed(file, error.to_string()))?;
        let run = file.trim_start_matches(name::PROOFS).trim_end_matches(".tlog-proof");
        proofs.insert(run.to_owned(), proof);
    }
    Ok(proofs)
}

/// Does every proof lead from an entry of its run to the signed root?
pub(super) fn prove(
    proofs: &BTreeMap<String, TlogProof>,
    entries: &Entries,
    checkpoint: &[u8],
    tree: &Checkpoint,
) -> Result<String, String> {
    for (run, proof) in proofs {
        let wrong = |why: &str| Err(format!("the proof of {run} {why}"));
        if proof.checkpoint.as_bytes() != checkpoint {
            return wrong("is about another checkpoint");
        }
        let Some((leaf, of)) = entries.leaves.get(&proof.index) else {
            return wrong("is about an entry that is not in the log");
        };
        if verify_inclusion(leaf, proof.index, tree.size, &tree.root, &proof.hashes).is_err() {
            return wrong("does not lead to the signed root");
        }
        if of.as_ref().is_some_and(|of| of != run) {
            return wrong("is about an entry of another run");
        }
    }
    Ok(format!("{} proofs", proofs.len()))
}
