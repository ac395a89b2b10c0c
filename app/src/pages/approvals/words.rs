//! What the words of approvals mean to a reader.

use domain::approval::{Approval, ApprovalKind, ApprovalRule, NotAllowed, OnExpiry};

use crate::format;

/// Who asks, and when in the life of an item.
pub const fn kind(kind: ApprovalKind) -> &'static str {
    match kind {
        ApprovalKind::BeforeAction => "before acting",
        ApprovalKind::Question => "a question",
        ApprovalKind::Retry => "before a retry",
        ApprovalKind::Policy => "a policy",
    }
}

/// Why an approval is asked for, in a sentence.
pub const fn why(kind: ApprovalKind) -> &'static str {
    match kind {
        ApprovalKind::BeforeAction => {
            "The definition asks for an approval before the actioner is called at all."
        }
        ApprovalKind::Question => {
            "The actioner looked, and found that a person must decide before it goes on."
        }
        ApprovalKind::Retry => {
            "The action failed before, and the definition asks for an approval before it is tried \
             again."
        }
        ApprovalKind::Policy => {
            "A policy of the workspace asks for an approval before the actioner is called, whatever the \
             definition says."
        }
    }
}

/// What whoever approves takes upon them when the receiver no longer knows the key.
pub const MAY_ACT_TWICE: &str = "The receiver was called before, and the time is over in which it recognises the key. If it did \
     act then, approving makes it act a second time. Ask the receiver first where that matters.";

/// Who may decide.
pub fn deciders(rule: &ApprovalRule) -> String {
    match rule.members.as_slice() {
        [] if rule.role == domain::member::Role::Owner => "Any owner".to_owned(),
        [] => format!("Any {} or owner", rule.role),
        named => format!("Only {}", named.join(", ")),
    }
}

/// How many must agree.
pub fn quorum(rule: &ApprovalRule) -> String {
    let needed = format::plural(rule.quorum, "approval", "approvals");
    format!("{needed} needed; one dismissal dismisses")
}

/// What happens when nobody decides in time.
pub const fn by_default(then: OnExpiry) -> &'static str {
    match then {
        OnExpiry::Dismiss => "then dismissed",
        OnExpiry::Approve => "then approved",
    }
}

/// Why a member may not decide, said to that member.
pub fn refused(refusal: NotAllowed, approval: &Approval) -> String {
    match refusal {
        NotAllowed::OwnRequest => {
            "You asked for this approval, so somebody else has to decide it.".to_owned()
        }
        NotAllowed::DecidedAlready => {
            "You have decided already; it waits for the decisions of others.".to_owned()
        }
        NotAllowed::NotNamed => {
            format!("This approval is for named members: {}.", approval.rule.members.join(", "))
        }
        NotAllowed::OtherRole => {
            format!("This approval is for members with the role {}.", approval.rule.role)
        }
        NotAllowed::NotOpen => format!("This approval is no longer open: {}.", approval.status),
        NotAllowed::Expired => {
            let then = by_default(approval.rule.on_expiry);
            format!("The time to decide is over; this approval is about to expire, {then}.")
        }
        NotAllowed::OtherAction => {
            "The action is not the one that was shown: look at it again before deciding.".to_owned()
        }
        NotAllowed::NotAMember => "Only a present member of the workspace can decide.".to_owned(),
    }
}

/// The same in a cell of the list.
pub const fn briefly(refusal: NotAllowed) -> &'static str {
    match refusal {
        NotAllowed::OwnRequest => "your own request",
        NotAllowed::DecidedAlready => "you have decided",
        NotAllowed::NotNamed => "for named members",
        NotAllowed::OtherRole => "for another role",
        NotAllowed::NotOpen => "no longer open",
        NotAllowed::Expired => "time is over",
        NotAllowed::OtherAction => "action changed",
        NotAllowed::NotAMember => "members only",
    }
}
