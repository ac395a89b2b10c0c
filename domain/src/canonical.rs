//! The one byte form of a JSON value that digests are taken over: compact, keys sorted.
//!
//! These bytes are stored, and whoever verifies hashes the stored bytes; nothing is ever
//! serialised a second time to check a digest.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Compact JSON with the keys of every object in byte order.
pub fn bytes(value: &Value) -> Vec<u8> {
    text(value).into_bytes()
}

/// A digest over what comes in parts.
#[derive(Debug, Clone, Default)]
pub struct Running(Sha256);

impl Running {
    pub fn add(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// Hexadecimal SHA-256 of all parts.
    pub fn end(self) -> String {
        hex(&self.0.finalize())
    }
}

/// [`bytes`] as text.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (i, (key, item)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_scalar(&Value::from(key.as_str()), out);
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
        scalar => write_scalar(scalar, out),
    }
}

fn write_scalar(value: &Value, out: &mut String) {
    use std::fmt::Write as _;
    // Writing to a String cannot fail.
    let _ = write!(out, "{value}");
}

/// SHA-256 of some bytes, as 64 lower-case hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth_and_nothing_is_padded() {
        let value = json!({"b": [1, {"z": null, "a": true}], "a": "x\n\"y\""});
        assert_eq!(text(&value), r#"{"a":"x\n\"y\"","b":[1,{"a":true,"z":null}]}"#);
    }

    #[test]
    fn a_digest_is_the_published_sha_256() {
        assert_eq!(
            digest(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
