//! Status as shape, text and colour: told apart without colour, and without sight.

use domain::{
    approval::{ApprovalStatus, Verdict},
    attempt::AttemptEnd,
    concern::Concern,
    item::ItemState,
    run::RunStatus,
};
use leptos::prelude::*;

use super::{
    button::Size,
    icon::{Glyph, Icon},
    tone::Tone,
};
use crate::format;

/// How one status looks. Each enum of `domain` that is a status converts into it, here and nowhere
/// else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// DESIGN's word for it.
    pub word: &'static str,
    /// Its shape.
    pub glyph: Glyph,
    /// Its tone.
    pub tone: Tone,
}

impl Status {
    /// A status of some other kind, such as a verdict or a decision.
    pub const fn new(word: &'static str, glyph: Glyph, tone: Tone) -> Self {
        Self { word, glyph, tone }
    }
}

impl From<RunStatus> for Status {
    fn from(status: RunStatus) -> Self {
        let (glyph, tone) = match status {
            RunStatus::Pending => (Glyph::Ring, Tone::Neutral),
            RunStatus::Running => (Glyph::Half, Tone::Info),
            RunStatus::Completed => (Glyph::Done, Tone::Success),
            RunStatus::CompletedWithFailures => (Glyph::Partial, Tone::Danger),
            RunStatus::Cancelled => (Glyph::Barred, Tone::Neutral),
            RunStatus::Failed => (Glyph::Cross, Tone::Danger),
            RunStatus::Killed => (Glyph::Stop, Tone::Danger),
        };
        Self::new(status.as_str(), glyph, tone)
    }
}

impl From<Concern> for Status {
    fn from(concern: Concern) -> Self {
        let (glyph, tone) = match concern {
            Concern::HeldOpen => (Glyph::Lock, Tone::Danger),
            Concern::BeingKilled => (Glyph::Stop, Tone::Danger),
            Concern::Cancelling => (Glyph::Barred, Tone::Neutral),
            Concern::AwaitingApproval => return ItemState::AwaitingApproval.into(),
            Concern::Interrupted => (Glyph::Broken, Tone::Danger),
            Concern::ItemsFailed => (Glyph::Cross, Tone::Danger),
        };
        Self::new(concern.as_str(), glyph, tone)
    }
}

impl From<ItemState> for Status {
    fn from(state: ItemState) -> Self {
        let (glyph, tone) = match state {
            ItemState::Queued => (Glyph::Dotted, Tone::Neutral),
            ItemState::Leased => (Glyph::Core, Tone::Info),
            ItemState::Started => (Glyph::Half, Tone::Info),
            ItemState::AwaitingApproval => (Glyph::Hourglass, Tone::Warning),
            ItemState::Succeeded => (Glyph::Done, Tone::Success),
            ItemState::Failed => (Glyph::Cross, Tone::Danger),
            ItemState::Skipped => (Glyph::Dash, Tone::Neutral),
            ItemState::IdempotentReplay => (Glyph::Replay, Tone::Replay),
        };
        Self::new(state.as_str(), glyph, tone)
    }
}

impl From<AttemptEnd> for Status {
    fn from(end: AttemptEnd) -> Self {
        match end {
            AttemptEnd::Succeeded => ItemState::Succeeded.into(),
            AttemptEnd::Failed => ItemState::Failed.into(),
            AttemptEnd::Skipped => ItemState::Skipped.into(),
            AttemptEnd::AwaitingApproval => ItemState::AwaitingApproval.into(),
            AttemptEnd::IdempotentReplay => ItemState::IdempotentReplay.into(),
            AttemptEnd::Interrupted => Self::new(end.as_str(), Glyph::Broken, Tone::Warning),
            AttemptEnd::Late => Self::new(end.as_str(), Glyph::Unknown, Tone::Neutral),
        }
    }
}

impl From<ApprovalStatus> for Status {
    fn from(status: ApprovalStatus) -> Self {
        let (glyph, tone) = match status {
            ApprovalStatus::Open => (Glyph::Hourglass, Tone::Warning),
            ApprovalStatus::Approved => (Glyph::Done, Tone::Success),
            ApprovalStatus::Dismissed => (Glyph::Barred, Tone::Neutral),
            ApprovalStatus::Expired => (Glyph::Dotted, Tone::Neutral),
            ApprovalStatus::Withdrawn => (Glyph::Dash, Tone::Neutral),
        };
        Self::new(status.as_str(), glyph, tone)
    }
}

impl From<Verdict> for Status {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Approve => ApprovalStatus::Approved.into(),
            Verdict::Dismiss => ApprovalStatus::Dismissed.into(),
        }
    }
}

/// One status. `Size::Large` puts it into a pill, for the title of a page.
#[component]
pub fn StatusBadge(
    /// Which status; any enum that converts into [`Status`].
    #[prop(into)]
    status: Status,
    /// How much it stands out.
    #[prop(optional)]
    size: Size,
) -> impl IntoView {
    view! {
        <span class="status-badge" data-tone=status.tone.as_str() data-size=size.as_str()>
            <Icon glyph=status.glyph />
            {format::label(status.word)}
        </span>
    }
}

/// The same large badge as text, for islands.
pub fn html(status: Status) -> String {
    format!(
        "<span class=\"status-badge\" data-tone=\"{}\" data-size=\"large\"><svg class=\"icon\" \
         aria-hidden=\"true\"><use href=\"{}\"></use></svg>{}</span>",
        status.tone.as_str(),
        status.glyph.href(),
        format::label(status.word)
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn statuses_of_one_list_never_share_a_shape() {
        let runs: HashSet<_> =
            RunStatus::ALL.iter().map(|s| Status::from(*s).glyph.href()).collect();
        assert_eq!(runs.len(), RunStatus::ALL.len());
        let items: HashSet<_> =
            ItemState::ALL.iter().map(|s| Status::from(*s).glyph.href()).collect();
        assert_eq!(items.len(), ItemState::ALL.len());
        let ends: HashSet<_> =
            AttemptEnd::ALL.iter().map(|s| Status::from(*s).glyph.href()).collect();
        assert_eq!(ends.len(), AttemptEnd::ALL.len());
        let approvals: HashSet<_> =
            ApprovalStatus::ALL.iter().map(|s| Status::from(*s).glyph.href()).collect();
        assert_eq!(approvals.len(), ApprovalStatus::ALL.len());
    }
}
