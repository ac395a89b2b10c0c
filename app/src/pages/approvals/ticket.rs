//! What a ticked box of the list stands for: an approval, and the action that was shown with it.

use std::str::FromStr;

use domain::{approval::Approval, id::ApprovalId};

/// An approval and the digest of the action it was shown with, written `apr_…~digest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub approval: ApprovalId,
    /// The digest, or in the address of a result its beginning.
    pub digest: String,
}

/// What is said about a text that is no ticket.
const NO_TICKET: &str = "expected approvals as the list sends them; load the list again";

impl Ticket {
    /// How much of a digest the address of a result carries: enough to tell actions apart.
    const SHORT: usize = 16;

    pub fn of(approval: &Approval) -> Self {
        Self { approval: approval.id, digest: approval.action_digest.clone() }
    }

    /// The same with less of the digest, for an address.
    #[must_use]
    pub fn shortened(mut self) -> Self {
        self.digest.truncate(Self::SHORT);
        self
    }

    /// Whether this approval still is about the action that was shown.
    pub fn is_about(&self, approval: &Approval) -> bool {
        approval.id == self.approval && approval.action_digest.starts_with(&self.digest)
    }
}

impl std::fmt::Display for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}", self.approval, self.digest)
    }
}

impl FromStr for Ticket {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (approval, digest) = text.split_once('~').ok_or(NO_TICKET)?;
        let hexadecimal = digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hexadecimal || !(Self::SHORT..=64).contains(&digest.len()) {
            return Err(NO_TICKET);
        }
        let approval = approval.parse().map_err(|_| NO_TICKET)?;
        Ok(Self { approval, digest: digest.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "apr_01k6xw3v5te8ds8yb3p96fx2kq";

    #[test]
    fn a_ticket_reads_back_and_shortens() {
        let digest = "0123456789abcdef".repeat(4);
        let ticket: Ticket = format!("{ID}~{digest}").parse().unwrap();
        assert_eq!(ticket.to_string(), format!("{ID}~{digest}"));
        assert_eq!(ticket.shortened().to_string(), format!("{ID}~0123456789abcdef"));
    }

    #[test]
    fn what_is_no_ticket_is_refused() {
        for text in [
            "",
            ID,
            &format!("{ID}~"),
            &format!("{ID}~0123"),
            &format!("{ID}~{}", "g".repeat(64)),
            &format!("{ID}~{}", "a".repeat(65)),
            &format!("run_01k6xw3v5te8ds8yb3p96fx2kq~{}", "a".repeat(64)),
        ] {
            assert!(text.parse::<Ticket>().is_err(), "{text}");
        }
    }
}
