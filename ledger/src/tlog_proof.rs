//! C2SP tlog-proof: one text file that proves offline that an entry is in the log.

use crate::{
    Hash,
    checkpoint::{Checkpoint, CheckpointError},
    note::VerifierKey,
    proof::{ProofError, verify_inclusion},
    text::{base64, decimal, from_base64, hash_from_base64},
};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A tree of 2⁶⁴ entries has no longer proof.
const MAX_HASHES: usize = 64;

/// Why a proof cannot be read or does not prove.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    #[error("it is not a proof: {0}")]
    Malformed(&'static str),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// The proof that an entry stands at its place in a signed tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Data the proof carries along; not proven by it.
    pub extra: Option<Vec<u8>>,
    /// The place of the entry, from 0.
    pub index: u64,
    /// The inclusion proof.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, byte for byte.
    pub checkpoint: String,
}

impl TlogProof {
    /// Reads a proof; says nothing yet about what it proves.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        let malformed = TlogProofError::Malformed;
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("not UTF-8"))?;
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or(malformed("a blank line precedes the checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(malformed("another first line"));
        }
        let extra = lines.next_if(|line| line.starts_with("extra ")).map(|line| {
            line.strip_prefix("extra ").and_then(from_base64).ok_or(malformed("the extra data"))
        });
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(decimal)
            .ok_or(malformed("the index"))?;
        let hashes: Vec<Hash> = lines
            .map(|line| hash_from_base64(line).ok_or(malformed("a hash")))
            .collect::<Result<_, _>>()?;
        if hashes.len() > MAX_HASHES {
            return Err(malformed("too many hashes"));
        }
        let checkpoint = checkpoint.to_owned();
        Ok(Self { extra: extra.transpose()?, index, hashes, checkpoint })
    }

    /// Checks that the entry with this leaf hash is in the log that one of the keys signed; answers
    /// with the checkpoint that says so.
    pub fn verify(&self, leaf: &Hash, keys: &[VerifierKey]) -> Result<Checkpoint, TlogProofError> {
        let tree = Checkpoint::open(self.checkpoint.as_bytes(), keys)?;
        verify_inclusion(leaf, self.index, tree.size, &tree.root, &self.hashes)?;
        Ok(tree)
    }
}

impl std::fmt::Display for TlogProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", base64(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}
