//! Members of a workspace and who does something.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{AccountId, MemberId, TokenId, WorkspaceId},
    token::Scopes,
    words,
};

words! {
    /// What a member is in a workspace. What each may do: [`crate::permission`].
    Role {
        Owner = "owner",
        Operator = "operator",
        Approver = "approver",
        Auditor = "auditor",
        Viewer = "viewer",
    }
}

/// A tenant. Everything belongs to one; ids never cross.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub id: WorkspaceId,
    /// Short name in paths: lower-case letters, digits and hyphens.
    pub slug: String,
    pub name: String,
    pub created_at: Timestamp,
}

/// An account's place in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: MemberId,
    pub workspace: WorkspaceId,
    pub account: AccountId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub created_at: Timestamp,
    /// Set when the member was removed; kept, because audit entries name the member.
    pub removed_at: Option<Timestamp>,
}

/// Who does something in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Principal {
    /// A signed-in member, with the role read for this very request.
    Member { id: MemberId, role: Role },
    /// A program that acts for a member, with the role the member has at this very request and no more
    /// than the token's scopes.
    Token { id: TokenId, member: MemberId, role: Role, scopes: Scopes },
    /// Somebody with a shell on the host, through the command line. Acts with an owner's rights.
    Host,
    /// Assize itself: the scheduler, a worker, an expiry.
    System,
}

impl Principal {
    /// The member who acts, by themselves or through a token.
    pub fn member(self) -> Option<MemberId> {
        match self {
            Self::Member { id, .. } | Self::Token { member: id, .. } => Some(id),
            Self::Host | Self::System => None,
        }
    }

    /// The member's role, where it is a member who acts.
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Member { role, .. } | Self::Token { role, .. } => Some(role),
            Self::Host | Self::System => None,
        }
    }

    /// The token that is acted through.
    pub fn token(self) -> Option<TokenId> {
        match self {
            Self::Token { id, .. } => Some(id),
            Self::Member { .. } | Self::Host | Self::System => None,
        }
    }

    /// `member`, `token`, `host` or `system`: the actor kind in audit entries.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Member { .. } => "member",
            Self::Token { .. } => "token",
            Self::Host => "host",
            Self::System => "system",
        }
    }
}

/// True when `slug` can be the short name of a workspace: 2 to 40 of `a-z 0-9 -`, no hyphen at an end.
pub fn is_valid_slug(slug: &str) -> bool {
    (2..=40).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
}
