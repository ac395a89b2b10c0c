//! How the words of webhooks look, and what they mean.

use domain::webhook::{Delivery, DeliveryState, DisabledBecause, EventKind, Webhook};

use crate::components::{icon::Glyph, status_badge::Status, tone::Tone};

/// How a state looks.
pub const fn state(state: DeliveryState) -> Status {
    let (glyph, tone) = match state {
        DeliveryState::Queued => (Glyph::Dotted, Tone::Neutral),
        DeliveryState::Sending => (Glyph::Half, Tone::Info),
        DeliveryState::Delivered => (Glyph::Done, Tone::Success),
        DeliveryState::Failed => (Glyph::Cross, Tone::Danger),
    };
    Status::new(state.as_str(), glyph, tone)
}

/// How a webhook stands.
pub fn standing(webhook: &Webhook) -> Status {
    match webhook.disabled.map(|disabled| disabled.because) {
        None => Status::new("enabled", Glyph::Done, Tone::Success),
        Some(DisabledBecause::Asked) => Status::new("disabled", Glyph::Barred, Tone::Neutral),
        Some(DisabledBecause::Gone) => Status::new("gone", Glyph::Broken, Tone::Warning),
    }
}

/// What happened, in a few words.
pub const fn event(event: EventKind) -> &'static str {
    match event {
        EventKind::RunFinished => "Run finished",
        EventKind::RunFailed => "Run failed",
        EventKind::ApprovalRequested => "Approval requested",
        EventKind::IncidentRaised => "Incident raised",
        EventKind::CheckpointSigned => "Checkpoint signed",
        EventKind::Test => "Test",
    }
}

/// What exactly is told.
pub const fn event_means(event: EventKind) -> &'static str {
    match event {
        EventKind::RunFinished => "a run came to its end, with its counts; once more after a retry",
        EventKind::RunFailed => "a run as a whole could not proceed",
        EventKind::ApprovalRequested => "an action waits for a person",
        EventKind::IncidentRaised => {
            "something went wrong, with its severity and what is safe to do"
        }
        EventKind::CheckpointSigned => "the audit log was signed; the signed note itself",
        EventKind::Test => "sent by the test button",
    }
}

/// What the last attempt came to, where there was one: `200`, `503`, or why there is no status.
pub fn answer(delivery: &Delivery) -> Option<String> {
    let status = delivery.status.map(|status| status.to_string());
    status.or_else(|| delivery.failure.as_ref().map(|failure| failure.code.clone()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn states_never_share_a_shape() {
        let shapes: HashSet<_> =
            DeliveryState::ALL.iter().map(|word| state(*word).glyph.href()).collect();
        assert_eq!(shapes.len(), DeliveryState::ALL.len());
    }
}
