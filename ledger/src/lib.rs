//! The Merkle tree under the audit log, hashed as RFC 6962 says.
//!
//! Pure: no database and no network. An append needs the tree's frontier only, at most 64 hashes,
//! so the log grows without being read.

pub mod tree;

pub use tree::{Frontier, Hash, leaf_hash};
