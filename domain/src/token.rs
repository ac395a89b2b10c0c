//! Tokens: how a program acts for a member, and never with more than the member's own rights.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{MemberId, TokenId, WorkspaceId},
    member::Role,
    permission::{Permission, allows},
};

/// What a secret begins with, so that people and scanners know it for what it is.
pub const PREFIX: &str = "asz_";

/// The longest a token is good for, in days.
pub const LONGEST_DAYS: i64 = 366;

/// A set of permissions.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Permission>", into = "Vec<Permission>")]
pub struct Scopes(u64);

impl Scopes {
    /// Everything there is.
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// What a role allows.
    pub fn of_role(role: Role) -> Self {
        Self::all().iter().filter(|&permission| allows(role, permission)).collect()
    }

    pub fn contains(self, permission: Permission) -> bool {
        self.0 & bit(permission) != 0
    }

    /// What both hold.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The permissions in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |&permission| self.contains(permission))
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

fn bit(permission: Permission) -> u64 {
    const { assert!(Permission::ALL.len() <= 64) };
    1 << permission as u64
}

impl FromIterator<Permission> for Scopes {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().map(bit).fold(0, |all, one| all | one))
    }
}

impl From<Vec<Permission>> for Scopes {
    fn from(permissions: Vec<Permission>) -> Self {
        permissions.into_iter().collect()
    }
}

impl From<Scopes> for Vec<Permission> {
    fn from(scopes: Scopes) -> Self {
        scopes.iter().collect()
    }
}

/// `view-runs, retry-items`
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.iter().map(Permission::as_str).collect();
        f.write_str(&words.join(", "))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::as_str)).finish()
    }
}

/// A token as it is kept: without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub id: TokenId,
    pub workspace: WorkspaceId,
    /// Whose rights it acts with.
    pub member: MemberId,
    /// What people call it.
    pub name: String,
    /// What it may do at most. What it may do now is this and the member's role at the same time.
    pub scopes: Scopes,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl Token {
    /// Whether it opens anything at `now`, as far as the token itself goes.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// `active`, `expired` or `revoked`.
    pub fn standing(&self, now: Timestamp) -> &'static str {
        match self.revoked_at {
            Some(_) => "revoked",
            None if self.is_good(now) => "active",
            None => "expired",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_written_as_words_and_read_back() {
        let scopes: Scopes = [Permission::RetryItems, Permission::ViewRuns].into_iter().collect();
        let written = serde_json::to_string(&scopes).unwrap();
        assert_eq!(written, r#"["view-runs","retry-items"]"#);
        assert_eq!(serde_json::from_str::<Scopes>(&written).unwrap(), scopes);
        assert_eq!(scopes.to_string(), "view-runs, retry-items");
    }

    #[test]
    fn a_role_bounds_what_scopes_allow() {
        let both = Scopes::all().within(Scopes::of_role(Role::Viewer));
        assert_eq!(both, Scopes::of_role(Role::Viewer));
        assert!(!both.contains(Permission::RetryItems));
        assert!(Scopes::default().within(Scopes::all()).is_empty());
    }
}
