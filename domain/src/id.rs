//! Typed ids: a UUIDv7 inside, a TypeID (`run_01j…`) outside; both forms are accepted.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Crockford's base 32 in lower case, the alphabet of TypeID.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no {what} id; expected {prefix}_ followed by 26 characters, or a UUID")]
pub struct InvalidId {
    what: &'static str,
    prefix: &'static str,
    text: String,
}

fn encode(id: Uuid) -> String {
    let bits = id.as_u128();
    (0..26).rev().map(|i| char::from(ALPHABET[(bits >> (5 * i)) as usize & 31])).collect()
}

fn decode(text: &str) -> Option<Uuid> {
    // 26 characters carry 130 bits: the first may only be 0 to 7.
    if text.len() != 26 || text.as_bytes()[0] > b'7' {
        return None;
    }
    let mut bits = 0_u128;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|&known| known == byte)?;
        bits = bits << 5 | digit as u128;
    }
    Some(Uuid::from_u128(bits))
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal, $what:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What stands before the underscore.
            pub const PREFIX: &'static str = $prefix;

            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, encode(self.0))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .or_else(|| Uuid::try_parse(text).ok())
                    .map(Self)
                    .ok_or_else(|| InvalidId {
                        what: $what,
                        prefix: $prefix,
                        text: text.chars().take(80).collect(),
                    })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// A tenant.
    WorkspaceId = "wsp", "workspace";
    /// A person's means of signing in, across workspaces.
    AccountId = "acc", "account";
    /// An account's place in one workspace.
    MemberId = "mem", "member";
    AutomationId = "aut", "automation";
    TriggerEventId = "evt", "trigger event";
    RunId = "run", "run";
    ItemId = "itm", "run item";
    AttemptId = "att", "attempt";
    ApprovalId = "apr", "approval";
    RecordId = "rec", "record";
    /// One decision of a member on an approval.
    DecisionId = "dec", "decision";
    /// A revision of a run's report.
    ReportId = "rpt", "run report";
    /// Something that went wrong.
    IncidentId = "inc", "incident";
    /// What an auditor takes home of a period.
    BundleId = "bnd", "bundle";
    /// What a program shows to act for a member.
    TokenId = "tok", "token";
    /// A period that an auditor may look into.
    WindowId = "win", "window";
    HoldId = "hld", "hold";
    /// A receiver that is told of what happens.
    WebhookId = "whk", "webhook";
    /// One message to a webhook.
    DeliveryId = "dlv", "delivery";
    /// One try at a delivery.
    DeliveryAttemptId = "dla", "delivery attempt";
    /// What requests are signed with.
    SigningSecretId = "sec", "signing secret";
    /// Where tools that cannot show a token tell what happened.
    InboundId = "inb", "inbound endpoint";
    /// One pressing of a kill switch.
    KillSwitchId = "kil", "kill switch";
    /// A rule that denies actions or has them approved.
    PolicyId = "pol", "policy";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_written_forms_lead_back_to_the_id(bits: u128) {
            let id = RunId::new(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<RunId>().unwrap(), id);
            prop_assert_eq!(id.uuid().to_string().parse::<RunId>().unwrap(), id);
        }

        #[test]
        fn any_text_is_either_an_id_or_a_clear_refusal(text: String) {
            if let Err(error) = text.parse::<RunId>() {
                prop_assert!(error.to_string().contains("run_"));
            }
        }
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = ItemId::new(Uuid::from_u128(7)).to_string();
        assert!(id.parse::<RunId>().is_err());
        assert!(id.parse::<ItemId>().is_ok());
    }

    #[test]
    fn the_written_form_is_the_one_of_the_typeid_specification() {
        let id = Uuid::from_u128(0x0188_9c87_7b24_7e84_8a1b_9d3c_1f2e_4a5b);
        let written = RunId::new(id).to_string();
        assert_eq!(written.len(), 30);
        assert!(written.starts_with("run_01"));
        assert_eq!(RunId::new(Uuid::nil()).to_string(), "run_00000000000000000000000000");
    }

    #[test]
    fn a_first_character_beyond_128_bits_is_refused() {
        assert!("run_8zzzzzzzzzzzzzzzzzzzzzzzzz".parse::<RunId>().is_err());
    }
}
