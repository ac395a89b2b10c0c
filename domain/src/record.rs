//! Records, the registers they stand in, and references to them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Timestamp,
    id::{ItemId, RecordId, WorkspaceId},
    words,
};

words! {
    /// What becomes of a file of records of which not all can be used.
    ImportMode {
        /// Nothing of it is imported.
        AllOrNothing = "all-or-nothing",
        /// What can be used is imported, part by part.
        BestEffort = "best-effort",
    }
}

/// A record by what people call it: kind and key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordRef {
    pub kind: String,
    pub key: String,
}

impl std::fmt::Display for RecordRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.key)
    }
}

/// A record: a kind, a key and attributes. Subjects and results are both records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub id: RecordId,
    pub workspace: WorkspaceId,
    pub kind: String,
    pub key: String,
    /// A JSON object.
    pub attributes: Value,
    /// Counts changes, from 1.
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The item whose action brought it about; `None` for imported records.
    pub created_by_item: Option<ItemId>,
}

impl Record {
    pub fn reference(&self) -> RecordRef {
        RecordRef { kind: self.kind.clone(), key: self.key.clone() }
    }

    /// What conditions and templates see as `subject`: the attributes with `kind` and `key`.
    pub fn as_subject(&self) -> Value {
        let mut subject = self.attributes.as_object().cloned().unwrap_or_default();
        subject.insert("kind".to_owned(), self.kind.clone().into());
        subject.insert("key".to_owned(), self.key.clone().into());
        Value::Object(subject)
    }
}

/// Why a text cannot be the kind or key of a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    #[error(
        "a record kind has 1 to 60 characters of a-z, 0-9 and hyphens, and begins with a letter"
    )]
    Kind,
    #[error(
        "a record key has 1 to 120 characters, no control characters or slashes, and no spaces at \
         its ends; it is not '.' or '..'"
    )]
    Key,
}

/// Checks a kind, such as `evidence-request`.
pub fn check_kind(kind: &str) -> Result<(), InvalidName> {
    let valid = (1..=60).contains(&kind.len())
        && kind.starts_with(|c: char| c.is_ascii_lowercase())
        && kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if valid { Ok(()) } else { Err(InvalidName::Kind) }
}

/// Checks a key, such as `ACC-0042`.
pub fn check_key(key: &str) -> Result<(), InvalidName> {
    let valid = (1..=120).contains(&key.chars().count())
        && !key.chars().any(|c| c.is_control() || c == '/')
        && key.trim() == key
        // As a path segment they would lead elsewhere, even percent-encoded.
        && !matches!(key, "." | "..");
    if valid { Ok(()) } else { Err(InvalidName::Key) }
}

/// The name of a register as a heading, made from its kind: `evidence-request` → `Evidence requests`.
pub fn register_title(kind: &str) -> String {
    let mut title = kind.replace('-', " ");
    if let Some(first) = title.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    match title.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if title.ends_with('s') => title,
        _ => format!("{title}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_are_called_by_the_plural_of_their_kind() {
        assert_eq!(register_title("finding"), "Findings");
        assert_eq!(register_title("evidence-request"), "Evidence requests");
        assert_eq!(register_title("policy"), "Policies");
        assert_eq!(register_title("survey"), "Surveys");
    }

    #[test]
    fn odd_kinds_and_keys_are_refused() {
        for kind in ["", "Finding", "9x", "a b", "a/b"] {
            assert!(check_kind(kind).is_err(), "{kind}");
        }
        for key in ["", " x", "a/b", "a\nb", ".", "..", &"k".repeat(121)] {
            assert!(check_key(key).is_err(), "{key}");
        }
        assert!(check_kind("evidence-request").is_ok());
        assert!(check_key("ACC-0042 é").is_ok());
    }
}
