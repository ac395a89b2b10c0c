//! How bundles read on a page.

use domain::bundle::BundleStatus;

use crate::components::{icon::Glyph, status_badge::Status, tone::Tone};

/// How the status of a bundle looks.
pub(super) fn status(status: BundleStatus) -> Status {
    let (glyph, tone) = match status {
        BundleStatus::Pending => (Glyph::Ring, Tone::Neutral),
        BundleStatus::Assembling => (Glyph::Half, Tone::Info),
        BundleStatus::Ready => (Glyph::Done, Tone::Success),
        BundleStatus::Failed => (Glyph::Cross, Tone::Danger),
    };
    Status::new(status.as_str(), glyph, tone)
}
