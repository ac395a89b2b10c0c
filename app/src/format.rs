//! How numbers, times and digests read on a page: pure functions, one look everywhere.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// The narrow no-break space that groups digits: `12 345` never breaks over two lines.
const THIN: char = '\u{202f}';

/// A count with its digits in groups of three.
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 * THIN.len_utf8() + 1);
    if n < 0 {
        out.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(THIN);
        }
        out.push(digit);
    }
    out
}

/// A count and its noun: `1 run`, `1 204 runs`.
pub fn plural(n: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A size in the largest unit that leaves at least one: `912 B`, `1.4 MB`.
pub fn bytes(size: i64) -> String {
    const UNITS: [(&str, i64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    let bytes = size.max(0);
    match UNITS.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

/// A length of time in its two largest units: `320 ms`, `1.2 s`, `42 s`, `3 min 4 s`, `2 h 5 min`,
/// `3 d 4 h`. A negative length (two clocks disagreed) reads as zero.
pub fn duration(length: TimeDelta) -> String {
    let ms = length.num_milliseconds().max(0);
    let s = ms / 1_000;
    match s {
        0 => format!("{ms} ms"),
        1..10 => format!("{s}.{} s", ms % 1_000 / 100),
        10..60 => format!("{s} s"),
        60..3_600 => two_units(s, 60, "min", "s"),
        3_600..86_400 => two_units(s / 60, 60, "h", "min"),
        _ => two_units(s / 3_600, 24, "d", "h"),
    }
}

fn two_units(small: i64, per_large: i64, large_name: &str, small_name: &str) -> String {
    match (small / per_large, small % per_large) {
        (large, 0) => format!("{large} {large_name}"),
        (large, rest) => format!("{large} {large_name} {rest} {small_name}"),
    }
}

/// Date and minute in UTC, without the zone: `2026-07-06 06:00`.
pub fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// Date and second in UTC, without the zone: `2026-07-06 06:00:12`.
pub fn second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The whole moment with its zone: `2026-07-06 06:00 UTC`.
pub fn absolute(at: DateTime<Utc>) -> String {
    format!("{} UTC", minute(at))
}

/// The moment for machines (RFC 3339, milliseconds, `Z`), as a `datetime` attribute wants it.
pub fn machine(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// How long ago, or in how long: `just now`, `3 min ago`, `in 2 h`, `5 days ago`.
pub fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let away = now - at;
    let s = away.num_seconds().abs();
    let span = match s {
        0..60 => return "just now".to_owned(),
        60..3_600 => format!("{} min", s / 60),
        3_600..86_400 => format!("{} h", s / 3_600),
        86_400..5_184_000 => plural(s / 86_400, "day", "days"),
        5_184_000..63_072_000 => plural(s / 2_592_000, "month", "months"),
        _ => plural(s / 31_536_000, "year", "years"),
    };
    if away > TimeDelta::zero() { format!("{span} ago") } else { format!("in {span}") }
}

/// The beginning of a digest or key, with its algorithm if it names one: `sha256:3f2a9c01…`.
/// What is already short comes back whole.
pub fn short_digest(digest: &str) -> String {
    let (prefix, body) = match digest.split_once(':') {
        Some((algorithm, body)) => (&digest[..=algorithm.len()], body),
        None => ("", digest),
    };
    match body.char_indices().nth(8) {
        Some((end, _)) if body.chars().nth(9).is_some() => format!("{prefix}{}…", &body[..end]),
        _ => digest.to_owned(),
    }
}

/// One of DESIGN's words as a label: `completed-with-failures` reads `Completed with failures`.
pub fn label(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars.map(|c| if c == '-' { ' ' } else { c })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn counts_group_their_digits() {
        let plain = |n| count(n).replace(THIN, "_");
        assert_eq!(plain(0), "0");
        assert_eq!(plain(999), "999");
        assert_eq!(plain(1_000), "1_000");
        assert_eq!(plain(1_234_567), "1_234_567");
        assert_eq!(plain(-45_000), "−45_000");
        assert_eq!(plain(i64::MIN), "−9_223_372_036_854_775_808");
    }

    #[test]
    fn one_is_singular_and_everything_else_plural() {
        assert_eq!(plural(1, "run", "runs"), "1 run");
        assert_eq!(plural(0, "run", "runs"), "0 runs");
        assert_eq!(plural(13, "run", "runs"), "13 runs");
    }

    #[test]
    fn durations_show_their_two_largest_units() {
        for (ms, text) in [
            (-5, "0 ms"),
            (320, "320 ms"),
            (999, "999 ms"),
            (1_299, "1.2 s"),
            (9_999, "9.9 s"),
            (42_700, "42 s"),
            (60_000, "1 min"),
            (184_000, "3 min 4 s"),
            (7_500_000, "2 h 5 min"),
            (86_400_000, "1 d"),
            (273_600_000, "3 d 4 h"),
        ] {
            assert_eq!(duration(TimeDelta::milliseconds(ms)), text);
        }
    }

    #[test]
    fn times_are_utc_and_say_so() {
        let t = at("2026-07-06T08:00:12.345+02:00");
        assert_eq!(absolute(t), "2026-07-06 06:00 UTC");
        assert_eq!(second(t), "2026-07-06 06:00:12");
        assert_eq!(machine(t), "2026-07-06T06:00:12.345Z");
    }

    #[test]
    fn relative_times_look_both_ways() {
        let now = at("2026-07-06T06:00:00Z");
        for (other, text) in [
            ("2026-07-06T05:59:30Z", "just now"),
            ("2026-07-06T05:57:00Z", "3 min ago"),
            ("2026-07-06T08:30:00Z", "in 2 h"),
            ("2026-07-05T05:00:00Z", "1 day ago"),
            ("2026-06-01T06:00:00Z", "35 days ago"),
            ("2026-03-01T06:00:00Z", "4 months ago"),
            ("2023-07-06T06:00:00Z", "3 years ago"),
        ] {
            assert_eq!(relative(at(other), now), text);
        }
    }

    #[test]
    fn digests_keep_their_algorithm_and_eight_characters() {
        assert_eq!(short_digest("sha256:3f2a9c0177aa"), "sha256:3f2a9c01…");
        assert_eq!(short_digest("3f2a9c0177aa"), "3f2a9c01…");
        assert_eq!(short_digest("sha256:3f2a"), "sha256:3f2a");
        assert_eq!(short_digest("ééééééééééé"), "éééééééé…");
    }

    #[test]
    fn words_become_labels() {
        assert_eq!(label("completed-with-failures"), "Completed with failures");
        assert_eq!(label(""), "");
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_499), "1.4 kB");
        assert_eq!(bytes(123_456_789), "123.4 MB");
        assert_eq!(bytes(7_000_000_000), "7.0 GB");
    }
}
