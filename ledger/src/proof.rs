//! Inclusion and consistency proofs (RFC 6962, sections 2.1.1 and 2.1.2; checked as RFC 9162 says).
//!
//! Making one has two steps, so that the caller can fetch in between: a [`Plan`] says which stored
//! hashes are needed, and [`Plan::assemble`] puts the proof together from them.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    Hash,
    node::{Address, HashReader, Tile, cover},
    tree::{empty_root, node_hash},
};

/// There is no such proof: the entry or the old tree is not inside the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{part} is not within a tree of {size} entries")]
pub struct OutOfRange {
    part: u64,
    size: u64,
}

/// A hash that a proof needs was not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tree's node {} at level {} is missing", .0.index, .0.level)]
pub struct MissingNode(pub Address);

/// Which nodes a proof is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// For each hash of the proof, the perfect subtrees it is made of, left to right.
    hashes: Vec<Vec<Address>>,
}

impl Plan {
    /// The plan of the proof that entry `index` is in the tree of the first `size` entries.
    pub fn inclusion(index: u64, size: u64) -> Result<Self, OutOfRange> {
        if index >= size {
            return Err(OutOfRange { part: index, size });
        }
        let (mut tree, mut siblings) = (0..size, Vec::new());
        while tree.end - tree.start > 1 {
            let (left, right) = split(&tree);
            let (within, sibling) = if index < left.end { (left, right) } else { (right, left) };
            siblings.push(cover(sibling.start, sibling.end));
            tree = within;
        }
        siblings.reverse();
        Ok(Self { hashes: siblings })
    }

    /// The plan of the proof that the tree of the first `old` entries is a beginning of the tree of
    /// the first `new`. Nothing needs proof for the empty tree and for a tree and itself.
    pub fn consistency(old: u64, new: u64) -> Result<Self, OutOfRange> {
        if old > new {
            return Err(OutOfRange { part: old, size: new });
        }
        let mut hashes = Vec::new();
        let mut tree = 0..new;
        while old > 0 && old != tree.end {
            let (left, right) = split(&tree);
            let (within, sibling) = if old <= left.end { (left, right) } else { (right, left) };
            hashes.push(cover(sibling.start, sibling.end));
            tree = within;
        }
        // The old tree's own root is known to whoever checks, so it is sent only as a part of it.
        if old > 0 && tree.start > 0 {
            hashes.push(cover(tree.start, tree.end));
        }
        hashes.reverse();
        Ok(Self { hashes })
    }

    /// The plan of the root of the tree of the first `size` entries, which must not be 0.
    pub fn root(size: u64) -> Result<Self, OutOfRange> {
        if size == 0 {
            return Err(OutOfRange { part: 0, size });
        }
        Ok(Self { hashes: vec![cover(0, size)] })
    }

    /// The nodes to fetch.
    pub fn addresses(&self) -> impl Iterator<Item = Address> + '_ {
        self.hashes.iter().flatten().copied()
    }

    /// The tiles to fetch, each once.
    pub fn tiles(&self) -> Vec<Tile> {
        let mut tiles = BTreeMap::new();
        for tile in self.addresses().map(Address::tile) {
            let width = tiles.entry((tile.level, tile.index)).or_insert(0);
            *width = tile.width.max(*width);
        }
        tiles.into_iter().map(|((level, index), width)| Tile { level, index, width }).collect()
    }

    /// The hashes of the proof.
    pub fn assemble(&self, reader: &impl HashReader) -> Result<Vec<Hash>, MissingNode> {
        let read = |address: &Address| reader.hash(*address).ok_or(MissingNode(*address));
        let mut proof = Vec::with_capacity(self.hashes.len());
        for nodes in &self.hashes {
            let Some((last, before)) = nodes.split_last() else { continue };
            let mut hash = read(last)?;
            for node in before.iter().rev() {
                hash = node_hash(&read(node)?, &hash);
            }
            proof.push(hash);
        }
        Ok(proof)
    }
}

/// Both halves of a tree: the left one as large a power of two as leaves something to the right.
fn split(tree: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let middle = tree.start + (1 << (tree.end - tree.start - 1).ilog2());
    (tree.start..middle, middle..tree.end)
}

/// Why a proof does not prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    #[error("the proof is about an entry or a tree outside of this tree")]
    OutOfRange,
    #[error("the proof has too few or too many hashes")]
    WrongLength,
    #[error("the proof leads to another root")]
    OtherRoot,
}

/// Checks that an entry with this leaf hash stands at `index` in the tree of `size` and `root`.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange);
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            skip_edge(&mut at, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    finish(last, hash == *root)
}

/// Checks that the tree of `old` entries and root `old_root` is a beginning of the tree of `new`
/// entries and root `new_root`.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::OutOfRange);
    }
    if old == 0 || old == new {
        let known = if old == 0 { empty_root() } else { *new_root };
        return if proof.is_empty() {
            finish(0, *old_root == known)
        } else {
            Err(ProofError::WrongLength)
        };
    }
    let (first, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or(ProofError::WrongLength)?
    };
    let shared = (old - 1).trailing_ones();
    let (mut at, mut last) = ((old - 1) >> shared, (new - 1) >> shared);
    let (mut small, mut large) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if at & 1 == 1 || at == last {
            small = node_hash(sibling, &small);
            large = node_hash(sibling, &large);
            skip_edge(&mut at, &mut last);
        } else {
            large = node_hash(&large, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    finish(last, small == *old_root && large == *new_root)
}

/// Climbs the levels on which the right edge of the tree has no sibling of its own.
fn skip_edge(at: &mut u64, last: &mut u64) {
    while *at & 1 == 0 && *at != 0 {
        (*at, *last) = (*at >> 1, *last >> 1);
    }
}

fn finish(last: u64, equal: bool) -> Result<(), ProofError> {
    match (last, equal) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::OtherRoot),
        _ => Err(ProofError::WrongLength),
    }
}
