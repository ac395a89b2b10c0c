//! Leaf and node hashes, and a tree kept as its frontier (RFC 6962, section 2.1).

use sha2::{Digest, Sha256};

use crate::node::Address;

/// A SHA-256.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256 over a zero byte and the leaf's bytes.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(leaf);
    hash.finalize().into()
}

/// The hash of an inner node: SHA-256 over a one byte and both children.
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// The root of a tree without leaves.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A stored frontier that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} leaves has a frontier of {expected} hashes, not {bytes} bytes")]
pub struct InvalidFrontier {
    size: u64,
    expected: u32,
    bytes: usize,
}

/// A tree that can be appended to: its size and the roots of its perfect subtrees, largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads what [`Frontier::to_bytes`] wrote for a tree of `size` leaves.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Result<Self, InvalidFrontier> {
        let expected = size.count_ones();
        let invalid = || InvalidFrontier { size, expected, bytes: bytes.len() };
        if bytes.len() != expected as usize * 32 {
            return Err(invalid());
        }
        let mut roots = Vec::with_capacity(expected as usize);
        for chunk in bytes.chunks_exact(32) {
            roots.push(chunk.try_into().map_err(|_| invalid())?);
        }
        Ok(Self { size, roots })
    }

    /// The subtree roots one after the other.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.roots.concat()
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        self.push_noting(leaf, |_, _| ());
    }

    /// Appends a leaf by its hash and tells of every node that this completes, the leaf first:
    /// what a store keeps of them is enough for any proof later.
    pub fn push_noting(&mut self, leaf: Hash, mut note: impl FnMut(Address, Hash)) {
        let mut node = leaf;
        let mut place = Address { level: 0, index: self.size };
        note(place, node);
        // Each trailing one bit of the size is a perfect subtree that the new node completes.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                node = node_hash(&left, &node);
                place = place.parent();
                note(place, node);
            }
        }
        self.roots.push(node);
        self.size += 1;
    }

    /// The root of the whole tree; the hash of nothing for the empty one.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else {
            return empty_root();
        };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(hash: Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The definition of RFC 6962, word for word; slow and obvious.
    fn root_by_definition(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => leaf_hash(leaf),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                node_hash(&root_by_definition(left), &root_by_definition(right))
            }
        }
    }

    fn grown(leaves: &[Vec<u8>]) -> Frontier {
        let mut tree = Frontier::new();
        leaves.iter().for_each(|leaf| tree.push(leaf_hash(leaf)));
        tree
    }

    #[test]
    fn roots_are_those_of_the_published_test_vectors() {
        // The inputs and roots that Certificate Transparency implementations share.
        let leaves: Vec<Vec<u8>> = vec![
            vec![],
            vec![0x00],
            vec![0x10],
            vec![0x20, 0x21],
            vec![0x30, 0x31],
            vec![0x40, 0x41, 0x42, 0x43],
            (0x50..=0x57).collect(),
            (0x60..=0x6f).collect(),
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        for (n, root) in roots.iter().enumerate() {
            assert_eq!(hex(grown(&leaves[..=n]).root()), *root, "{} leaves", n + 1);
        }
        assert_eq!(
            hex(Frontier::new().root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    proptest! {
        #[test]
        fn the_frontier_gives_the_root_of_the_definition(
            leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 0..70)
        ) {
            prop_assert_eq!(grown(&leaves).root(), root_by_definition(&leaves));
        }

        #[test]
        fn a_tree_goes_on_from_its_stored_frontier(
            leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 0..70),
            cut: prop::sample::Index,
        ) {
            let cut = cut.index(leaves.len() + 1);
            let before = grown(&leaves[..cut]);
            let mut tree = Frontier::from_bytes(before.size(), &before.to_bytes()).unwrap();
            leaves[cut..].iter().for_each(|leaf| tree.push(leaf_hash(leaf)));
            prop_assert_eq!(tree, grown(&leaves));
        }
    }

    #[test]
    fn a_frontier_of_the_wrong_length_is_refused() {
        assert!(Frontier::from_bytes(3, &[0; 32]).is_err());
        assert!(Frontier::from_bytes(1, &[0; 31]).is_err());
        assert!(Frontier::from_bytes(0, &[]).is_ok());
    }
}
