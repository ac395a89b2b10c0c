//! The one shape of an error at run, item and attempt level, and of a refused move.

use serde::{Deserialize, Serialize};

use crate::words;

words! {
    /// Whether trying again can help.
    FailureKind {
        /// Passing by itself: an outage, a time-out before anything was sent. Retried automatically.
        Transient = "transient",
        /// The same input gives the same failure. Never retried automatically.
        Deterministic = "deterministic",
        /// Nobody knows whether the effect happened.
        Unknown = "unknown",
    }
}

/// Why a run, an item or an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Failure {
    /// Stable, for programs: lower-case words joined by hyphens.
    pub code: String,
    /// One sentence for people, without secrets.
    pub message: String,
    pub kind: FailureKind,
}

impl Failure {
    /// The longest message kept, in characters; the rest is cut off.
    pub const MESSAGE_LIMIT: usize = 2_000;

    pub fn new(code: &str, message: impl Into<String>, kind: FailureKind) -> Self {
        // It may quote what somebody else wrote; whatever that is, the outcome has to be stored.
        let mut message = message.into().replace('\0', "\u{FFFD}");
        if let Some((end, _)) = message.char_indices().nth(Self::MESSAGE_LIMIT) {
            message.truncate(end);
        }
        Self { code: code.to_owned(), message, kind }
    }

    pub fn transient(code: &str, message: impl Into<String>) -> Self {
        Self::new(code, message, FailureKind::Transient)
    }

    pub fn deterministic(code: &str, message: impl Into<String>) -> Self {
        Self::new(code, message, FailureKind::Deterministic)
    }

    pub fn unknown(code: &str, message: impl Into<String>) -> Self {
        Self::new(code, message, FailureKind::Unknown)
    }
}

/// A word that is not one of a fixed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{word}' is no {what}; expected one of: {expected}")]
pub struct UnknownWord {
    what: String,
    word: String,
    expected: String,
}

impl UnknownWord {
    /// `what` may be the name of a type: `RunStatus` is shown as `run status`.
    pub(crate) fn new(what: &str, word: &str, expected: &[&str]) -> Self {
        let word = word.chars().take(80).collect();
        Self { what: plain(what), word, expected: expected.join(", ") }
    }
}

fn plain(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for (i, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && i > 0 {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// A move that the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {what} that is {from} cannot {to}")]
pub struct IllegalMove {
    pub what: &'static str,
    pub from: &'static str,
    pub to: &'static str,
}
