//! What an action may do outside its transaction, and the key that makes it happen once.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Timestamp,
    canonical::hex,
    id::{ItemId, RunId, WorkspaceId},
    problem::{FailureKind, UnknownWord},
    time,
};

/// The window in which a receiver honours a key, unless the definition says otherwise: 23 hours,
/// an hour less than the day that receivers commonly promise.
pub const DEFAULT_KEY_WINDOW: Duration = Duration::hours(23);

/// The honest promise of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "class")]
pub enum ActionerClass {
    /// Writes our own registers in the transaction of the outcome: exactly once.
    Local,
    /// The receiver honours a key: at least once with the same key and the same bytes.
    KeyedRemote { window_seconds: i64 },
    /// At most once per attempt; an interruption leaves the outcome unknown.
    UnkeyedRemote,
}

impl ActionerClass {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::KeyedRemote { .. } => "keyed-remote",
            Self::UnkeyedRemote => "unkeyed-remote",
        }
    }

    /// Seconds for which the receiver honours the key; 0 where there is none.
    pub fn window_seconds(self) -> i64 {
        match self {
            Self::KeyedRemote { window_seconds } => window_seconds,
            Self::Local | Self::UnkeyedRemote => 0,
        }
    }

    /// The class from its stored word and window.
    pub fn from_stored(word: &str, window_seconds: i64) -> Result<Self, UnknownWord> {
        match word {
            "local" => Ok(Self::Local),
            "keyed-remote" => Ok(Self::KeyedRemote { window_seconds }),
            "unkeyed-remote" => Ok(Self::UnkeyedRemote),
            _ => Err(UnknownWord::new(
                "actioner class",
                word,
                &["local", "keyed-remote", "unkeyed-remote"],
            )),
        }
    }

    pub fn is_local(self) -> bool {
        self == Self::Local
    }

    /// Whether repeating with the same key is harmless at `now`, given when the key first left.
    pub fn key_honoured(self, first_sent_at: Option<Timestamp>, now: Timestamp) -> bool {
        match self {
            Self::Local => true,
            Self::UnkeyedRemote => false,
            Self::KeyedRemote { window_seconds } => {
                first_sent_at.is_none_or(|sent| now - sent < time::seconds(window_seconds))
            }
        }
    }

    /// Whether acting again at `at`, after a failure of this kind, can do nothing twice.
    ///
    /// A receiver that honours keys may have acted whatever it answered; one that honours none has
    /// surely not acted only where the failure is transient.
    pub fn repeatable(
        self,
        kind: FailureKind,
        first_sent_at: Option<Timestamp>,
        at: Timestamp,
    ) -> bool {
        match self {
            Self::Local | Self::KeyedRemote { .. } => self.key_honoured(first_sent_at, at),
            Self::UnkeyedRemote => kind == FailureKind::Transient,
        }
    }
}

/// The key of an effect: the same for every attempt and every retry of one item with one input.
///
/// 52 characters of RFC 4648 base32hex in lower case, without padding, over 32 bytes: eight of the
/// item's id, then 24 of a SHA-256. The former are a time, so that keys made together stand together
/// in an index; a key at random would touch another page of it for every effect.
pub fn effect_key(
    workspace: WorkspaceId,
    run: RunId,
    item: ItemId,
    actioner: &str,
    input_digest: &str,
) -> String {
    let mut hash = Sha256::new();
    for part in [
        b"effect/v1".as_slice(),
        workspace.uuid().as_bytes(),
        run.uuid().as_bytes(),
        item.uuid().as_bytes(),
        actioner.as_bytes(),
        input_digest.as_bytes(),
    ] {
        hash.update(part);
        hash.update([0]);
    }
    let mut key = [0; 32];
    key[..8].copy_from_slice(&item.uuid().as_bytes()[..8]);
    key[8..].copy_from_slice(&hash.finalize()[..24]);
    base32(&key)
}

/// Binds an approval to the exact action: hexadecimal SHA-256 over actioner and input.
pub fn action_digest(actioner: &str, input_digest: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"action/v1\0");
    hash.update(actioner.as_bytes());
    hash.update([0]);
    hash.update(input_digest.as_bytes());
    hex(&hash.finalize())
}

fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut buffer, mut bits) = (0_u32, 0);
    for &byte in bytes {
        buffer = buffer << 8 | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(ALPHABET[(buffer >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        out.push(char::from(ALPHABET[(buffer << (5 - bits)) as usize & 31]));
    }
    out
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn key(item: u128, digest: &str) -> String {
        effect_key(
            WorkspaceId::new(Uuid::from_u128(1)),
            RunId::new(Uuid::from_u128(2)),
            ItemId::new(Uuid::from_u128(item)),
            "findings.create",
            digest,
        )
    }

    #[test]
    fn a_key_depends_on_the_item_and_the_input_and_on_nothing_else() {
        assert_eq!(key(3, "aa"), key(3, "aa"));
        assert_ne!(key(3, "aa"), key(4, "aa"));
        assert_ne!(key(3, "aa"), key(3, "ab"));
        assert_eq!(key(3, "aa").len(), 52);
    }

    #[test]
    fn keys_of_items_made_later_sort_later() {
        let key = |time: u128| key(time << 64 | 0xffff, "aa");
        assert!(key(1) < key(2) && key(2) < key(0x0190_0000_0000_7000));
    }

    #[test]
    fn base_32_matches_the_vectors_of_rfc_4648() {
        assert_eq!(base32(b"foobar"), "cpnmuoj1e8");
        assert_eq!(base32(b"fo"), "cpng");
    }

    #[test]
    fn a_key_is_honoured_inside_its_window_only() {
        let class = ActionerClass::KeyedRemote { window_seconds: 60 };
        let sent = Timestamp::UNIX_EPOCH;
        assert!(class.key_honoured(None, sent));
        assert!(class.key_honoured(Some(sent), sent + Duration::seconds(59)));
        assert!(!class.key_honoured(Some(sent), sent + Duration::seconds(60)));
        assert!(!ActionerClass::UnkeyedRemote.key_honoured(None, sent));
    }
}
