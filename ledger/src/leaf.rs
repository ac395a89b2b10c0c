//! The leaf of an audit entry: one line of compact JSON with sorted keys, hashed as it stands.
//!
//! A leaf names people and things by opaque ids only. Everything else is in a payload, which the
//! leaf commits to ([`crate::payload`]). Whoever verifies hashes the stored bytes; a leaf is
//! serialised again only to see that it was written in its one form.

use serde::{Deserialize, Serialize};

use crate::text::from_hex;

/// The longest leaf in bytes: what an entry of a C2SP tile can hold.
pub const MAX_LEAF: usize = 65_535;

/// The largest integer that every JSON reader keeps exact.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// The verbs that verification knows the meaning of. All others are only recorded.
pub mod action {
    /// An attempt at an item begins; the leaf's policy names the automation.
    pub const ITEM_STARTED: &str = "item.started";
    /// The kill switch of the object, a `workspace` or an `automation`, is on from here.
    pub const KILL_ACTIVATED: &str = "kill-switch.activated";
    /// … and off again from here.
    pub const KILL_RELEASED: &str = "kill-switch.released";
    /// The actor asks for approval.
    pub const APPROVAL_REQUESTED: &str = "approval.requested";
    /// The actor approves.
    pub const APPROVAL_APPROVED: &str = "approval.approved";
    /// Retention erased payloads of earlier entries: those of a `run`, of one `entry` (its seq) or of
    /// `entries` (`first-last`).
    pub const PAYLOAD_ERASED: &str = "payload.erased";
    /// Its detail went with the payloads of its entries.
    pub const RUN_PRUNED: &str = "run.pruned";
    /// Entries among `entries` (`first-last`) went with the stubs of reported runs; their hashes stay.
    pub const ENTRIES_REMOVED: &str = "entries.removed";
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// An opaque id; absent for the system itself and for strangers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `member`, `token`, `system` …
    pub kind: String,
    /// The token that was acted through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// What was acted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// An opaque id, as written outside: `run_01j…`.
    pub id: String,
    /// `run`, `item`, `approval`, `automation` …
    pub kind: String,
}

/// The version of the automation in effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Hexadecimal SHA-256 of the definition's bytes.
    pub digest: String,
    /// The automation.
    pub id: String,
    /// Its version, from 1.
    pub version: u64,
}

/// What a leaf says. The fields stand in the order of their keys, which is the order they are
/// written in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    pub actor: Actor,
    /// Which attempt at the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    pub object: Object,
    /// Hexadecimal [`crate::payload::commitment`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// The request that brought the act about: 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The run it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The place in the log, dense from 0.
    pub seq: u64,
    /// The W3C trace id: 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// RFC 3339 in UTC, with six decimals of a second.
    pub ts: String,
    /// 1.
    pub v: u64,
    /// One verb for each distinct act.
    pub verb: String,
    /// The workspace.
    pub ws: String,
}

/// Why a line is not a leaf.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    #[error("it is longer than {MAX_LEAF} bytes")]
    TooLong,
    #[error("it does not read as an entry: {0}")]
    Unreadable(String),
    #[error("its {0} is not written as it should be")]
    Field(&'static str),
    #[error("it is not written in the one form that entries have")]
    NotCanonical,
}

impl Leaf {
    /// Writes the line that is hashed, without a line feed; refuses what [`Leaf::parse`] would.
    pub fn to_line(&self) -> Result<String, LeafError> {
        self.check()?;
        let line = self.written()?;
        if line.len() > MAX_LEAF { Err(LeafError::TooLong) } else { Ok(line) }
    }

    /// Reads a line, strictly: known fields only, each once, in the one form they are written in.
    pub fn parse(line: &[u8]) -> Result<Self, LeafError> {
        if line.len() > MAX_LEAF {
            return Err(LeafError::TooLong);
        }
        let leaf: Self = serde_json::from_slice(line).map_err(unreadable)?;
        leaf.check()?;
        if leaf.written()?.as_bytes() == line { Ok(leaf) } else { Err(LeafError::NotCanonical) }
    }

    /// The commitment to the payload.
    pub fn commitment(&self) -> Option<[u8; 32]> {
        self.payload.as_deref().and_then(from_hex)
    }

    fn written(&self) -> Result<String, LeafError> {
        serde_json::to_string(self).map_err(unreadable)
    }

    fn check(&self) -> Result<(), LeafError> {
        let digest = |text: &Option<String>| text.as_deref().is_none_or(is_digest);
        let id = |text: &Option<String>| text.as_deref().is_none_or(is_id);
        let filled = |text: &Option<String>| text.as_deref().is_none_or(|text| !text.is_empty());
        let policy = self.policy.as_ref();
        let checks = [
            ("v", self.v == 1),
            ("seq", self.seq <= MAX_INTEGER),
            ("ts", is_instant(&self.ts)),
            (
                "actor",
                is_word(&self.actor.kind) && filled(&self.actor.id) && filled(&self.actor.token),
            ),
            ("verb", is_word(&self.verb)),
            ("object", is_word(&self.object.kind) && !self.object.id.is_empty()),
            ("run", filled(&self.run)),
            ("attempt", filled(&self.attempt)),
            ("policy", policy.is_none_or(|p| p.version <= MAX_INTEGER && is_digest(&p.digest))),
            ("request", id(&self.request)),
            ("trace", id(&self.trace)),
            ("payload", digest(&self.payload)),
            ("ws", !self.ws.is_empty()),
        ];
        match checks.into_iter().find(|(_, holds)| !holds) {
            Some((field, _)) => Err(LeafError::Field(field)),
            None => Ok(()),
        }
    }
}

fn unreadable(error: serde_json::Error) -> LeafError {
    LeafError::Unreadable(error.to_string())
}

fn is_digest(text: &str) -> bool {
    from_hex::<32>(text).is_some()
}

fn is_id(text: &str) -> bool {
    from_hex::<16>(text).is_some()
}

fn is_word(text: &str) -> bool {
    let letter = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
    !text.is_empty() && text.bytes().all(letter)
}

/// `2026-07-01T09:30:00.000000Z`
pub(crate) fn is_instant(text: &str) -> bool {
    const SHAPE: &str = "0000-00-00T00:00:00.000000Z";
    let fits = |(byte, kind)| match kind {
        b'0' => u8::is_ascii_digit(&byte),
        kind => byte == kind,
    };
    text.len() == SHAPE.len() && text.bytes().zip(SHAPE.bytes()).all(fits)
}
