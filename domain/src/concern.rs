//! What about a run its status does not say: that it asks for a person, or is about to end.

use crate::{
    run::{Run, RunStatus},
    words,
};

words! {
    Concern {
        /// Failed items alone keep it open.
        HeldOpen = "held-open",
        /// A kill switch stopped it; what had started is finishing.
        BeingKilled = "being-killed",
        /// It was asked to stop; what had started is finishing.
        Cancelling = "cancelling",
        /// It takes place elsewhere and is silent for longer than it declared.
        Interrupted = "interrupted",
        /// Items wait for somebody to decide.
        AwaitingApproval = "awaiting-approval",
        /// Items have failed while others go on.
        ItemsFailed = "items-failed",
    }
}

impl Concern {
    /// The most pressing one, if there is any.
    pub fn of(run: &Run) -> Option<Self> {
        if run.is_held() {
            Some(Self::HeldOpen)
        } else if run.status != RunStatus::Running {
            None
        } else if run.told.is_some_and(|told| told.silent_since.is_some()) {
            Some(Self::Interrupted)
        } else if run.killed.is_some() {
            Some(Self::BeingKilled)
        } else if run.cancel.is_some() {
            Some(Self::Cancelling)
        } else if run.counts.awaiting_approval > 0 {
            Some(Self::AwaitingApproval)
        } else if run.counts.failed > 0 {
            Some(Self::ItemsFailed)
        } else {
            None
        }
    }
}
