//! What stands in the place of an entry that went with the stub of a reported run: its hash, which is
//! all that the tree needs.

use serde::{Deserialize, Serialize};

use crate::{
    Hash, leaf_hash,
    text::{from_hex, hex},
};

/// A line of `entries.jsonl` in the place of an entry that is gone. Never a leaf, and no leaf is one of
/// these: a leaf has other keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemovedLine {
    /// The hash of the leaf, 64 hexadecimal digits.
    hash: String,
    /// The place in the log.
    pub seq: u64,
}

impl RemovedLine {
    pub fn new(seq: u64, hash: &Hash) -> Self {
        Self { hash: hex(hash), seq }
    }

    /// Reads a line, strictly: in the one form it is written in. `None` for every other line.
    pub fn parse(line: &[u8]) -> Option<(Self, Hash)> {
        // Almost every line is a leaf; reading all of those twice would take its time.
        if !line.starts_with(b"{\"hash\":") {
            return None;
        }
        let read: Self = serde_json::from_slice(line).ok()?;
        let hash = from_hex(&read.hash)?;
        let same = serde_json::to_vec(&read).is_ok_and(|written| written == line);
        same.then_some((read, hash))
    }
}

/// The hash of the leaf that a line of `entries.jsonl` is, or stands for.
pub fn line_hash(line: &[u8]) -> Hash {
    RemovedLine::parse(line).map_or_else(|| leaf_hash(line), |(_, hash)| hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_form_of_a_removed_line_stands_for_a_hash() {
        let hash = leaf_hash(b"an entry");
        let line = serde_json::to_string(&RemovedLine::new(7, &hash)).unwrap();
        assert_eq!(line_hash(line.as_bytes()), hash);
        for other in [
            line.replace("7", "7 "),
            line.replace(",\"seq\"", ",\"run\":\"run_1\",\"seq\""),
            line.to_uppercase(),
            line.replace(&hex(&hash), "00"),
        ] {
            assert_eq!(line_hash(other.as_bytes()), leaf_hash(other.as_bytes()), "{other}");
        }
    }
}
