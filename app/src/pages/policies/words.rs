//! What is said about policies in more than one place.

use domain::policy::{Effect, Policy};

use crate::components::{icon::Glyph, status_badge::Status, tone::Tone};

/// Whether a policy is on.
pub(super) fn standing(policy: &Policy) -> Status {
    match policy.on {
        Some(_) => Status::new("on", Glyph::Done, Tone::Success),
        None => Status::new("off", Glyph::Dash, Tone::Neutral),
    }
}

/// What follows where a rule holds.
pub(super) const fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Deny => "Denied: nothing is done",
        Effect::RequireApproval => "Held until it is approved",
    }
}

/// What it would have done to so many.
pub(super) const fn caught(effect: Effect) -> &'static str {
    match effect {
        Effect::Deny => "would have been denied",
        Effect::RequireApproval => "would have been held",
    }
}
