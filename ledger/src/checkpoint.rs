//! C2SP checkpoints: what a log signs about itself — its origin, its size and its root.

use crate::{
    Hash,
    note::{NoteError, SignedNote, SignerKey, VerifierKey},
    text::{base64, decimal, hash_from_base64},
};

/// Why bytes are not a checkpoint that can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error("it is not a checkpoint: {0}")]
    Malformed(&'static str),
}

/// The size and root of a log at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: `<instance host>/ws/<id>`, fixed when the log begins.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed: three lines, never an extension.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64(&self.root))
    }

    /// Signs it; the bytes of the answer are what is stored and published.
    pub fn sign(&self, keys: &[&SignerKey]) -> Result<String, CheckpointError> {
        if self.origin.is_empty() || self.origin.contains('\n') {
            return Err(CheckpointError::Malformed("the origin is one line"));
        }
        Ok(SignedNote::sign(&self.text(), keys)?.to_string())
    }

    /// Reads the text of a note. Extension lines are tolerated and ignored.
    pub fn parse_text(text: &str) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::Malformed;
        let body = text.strip_suffix('\n').ok_or(malformed("a line is not ended"))?;
        let mut lines = body.split('\n');
        let mut line = || lines.next().filter(|line| !line.is_empty());
        let origin = line().ok_or(malformed("the origin is missing"))?.to_owned();
        let size = line().and_then(decimal).ok_or(malformed("the size is not a number"))?;
        let root = line().and_then(hash_from_base64).ok_or(malformed("the root is not a hash"))?;
        if lines.any(str::is_empty) {
            return Err(malformed("an extension line is empty"));
        }
        Ok(Self { origin, size, root })
    }

    /// Reads a signed checkpoint without trusting it yet.
    pub fn parse(bytes: &[u8]) -> Result<(Self, SignedNote), CheckpointError> {
        let note = SignedNote::parse(bytes)?;
        Ok((Self::parse_text(note.text())?, note))
    }

    /// Reads a signed checkpoint and checks that one of the keys whose name is its origin signed it.
    pub fn open(bytes: &[u8], keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let (checkpoint, note) = Self::parse(bytes)?;
        let signed = note.verify(keys)?;
        if signed.iter().any(|key| key.name() == checkpoint.origin) {
            Ok(checkpoint)
        } else {
            Err(NoteError::NotSigned.into())
        }
    }
}
