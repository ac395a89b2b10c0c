//! Counts a log again from its leaves, and finds out where it is not the one that was signed.

use domain::id::WorkspaceId;
use ledger::{
    Frontier, Hash,
    node::{Address, HashReader as _},
};

use crate::store::{Session, StoreError};

/// How many entries are in memory at once.
const BATCH: u64 = 2_000;

/// How many leaves stand under a stored node of the lowest level.
const GROUP: u64 = 256;

/// A tree that was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchor {
    pub size: u64,
    pub root: Hash,
}

/// How far a count has come, and the nodes it completed that are to be stored.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted {
    pub tree: Frontier,
    pub nodes: Vec<(Address, Hash)>,
    /// Nodes over entries up to here are stored already.
    pub stored_to: u64,
}

/// Why a log cannot be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// There are fewer entries than were signed.
    Shorter {
        size: u64,
    },
    Missing {
        seq: u64,
    },
    Changed {
        seq: u64,
    },
    /// One of these is another than was signed: from `first` to `last`.
    Among {
        first: u64,
        last: u64,
    },
    /// The first so many entries are not those that were signed.
    Forked {
        size: u64,
    },
    /// The entries are right, the stored hashes above them are not.
    TreeDamaged,
    /// The entries do not give the root that the head of the log says.
    HeadDiffers,
    /// The last checkpoint in the database was not signed by us.
    Forged,
}

impl Counted {
    /// Begins after the last complete group before `from`, with the hashes that are stored; `None` if
    /// some of those are missing.
    pub async fn begin(
        session: &mut Session,
        workspace: WorkspaceId,
        epoch: i64,
        from: u64,
        stored_to: u64,
    ) -> Result<Option<Self>, StoreError> {
        let base = from - from % GROUP;
        let roots: Vec<_> = perfect_subtrees(base).collect();
        let tiles: Vec<_> = roots.iter().map(|address| address.tile()).collect();
        let mut bytes = Vec::with_capacity(roots.len() * 32);
        for (address, tile) in roots.into_iter().zip(tiles) {
            let fetched = session.audit_tiles(workspace, epoch, &[tile]).await?;
            match fetched.hash(address) {
                Some(hash) => bytes.extend(hash),
                None => return Ok(None),
            }
        }
        let tree = Frontier::from_bytes(base, &bytes).ok();
        Ok(tree.map(|tree| Self { tree, nodes: Vec::new(), stored_to }))
    }

    /// Counts on to `to` entries. Trees that were signed must be met on the way; where the last of
    /// them ends, entries begin that nobody signed yet: those must have their stored hashes.
    pub async fn count(
        &mut self,
        session: &mut Session,
        workspace: WorkspaceId,
        to: u64,
        anchors: &[Anchor],
    ) -> Result<Result<(), Fault>, StoreError> {
        let signed = anchors.iter().map(|anchor| anchor.size).max().unwrap_or(self.tree.size());
        if signed > to {
            return Ok(Err(Fault::Shorter { size: to }));
        }
        if let Err(fault) = self.meet(anchors) {
            return Ok(Err(fault));
        }
        while self.tree.size() < to {
            let left = to - self.tree.size();
            let lines = session.log_lines(workspace, self.tree.size(), left.min(BATCH)).await?;
            if lines.is_empty() {
                return Ok(Err(Fault::Missing { seq: self.tree.size() }));
            }
            for line in lines {
                let seq = self.tree.size();
                let hash = line.hash();
                if line.seq != seq {
                    return Ok(Err(Fault::Missing { seq }));
                }
                if seq >= signed && hash != line.stored {
                    return Ok(Err(Fault::Changed { seq }));
                }
                self.push(hash);
                if let Err(fault) = self.meet(anchors) {
                    return Ok(Err(fault));
                }
            }
        }
        Ok(Ok(()))
    }

    /// Takes in the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let Self { tree, nodes, stored_to } = self;
        tree.push_noting(leaf, |address, hash| {
            let end = (address.index + 1) << address.level;
            if address.level > 0 && address.is_stored() && end > *stored_to {
                nodes.push((address, hash));
            }
        });
    }

    fn meet(&self, anchors: &[Anchor]) -> Result<(), Fault> {
        let size = self.tree.size();
        let met = |anchor: &&Anchor| anchor.size == size && size > 0;
        match anchors.iter().filter(met).all(|anchor| anchor.root == self.tree.root()) {
            true => Ok(()),
            false => Err(Fault::Forked { size }),
        }
    }
}

/// The perfect subtrees of a tree, largest first.
fn perfect_subtrees(size: u64) -> impl Iterator<Item = Address> {
    let levels = (0..u64::BITS).rev().filter(move |level| size >> level & 1 == 1);
    levels.map(move |level| {
        let before = size.checked_shr(level + 1).unwrap_or(0).checked_shl(level + 1).unwrap_or(0);
        Address { level: level as u8, index: before >> level }
    })
}

/// Looks for the first entry that is not the one that was signed: one that no longer has the hash
/// stored beside it, or a group of 256 that no longer has the hash stored above it.
pub(super) async fn find_first(
    session: &mut Session,
    workspace: WorkspaceId,
    epoch: i64,
    anchor: Anchor,
) -> Result<Fault, StoreError> {
    let mut tree = Frontier::new();
    while tree.size() < anchor.size {
        let first = tree.size();
        let width = GROUP.min(anchor.size - first);
        let lines = session.log_lines(workspace, first, width).await?;
        let mut group = Frontier::new();
        for seq in first..first + width {
            match lines.get((seq - first) as usize) {
                Some(line) if line.seq == seq && line.hash() != line.stored => {
                    return Ok(Fault::Changed { seq });
                }
                Some(line) if line.seq == seq => {
                    group.push(line.hash());
                    tree.push(line.hash());
                }
                _ => return Ok(Fault::Missing { seq }),
            }
        }
        let above = Address { level: 8, index: first / GROUP };
        let stored = session.audit_nodes(workspace, epoch, above, 1).await?;
        if width == GROUP && stored.first().is_some_and(|stored| *stored != group.root()) {
            return Ok(Fault::Among { first, last: first + width - 1 });
        }
    }
    let whole = tree.root() == anchor.root;
    Ok(if whole { Fault::TreeDamaged } else { Fault::Forked { size: anchor.size } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_perfect_subtrees_cover_a_tree_from_left_to_right() {
        for size in [0_u64, 1, 2, 3, 255, 256, 257, 768, 65_536, 65_792, 1 << 40, (1 << 40) + 3] {
            let mut end = 0;
            for Address { level, index } in perfect_subtrees(size) {
                assert_eq!(index << level, end, "{size}");
                end += 1 << level;
            }
            assert_eq!(end, size);
        }
    }
}
