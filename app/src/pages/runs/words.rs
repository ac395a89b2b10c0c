//! What the words of runs mean to a reader, said once for all pages.

use domain::{
    approval::ApprovalStatus,
    concern::Concern,
    effect::ActionerClass,
    item::{ItemState, ReplayEvidence, SkipReason},
    member::Role,
    permission::{self, Permission},
    problem::FailureKind,
    retry::PlanVerdict,
    run::Run,
};

use leptos::prelude::*;

use crate::{
    components::{alert::Alert, icon::Glyph, status_badge::Status, tone::Tone},
    context::Page,
};

/// What a kind of failure means for whoever has to deal with it.
pub const fn failure_means(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Transient => "It may pass by itself: the same try can succeed later.",
        FailureKind::Deterministic => {
            "The same input fails the same way: mend the cause before anything is tried again."
        }
        FailureKind::Unknown => {
            "Nobody knows whether the action happened: look at the receiver before trying again."
        }
    }
}

/// How a kind of failure looks.
pub const fn failure_status(kind: FailureKind) -> Status {
    match kind {
        FailureKind::Transient => Status::new("transient", Glyph::Replay, Tone::Warning),
        FailureKind::Deterministic => Status::new("deterministic", Glyph::Cross, Tone::Danger),
        FailureKind::Unknown => Status::new("unknown", Glyph::Unknown, Tone::Danger),
    }
}

/// How a verdict of a retry plan looks.
pub const fn verdict_status(verdict: PlanVerdict) -> Status {
    match verdict {
        PlanVerdict::Safe => Status::new("safe", Glyph::Check, Tone::Success),
        PlanVerdict::Confirm => Status::new("confirm", Glyph::Warning, Tone::Warning),
        PlanVerdict::Pointless => Status::new("pointless", Glyph::Dash, Tone::Neutral),
        PlanVerdict::NotEligible => Status::new("not-eligible", Glyph::Lock, Tone::Neutral),
    }
}

/// How an approval stands.
pub const fn approval_status(status: ApprovalStatus) -> Status {
    let (glyph, tone) = match status {
        ApprovalStatus::Open => (Glyph::Hourglass, Tone::Warning),
        ApprovalStatus::Approved => (Glyph::Done, Tone::Success),
        ApprovalStatus::Dismissed => (Glyph::Barred, Tone::Neutral),
        ApprovalStatus::Expired => (Glyph::Broken, Tone::Neutral),
        ApprovalStatus::Withdrawn => (Glyph::Dash, Tone::Neutral),
    };
    Status::new(status.as_str(), glyph, tone)
}

/// Why nothing was done for a subject.
pub const fn skip_means(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::ConditionNoLongerHolds => {
            "The condition held when the event arrived and no longer held just before acting."
        }
        SkipReason::AlreadyExists => "What the action would have brought about was there already.",
        SkipReason::DismissedByApprover => "An approver dismissed the action.",
        SkipReason::ApprovalExpired => "Nobody decided in time, and the rule dismisses then.",
        SkipReason::CancelledBeforeStart => "The run was cancelled before this item started.",
        SkipReason::KilledBeforeStart => "A kill switch was pressed before this item started.",
        SkipReason::RunFailed => "The run as a whole failed before this item’s turn.",
    }
}

/// How it is known that a call only repeated what had been done before.
pub const fn evidence_means(evidence: ReplayEvidence) -> &'static str {
    match evidence {
        ReplayEvidence::LocalEffectRow => {
            "Our own effect row with the same key shows that it had been done."
        }
        ReplayEvidence::RemoteReplayHeader => {
            "The receiver marked its answer as a replay of the one it gave before."
        }
        ReplayEvidence::ReadBack => "The receiver was asked, and it said that it had been done.",
    }
}

/// What a class of actioners promises.
pub const fn class_means(class: ActionerClass) -> &'static str {
    match class {
        ActionerClass::Local => {
            "Writes our own registers in the transaction of the outcome: exactly once."
        }
        ActionerClass::KeyedRemote { .. } => {
            "The receiver honours a key: every try sends the same key and the same bytes."
        }
        ActionerClass::UnkeyedRemote => {
            "The receiver honours no key: at most once per attempt, and what is unknown is shown as \
             unknown."
        }
    }
}

/// What an item without a cause to explain is doing or has done.
pub const fn state_means(state: ItemState) -> &'static str {
    match state {
        ItemState::Queued => "It waits for its turn.",
        ItemState::Leased => "A worker has taken it and has not started it.",
        ItemState::Started => "An attempt is under way; the action may have happened already.",
        ItemState::AwaitingApproval => "A person has to decide before it goes on.",
        ItemState::Succeeded => "The action was carried out.",
        ItemState::Failed => "The action failed.",
        ItemState::Skipped => "Nothing was done.",
        ItemState::IdempotentReplay => {
            "A later try used the same key, and the original outcome came back: done once."
        }
    }
}

/// What about a run asks for a person or is about to end it, where its status does not say so.
pub fn concern(run: &Run) -> Option<Status> {
    Concern::of(run).map(Status::from)
}

/// Who may do something: `owners and operators`.
pub fn who_may(wanted: Permission) -> String {
    let may = |role: &&Role| permission::allows(**role, wanted);
    let roles: Vec<_> = Role::ALL.iter().filter(may).map(|role| format!("{role}s")).collect();
    match roles.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => roles.concat(),
    }
}

/// In place of a form: whom it is for. `what` begins the sentence.
pub fn not_for(page: &Page, what: &str, wanted: Permission) -> AnyView {
    let role = page.place.member.role;
    let words = format!("{what} is for {}; your role is {role}.", who_may(wanted));
    view! {
        <Alert>
            <p>{words}</p>
        </Alert>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_failure_has_words_and_a_look() {
        for &kind in FailureKind::ALL {
            assert!(failure_means(kind).ends_with('.'));
            assert_eq!(failure_status(kind).word, kind.as_str());
        }
    }

    #[test]
    fn who_may_do_something_is_read_from_the_table_of_permissions() {
        assert_eq!(who_may(Permission::RetryItems), "owners and operators");
        assert_eq!(who_may(Permission::ManageMembers), "owners");
        assert_eq!(who_may(Permission::ViewAuditLog), "owners, operators, approvers and auditors");
    }
}
