//! Where the nodes of a tree are kept, so that a proof reads a few of them and not the whole log.
//!
//! Every node a proof needs is made of *perfect* subtrees, which never change once complete. A store
//! keeps those of levels 0, 8, 16 … (level 0 being the leaf hashes); 256 neighbours of a level are a
//! [`Tile`], as in C2SP tlog-tiles. The nodes in between are hashed from at most 128 stored ones.

use std::collections::HashMap;

use crate::{Hash, tree::node_hash};

/// How many levels of the tree a tile spans.
pub const TILE_HEIGHT: u8 = 8;

/// How many hashes a full tile has.
pub const TILE_WIDTH: u16 = 1 << TILE_HEIGHT;

/// The place of a perfect subtree: its height, and which one of that height it is from the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// 0 for leaves; a node of level `n` stands over 2ⁿ leaves.
    pub level: u8,
    /// From 0.
    pub index: u64,
}

impl Address {
    /// The node this one is a child of.
    pub(crate) fn parent(self) -> Self {
        Self { level: self.level.saturating_add(1), index: self.index / 2 }
    }

    /// Is it of a level that a store keeps?
    pub fn is_stored(self) -> bool {
        self.level.is_multiple_of(TILE_HEIGHT)
    }

    /// The stored hashes this node is made of: the tile up to the last of them, and where in it they
    /// begin.
    fn within(self) -> (Tile, u16) {
        let height = self.level % TILE_HEIGHT;
        let first = self.index << height;
        let start = (first % u64::from(TILE_WIDTH)) as u16;
        let (level, index) = (self.level - height, first / u64::from(TILE_WIDTH));
        (Tile { level, index, width: start + (1 << height) }, start)
    }

    /// The tile to fetch for it.
    pub fn tile(self) -> Tile {
        self.within().0
    }
}

/// Neighbouring hashes of a stored level: number `256 × index` and those that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// The level of its hashes in the tree: 0, 8, 16 …
    pub level: u8,
    /// Which tile of this level.
    pub index: u64,
    /// How many hashes are wanted, from its first; at most 256.
    pub width: u16,
}

impl Tile {
    /// The addresses of its hashes.
    pub fn addresses(self) -> impl Iterator<Item = Address> {
        let first = self.index * u64::from(TILE_WIDTH);
        let indices = first..first + u64::from(self.width);
        indices.map(move |index| Address { level: self.level, index })
    }
}

/// Where the hashes of nodes come from.
pub trait HashReader {
    /// The hash at this place, if it is known.
    fn hash(&self, address: Address) -> Option<Hash>;
}

/// The tiles that were fetched for a proof.
#[derive(Debug, Clone, Default)]
pub struct Fetched(HashMap<(u8, u64), Vec<Hash>>);

impl Fetched {
    /// Keeps the hashes of a tile; refuses them when they are not as many as were wanted.
    pub fn insert(&mut self, tile: Tile, hashes: Vec<Hash>) -> Result<(), WrongCount> {
        if hashes.len() != usize::from(tile.width) {
            return Err(WrongCount { tile, found: hashes.len() });
        }
        self.0.insert((tile.level, tile.index), hashes);
        Ok(())
    }
}

impl HashReader for Fetched {
    fn hash(&self, address: Address) -> Option<Hash> {
        let (tile, start) = address.within();
        let hashes = self.0.get(&(tile.level, tile.index))?;
        let mut row = hashes.get(usize::from(start)..usize::from(tile.width))?.to_vec();
        while row.len() > 1 {
            row = row.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
        }
        row.pop()
    }
}

/// A store gave another number of hashes than it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("of tile {} at level {}, {} hashes are wanted, not {found}", tile.index, tile.level, tile.width)]
pub struct WrongCount {
    tile: Tile,
    found: usize,
}

/// The perfect subtrees that make up the leaves from `start` to `end`, left to right; `start` must be
/// a multiple of the largest power of two not above `end - start`, as it is in every proof.
pub(crate) fn cover(mut start: u64, end: u64) -> Vec<Address> {
    let mut nodes = Vec::new();
    while start < end {
        let level = (end - start).ilog2();
        nodes.push(Address { level: level as u8, index: start >> level });
        start += 1 << level;
    }
    nodes
}
