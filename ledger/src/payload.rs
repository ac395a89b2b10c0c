//! Payloads of entries: kept outside of the tree, committed to by a salted digest, so that one can
//! be erased without breaking a proof, and its leaf gives nothing away.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Hash,
    text::{from_hex, hex},
};

/// What a leaf says of its payload: SHA-256 over a label, 32 random bytes and the payload's bytes.
pub fn commitment(salt: &[u8; 32], payload: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(b"payload/v1\n");
    hash.update(salt);
    hash.update(payload);
    hash.finalize().into()
}

/// A line of `payloads.jsonl`. Keys in their order; the payload as a JSON string, so that every
/// reader gets its exact bytes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayloadLine {
    /// Hexadecimal, as the leaf has it.
    pub commitment: String,
    pub payload: String,
    /// 64 hexadecimal digits.
    pub salt: String,
    /// The entry it belongs to.
    pub seq: u64,
}

impl PayloadLine {
    /// The line for the payload of entry `seq`.
    pub fn new(seq: u64, salt: &[u8; 32], payload: &str) -> Self {
        let commitment = hex(&commitment(salt, payload.as_bytes()));
        Self { commitment, payload: payload.to_owned(), salt: hex(salt), seq }
    }

    /// The commitment that this salt and payload really give, if the line is well formed and states
    /// the same.
    pub fn opened(&self) -> Option<Hash> {
        let given = commitment(&from_hex(&self.salt)?, self.payload.as_bytes());
        (from_hex(&self.commitment)? == given).then_some(given)
    }
}
