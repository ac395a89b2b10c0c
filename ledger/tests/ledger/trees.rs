//! Trees and proofs against two other implementations.

use ct_merkle::{ConsistencyProof, InclusionProof, mem_backed_tree::MemoryBackedTree};
use ledger::{
    Hash, leaf_hash,
    node::{Address, Fetched, TILE_WIDTH},
    proof::{MissingNode, Plan, ProofError, verify_consistency, verify_inclusion},
    tree::empty_root,
};
use proptest::prelude::*;
use sha2::Sha256;

use crate::support::Tree;

const LARGEST: u64 = 70;

fn data(n: u64) -> Vec<u8> {
    format!("entry {n}").into_bytes()
}

fn grown(size: u64) -> Tree {
    Tree::of(&(0..size).map(|n| leaf_hash(&data(n))).collect::<Vec<_>>())
}

fn oracle(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|n| tree.push(data(n)));
    tree
}

struct Stored<'a>(&'a Tree);

impl tlog_tiles::HashReader for Stored<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let read = |index: &u64| {
            let (level, index) = tlog_tiles::split_stored_hash_index(*index);
            tlog_tiles::Hash(self.0.nodes[&Address { level, index }])
        };
        Ok(indexes.iter().map(read).collect())
    }
}

fn theirs(hashes: &[Hash]) -> Vec<tlog_tiles::Hash> {
    hashes.iter().map(|hash| tlog_tiles::Hash(*hash)).collect()
}

#[test]
fn roots_and_proofs_are_those_of_two_other_implementations() {
    let (mut inclusions, mut consistencies) = (0, 0);
    for size in 1..=LARGEST {
        let (tree, other) = (grown(size), oracle(size));
        let root = tree.frontier.root();
        assert_eq!(other.root().as_bytes().as_slice(), root);
        assert_eq!(tlog_tiles::tree_hash(size, &Stored(&tree)).unwrap().0, root);
        assert_eq!(tree.proof(&Plan::root(size).unwrap()), [root]);
        for index in 0..size {
            let proof = tree.proof(&Plan::inclusion(index, size).unwrap());
            let leaf = leaf_hash(&data(index));
            assert_eq!(other.prove_inclusion(index as usize).as_bytes(), proof.concat());
            let tiles = tlog_tiles::prove_record(size, index, &Stored(&tree)).unwrap();
            assert_eq!(tiles, theirs(&proof));
            verify_inclusion(&leaf, index, size, &root, &proof).unwrap();
            other
                .root()
                .verify_inclusion(&data(index), index, &InclusionProof::from_bytes(proof.concat()))
                .unwrap();
            inclusions += 1;
        }
        for old in 1..=size {
            let proof = tree.proof(&Plan::consistency(old, size).unwrap());
            let old_root = grown(old).frontier.root();
            verify_consistency(old, &old_root, size, &root, &proof).unwrap();
            assert_eq!(tlog_tiles::prove_tree(size, old, &Stored(&tree)).unwrap(), theirs(&proof));
            if old < size {
                let added = (size - old) as usize;
                assert_eq!(other.prove_consistency(added).as_bytes(), proof.concat());
                let theirs = ConsistencyProof::try_from_bytes(proof.concat()).unwrap();
                other.root().verify_consistency(&oracle(old).root(), &theirs).unwrap();
            }
            consistencies += 1;
        }
    }
    println!(
        "{inclusions} inclusion and {consistencies} consistency proofs equal in three implementations"
    );
}

#[test]
fn every_tree_grows_out_of_the_empty_one_and_out_of_itself() {
    for size in [0, 1, 5, 8] {
        let root = grown(size).frontier.root();
        assert_eq!(Plan::consistency(0, size).unwrap().addresses().count(), 0);
        verify_consistency(0, &empty_root(), size, &root, &[]).unwrap();
        verify_consistency(size, &root, size, &root, &[]).unwrap();
        let other = verify_consistency(0, &[1; 32], size, &root, &[]);
        assert_eq!(other, Err(ProofError::OtherRoot));
    }
}

#[test]
fn a_proof_for_a_million_entries_reads_a_few_tiles() {
    for n in [0, 1, 123_456, 999_998] {
        let inclusion = Plan::inclusion(n, 1_000_000).unwrap().tiles();
        let consistency = Plan::consistency(n + 1, 1_000_000).unwrap().tiles();
        assert!(inclusion.len() <= 5 && consistency.len() <= 5, "{inclusion:?} {consistency:?}");
        assert!(inclusion.iter().all(|tile| tile.level <= 16 && tile.width <= TILE_WIDTH));
    }
}

#[test]
fn a_proof_is_put_together_from_stored_tiles_alone() {
    let size = 70_000;
    let tree = grown(size);
    for index in [0, 255, 256, 65_535, 65_536, 69_999] {
        let plan = Plan::inclusion(index, size).unwrap();
        let mut fetched = Fetched::default();
        for tile in plan.tiles() {
            let hashes: Vec<Hash> = tile.addresses().map(|place| tree.nodes[&place]).collect();
            assert!(tile.addresses().all(Address::is_stored));
            assert!(fetched.insert(tile, hashes[1..].to_vec()).is_err());
            fetched.insert(tile, hashes).unwrap();
        }
        let proof = plan.assemble(&fetched).unwrap();
        assert_eq!(proof, tree.proof(&plan));
        let root = tree.frontier.root();
        verify_inclusion(&leaf_hash(&data(index)), index, size, &root, &proof).unwrap();
        let first = plan.addresses().next().unwrap();
        assert!(
            matches!(plan.assemble(&Fetched::default()), Err(MissingNode(node)) if node == first)
        );
    }
    let stored = tree.nodes.keys().filter(|node| node.is_stored()).count();
    assert_eq!(stored, 70_000 + 70_000 / 256 + 70_000 / 65_536);
}

proptest! {
    #[test]
    fn a_proof_with_anything_changed_proves_nothing(
        size in 2..60_u64, index: prop::sample::Index, part: prop::sample::Index, bit in 0..256_usize,
    ) {
        let (tree, index) = (grown(size), index.index(size as usize) as u64);
        let (root, leaf) = (tree.frontier.root(), leaf_hash(&data(index)));
        let proof = tree.proof(&Plan::inclusion(index, size).unwrap());
        let mut forged = proof.clone();
        let at = part.index(proof.len());
        forged[at][bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_inclusion(&leaf, index, size, &root, &forged).is_err());
        prop_assert!(verify_inclusion(&leaf, index, size, &root, &proof[1..]).is_err());
        prop_assert!(verify_inclusion(&leaf, (index + 1) % size, size, &root, &proof).is_err());
        let longer = [&proof[..], &[[0; 32]]].concat();
        prop_assert!(verify_inclusion(&leaf, index, size, &root, &longer).is_err());
        prop_assert!(verify_inclusion(&leaf, size, size, &root, &proof).is_err());

        let old = index + 1;
        let old_root = grown(old).frontier.root();
        let proof = tree.proof(&Plan::consistency(old, size).unwrap());
        let longer = [&proof[..], &[[0; 32]]].concat();
        prop_assert!(verify_consistency(old, &old_root, size, &root, &longer).is_err());
        prop_assert!(verify_consistency(old, &leaf, size, &root, &proof).is_err() || old == 1);
        if !proof.is_empty() {
            let mut forged = proof.clone();
            let at = part.index(proof.len());
            forged[at][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(verify_consistency(old, &old_root, size, &root, &forged).is_err());
            prop_assert!(verify_consistency(old, &old_root, size, &root, &proof[1..]).is_err());
        }
    }
}
