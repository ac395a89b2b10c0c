//! Arithmetic on instants that cannot overflow, whatever a definition asks for.

use chrono::Duration;

use crate::Timestamp;

/// The first instant that is ever written: 0000-01-01T00:00:00Z.
pub const EARLIEST: Timestamp = match Timestamp::from_timestamp(-62_167_219_200, 0) {
    Some(at) => at,
    None => Timestamp::MIN_UTC,
};

/// The last instant that is ever written: 9999-12-31T23:59:59Z. Later years have no RFC 3339 form,
/// and would not sort as text.
pub const LATEST: Timestamp = match Timestamp::from_timestamp(253_402_300_799, 0) {
    Some(at) => at,
    None => Timestamp::MAX_UTC,
};

/// Seconds as a duration; out-of-range values become the nearest that fits.
pub fn seconds(value: i64) -> Duration {
    let nearest = if value < 0 { Duration::MIN } else { Duration::MAX };
    Duration::try_seconds(value).unwrap_or(nearest)
}

/// The instant `by` after `at`, or the nearest that can be written.
pub fn later(at: Timestamp, by: Duration) -> Timestamp {
    let nearest = if by < Duration::zero() { EARLIEST } else { LATEST };
    at.checked_add_signed(by).unwrap_or(nearest).clamp(EARLIEST, LATEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_the_first_and_the_last_second_of_four_digit_years() {
        assert_eq!(EARLIEST.to_rfc3339(), "0000-01-01T00:00:00+00:00");
        assert_eq!(LATEST.to_rfc3339(), "9999-12-31T23:59:59+00:00");
    }

    #[test]
    fn sums_stop_at_the_bounds() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(later(now, seconds(60)).timestamp(), 60);
        assert_eq!(later(now, seconds(-60)).timestamp(), -60);
        assert_eq!(later(now, seconds(i64::MAX)), LATEST);
        assert_eq!(later(now, seconds(i64::MIN)), EARLIEST);
        assert_eq!(later(LATEST, seconds(1)), LATEST);
        assert_eq!(later(Timestamp::MAX_UTC, Duration::MAX), LATEST);
        assert_eq!(later(Timestamp::MIN_UTC, Duration::MIN), EARLIEST);
    }
}
