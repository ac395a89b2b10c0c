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

/// A size in the largest unit that leaves at least one: `912 B`, `1.4 MB`.
pub(super) fn size(bytes: i64) -> String {
    const UNITS: [(&str, i64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    let bytes = bytes.max(0);
    match UNITS.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1_499), "1.4 kB");
        assert_eq!(size(123_456_789), "123.4 MB");
        assert_eq!(size(7_000_000_000), "7.0 GB");
    }
}
