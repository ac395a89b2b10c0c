//! The audit log as a Merkle tree, its signed checkpoints, and the bundle an auditor takes home.
//!
//! Pure: no database, no network, no file system; input and output are `Read`, `Write` and `Seek`.
//!
//! | part | says |
//! |---|---|
//! | [`tree`], [`node`], [`proof`] | RFC 6962: roots, inclusion and consistency, over stored nodes |
//! | [`note`], [`checkpoint`], [`tlog_proof`] | C2SP text formats around them |
//! | [`leaf`], [`payload`], [`removed`] | what an entry is, byte for byte, and what is left of one |
//! | [`bundle`] | the zip file: written as a stream, read with distrust |
//! | [`verify`] | every check of a bundle, in words for people |
//! | `timestamp` | RFC 3161 tokens over checkpoints (feature `timestamps`) |

pub mod bundle;
pub mod checkpoint;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod leaf;
pub mod node;
pub mod note;
pub mod payload;
pub mod proof;
pub mod removed;
pub mod spans;
pub mod text;
#[cfg(feature = "timestamps")]
pub mod timestamp;
pub mod tlog_proof;
pub mod tree;
pub mod verify;

pub use checkpoint::Checkpoint;
pub use leaf::Leaf;
pub use note::{SignerKey, VerifierKey};
pub use tree::{Frontier, Hash, leaf_hash};
