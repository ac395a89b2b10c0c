//! How the words of incidents look; what they say is the catalogue's.

use domain::incident::{IncidentType, Policy, Severity};

use crate::{
    components::{icon::Glyph, status_badge::Status, tone::Tone},
    format,
};

/// How a severity looks.
pub const fn severity(severity: Severity) -> Status {
    let (glyph, tone) = match severity {
        Severity::Low => (Glyph::Info, Tone::Neutral),
        Severity::Medium => (Glyph::Warning, Tone::Warning),
        Severity::High => (Glyph::Cross, Tone::Danger),
        Severity::Critical => (Glyph::Broken, Tone::Danger),
    };
    Status::new(severity.as_str(), glyph, tone)
}

/// What a severity means.
pub const fn severity_means(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "informational: it was completed despite it",
        Severity::Medium => "degraded",
        Severity::High => "aborted: an operator is to look at it",
        Severity::Critical => "security or safety: act now",
    }
}

/// How a policy looks: whether something has to be done, and how careful one has to be.
pub const fn policy(policy: Policy) -> Status {
    let (glyph, tone) = match policy {
        Policy::NoneNeeded => (Glyph::Check, Tone::Neutral),
        Policy::AutomaticRetry => (Glyph::Replay, Tone::Info),
        Policy::RetryIsSafe => (Glyph::Done, Tone::Success),
        Policy::ConfirmFirst => (Glyph::Warning, Tone::Warning),
        Policy::FixTheDefinition => (Glyph::Definitions, Tone::Warning),
        Policy::SettleByHand => (Glyph::Unknown, Tone::Warning),
        Policy::StopEverything => (Glyph::Barred, Tone::Danger),
    };
    Status::new(policy.as_str(), glyph, tone)
}

/// `tool_timeout` reads `Tool timeout`.
pub fn kind(kind: IncidentType) -> String {
    format::label(&kind.as_str().replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn severities_and_policies_never_share_a_shape() {
        let shapes: HashSet<_> = Severity::ALL.iter().map(|s| severity(*s).glyph.href()).collect();
        assert_eq!(shapes.len(), Severity::ALL.len());
        let shapes: HashSet<_> = Policy::ALL.iter().map(|p| policy(*p).glyph.href()).collect();
        assert_eq!(shapes.len(), Policy::ALL.len());
    }
}
