//! Secrets that people and browsers carry: told once, kept only as a digest, never in a log.

use std::fmt;

use domain::canonical;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A text that must not end up in a log.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself: for the one who is to have it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// What is kept of a random secret: its SHA-256 in hexadecimal. Too weak for passwords, which are
/// not random.
pub(crate) fn digest(secret: &str) -> String {
    canonical::hex(&Sha256::digest(secret.as_bytes()))
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself_in_a_log() {
        assert_eq!(format!("{:?}", Secret::new("hidden".to_owned())), "(secret)");
    }
}
