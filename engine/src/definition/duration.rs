//! ISO 8601 durations of a fixed length: weeks, or days, hours, minutes and seconds.

/// Seconds of a text such as `PT30S`, `PT1H30M`, `P7D` or `P2W`. Years and months have no fixed
/// length and are no such duration; neither are fractions.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None if rest.is_empty() => return None,
        None => (rest, ""),
    };
    let date = match date.strip_suffix('W') {
        Some(_) if !time.is_empty() => return None,
        Some(weeks) => number(weeks)?.checked_mul(7 * 86_400)?,
        None => units(date, &[('D', 86_400)])?,
    };
    date.checked_add(units(time, &[('H', 3_600), ('M', 60), ('S', 1)])?)
}

/// Sums `12H30M` over units that must come in this order, each at most once.
fn units(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut total = 0_i64;
    for (unit, length) in units {
        if let Some((count, rest)) = text.split_once(*unit) {
            total = total.checked_add(number(count)?.checked_mul(*length)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(total)
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// How such a duration is written, in its largest whole unit.
pub(super) fn text(seconds: i64) -> String {
    match seconds {
        s if s % 86_400 == 0 => format!("P{}D", s / 86_400),
        s if s % 3_600 == 0 => format!("PT{}H", s / 3_600),
        s if s % 60 == 0 => format!("PT{}M", s / 60),
        s => format!("PT{s}S"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_seconds() {
        for (written, expected) in [
            ("PT30S", 30),
            ("PT15M", 900),
            ("PT1H30M5S", 5_405),
            ("P7D", 604_800),
            ("P1DT12H", 129_600),
            ("P2W", 1_209_600),
            ("PT0S", 0),
            ("PT90M", 5_400),
        ] {
            assert_eq!(seconds(written), Some(expected), "{written}");
        }
    }

    #[test]
    fn what_has_no_fixed_length_or_is_no_duration_is_refused() {
        for written in [
            "",
            "P",
            "PT",
            "P1DT",
            "30S",
            "P30S",
            "PT1D",
            "P1Y",
            "P1M",
            "PT1.5H",
            "PT-1S",
            "-PT1S",
            "P1WT1H",
            "PT1S1M",
            "PT1H1H",
            "pt1s",
            "PT 1S",
            "P99999999999999999999D",
            "P9223372036854775807W",
            "seven days",
            "PT1Sx",
            "P1D1D",
        ] {
            assert_eq!(seconds(written), None, "{written}");
        }
    }

    #[test]
    fn a_duration_is_written_in_its_largest_whole_unit() {
        assert_eq!(
            [text(86_400), text(7_200), text(900), text(61)],
            ["P1D", "PT2H", "PT15M", "PT61S"]
        );
    }
}
