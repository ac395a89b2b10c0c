//! Approvals: what a person is asked, who may answer, and what the answers amount to.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Timestamp,
    id::{ApprovalId, DecisionId, ItemId, MemberId, RunId, WorkspaceId},
    member::{Member, Role},
    policy::Pin,
    time, words,
};

words! {
    /// Who asked for the approval.
    ApprovalKind {
        /// The definition, before the actioner is called at all.
        BeforeAction = "before-action",
        /// The actioner itself: it looked and found that a person must decide.
        Question = "question",
        /// The definition, before failed items are retried.
        Retry = "retry",
        /// A policy of the workspace, before the actioner is called.
        Policy = "policy",
    }
}

words! {
    /// What happens when nobody decides in time.
    OnExpiry {
        Dismiss = "dismiss",
        Approve = "approve",
    }
}

words! {
    ApprovalStatus {
        Open = "open",
        Approved = "approved",
        Dismissed = "dismissed",
        /// Nobody decided in time; what followed is the rule's default.
        Expired = "expired",
        /// The run was cancelled, so there is nothing left to decide.
        Withdrawn = "withdrawn",
    }
}

words! {
    Verdict {
        Approve = "approve",
        Dismiss = "dismiss",
    }
}

/// Who may decide, how many must agree, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRule {
    /// Any member with this role, when no members are named; an owner may then decide, too.
    pub role: Role,
    /// Named approvers by e-mail address; empty means the role decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// How many must approve, at least 1. One dismissal dismisses.
    pub quorum: i64,
    pub expires_after_seconds: i64,
    pub on_expiry: OnExpiry,
}

impl Default for ApprovalRule {
    /// One approver within 14 days, else dismissed.
    fn default() -> Self {
        Self {
            role: Role::Approver,
            members: Vec::new(),
            quorum: 1,
            expires_after_seconds: Duration::days(14).num_seconds(),
            on_expiry: OnExpiry::Dismiss,
        }
    }
}

/// One member's decision; written once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub id: DecisionId,
    pub approval: ApprovalId,
    pub member: MemberId,
    pub verdict: Verdict,
    pub reason: String,
    pub decided_at: Timestamp,
}

/// A question to a person about one exact action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    pub id: ApprovalId,
    pub workspace: WorkspaceId,
    pub run: RunId,
    pub item: ItemId,
    pub kind: ApprovalKind,
    pub status: ApprovalStatus,
    /// What is asked, in one sentence.
    pub question: String,
    pub actioner: String,
    pub parameters: Value,
    /// [`crate::effect::action_digest`] of what was shown; checked again at start.
    pub action_digest: String,
    pub rule: ApprovalRule,
    /// The version of the policy that asks for it. The approval is worth nothing under any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Pin>,
    /// The member who asked; `None` when the automation did. Never among those who decide.
    pub requested_by: Option<MemberId>,
    pub requested_at: Timestamp,
    pub expires_at: Timestamp,
    pub decided_at: Option<Timestamp>,
}

/// Why a member may not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    #[error("only a present member of the workspace can decide")]
    NotAMember,
    #[error("whoever asked for an approval cannot decide it")]
    OwnRequest,
    #[error("this approval is for named approvers only")]
    NotNamed,
    #[error("this approval is for another role")]
    OtherRole,
    #[error("this member has decided already")]
    DecidedAlready,
    #[error("this approval is no longer open")]
    NotOpen,
    #[error("this approval has expired")]
    Expired,
    #[error("the action is not the one that was shown")]
    OtherAction,
}

impl NotAllowed {
    /// Stable, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAMember => "not-a-member",
            Self::OwnRequest => "own-request",
            Self::NotNamed => "not-a-named-approver",
            Self::OtherRole => "other-role",
            Self::DecidedAlready => "decided-already",
            Self::NotOpen => "approval-not-open",
            Self::Expired => "approval-expired",
            Self::OtherAction => "action-changed",
        }
    }
}

impl Approval {
    /// Whether `member` may decide now.
    pub fn check(
        &self,
        member: &Member,
        earlier: &[Decision],
        shown_digest: &str,
        now: Timestamp,
    ) -> Result<(), NotAllowed> {
        if self.status != ApprovalStatus::Open {
            return Err(NotAllowed::NotOpen);
        }
        if now >= self.expires_at {
            return Err(NotAllowed::Expired);
        }
        if member.workspace != self.workspace || member.removed_at.is_some() {
            return Err(NotAllowed::NotAMember);
        }
        if self.requested_by == Some(member.id) {
            return Err(NotAllowed::OwnRequest);
        }
        if shown_digest != self.action_digest {
            return Err(NotAllowed::OtherAction);
        }
        if earlier.iter().any(|decision| decision.member == member.id) {
            return Err(NotAllowed::DecidedAlready);
        }
        self.rule.admits(member)
    }

    /// The status once `verdict` joins the earlier decisions.
    pub fn after(&self, earlier: &[Decision], verdict: Verdict) -> ApprovalStatus {
        let approvals =
            earlier.iter().filter(|decision| decision.verdict == Verdict::Approve).count() as i64;
        match verdict {
            Verdict::Dismiss => ApprovalStatus::Dismissed,
            Verdict::Approve if approvals + 1 >= self.rule.quorum => ApprovalStatus::Approved,
            Verdict::Approve => ApprovalStatus::Open,
        }
    }
}

impl ApprovalRule {
    fn admits(&self, member: &Member) -> Result<(), NotAllowed> {
        if self.members.is_empty() {
            let admitted = member.role == self.role || member.role == Role::Owner;
            return if admitted { Ok(()) } else { Err(NotAllowed::OtherRole) };
        }
        let named = self.members.iter().any(|email| email.eq_ignore_ascii_case(&member.email));
        if named { Ok(()) } else { Err(NotAllowed::NotNamed) }
    }

    pub fn expires_at(&self, requested_at: Timestamp) -> Timestamp {
        time::later(requested_at, time::seconds(self.expires_after_seconds))
    }
}
