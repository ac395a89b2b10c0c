//! Inbound endpoints: where tools that cannot show a token tell what happened. Each has an address and a
//! secret of its own.

mod places;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use self::places::{NotAPointer, NotASubjectPlace, Pointer, SubjectFrom};
use crate::{
    Timestamp,
    id::{InboundId, WorkspaceId},
    trigger::TriggerKind,
    words,
};

/// How far the time of a signed request may be from ours, in seconds: what is older is a replay.
pub const TOLERANCE_SECONDS: i64 = 300;

words! {
    /// How an endpoint knows who tells.
    InboundCheck {
        /// A signature over id, time and body, by Standard Webhooks; what is old is refused.
        StandardWebhooks = "standard-webhooks",
        /// A signature over the body, `X-Hub-Signature-256`, as GitHub has it. It carries no time: only
        /// the id tells that a request is sent again.
        Github = "github",
        /// The secret itself, in the address or as the password of basic authentication: for tools that
        /// can do nothing else. Whoever sees a request can send others.
        Secret = "secret",
    }
}

words! {
    /// Why a request was not taken in.
    InboundRefusal {
        /// Its signature or secret is not right, or there is none.
        NotProven = "not-proven",
        /// Its time is too far from ours.
        OutsideWindow = "outside-window",
        /// It has no id where the endpoint looks for one.
        NoId = "no-id",
    }
}

/// Where the id of an event is found: with the source it makes the event the one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdFrom {
    /// A header, in lower case.
    Header(String),
    /// A place in the body.
    Pointer(Pointer),
    /// The digest of the body: the same body again is the same event.
    Digest,
}

impl fmt::Display for IdFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Pointer(pointer) => write!(f, "pointer:{pointer}"),
            Self::Digest => f.write_str("digest"),
        }
    }
}

/// Not a place of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected header:NAME, pointer:/PLACE/IN/THE/BODY or digest")]
pub struct NotAnIdPlace;

impl FromStr for IdFrom {
    type Err = NotAnIdPlace;

    fn from_str(text: &str) -> Result<Self, NotAnIdPlace> {
        let is_name = |name: &str| {
            (1..=100).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        match text.trim().split_once(':') {
            None if text.trim() == "digest" => Ok(Self::Digest),
            Some(("header", name)) if is_name(name) => Ok(Self::Header(name.to_ascii_lowercase())),
            Some(("pointer", pointer)) => {
                pointer.parse().map(Self::Pointer).map_err(|NotAPointer| NotAnIdPlace)
            }
            _ => Err(NotAnIdPlace),
        }
    }
}

impl Serialize for IdFrom {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IdFrom {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An endpoint, and what its requests become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    pub id: InboundId,
    pub workspace: WorkspaceId,
    /// What people call it.
    pub name: String,
    pub check: InboundCheck,
    pub kind: TriggerKind,
    pub source: String,
    pub event_type: String,
    pub id_from: IdFrom,
    /// Where the record stands that an event is about; where there is none, it is about no record.
    pub subject_from: Option<SubjectFrom>,
    /// Where it stands when it happened; where there is none, it happened when it was first told.
    pub time_from: Option<Pointer>,
    pub created_at: Timestamp,
    /// Requests that were not taken in, as far as they were entered.
    pub refused: i64,
    /// The last of those.
    pub refusal: Option<(Timestamp, InboundRefusal)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_id_is_read_as_it_is_written() {
        for text in ["header:x-github-delivery", "pointer:/event/id", "digest"] {
            assert_eq!(text.parse::<IdFrom>().unwrap().to_string(), text);
        }
        assert_eq!("header:X-Id".parse(), Ok(IdFrom::Header("x-id".to_owned())));
        for wrong in ["", "header:", "header:a b", "pointer:id", "body", "digest:x"] {
            assert_eq!(wrong.parse::<IdFrom>(), Err(NotAnIdPlace), "{wrong}");
        }
    }
}
