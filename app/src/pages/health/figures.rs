//! The period in a few numbers, each beside that of the period before.

use chrono::TimeDelta;
use domain::health::{Stretch, Unit};
use engine::services::{Health, Side};
use leptos::prelude::*;

use crate::{
    components::{
        stat::{Stat, Stats},
        tone::Tone,
    },
    format,
};

/// A length as people read it.
pub fn length(ms: i64) -> String {
    format::duration(TimeDelta::milliseconds(ms))
}

/// A length that may not be known.
pub fn maybe_length(ms: Option<i64>) -> String {
    ms.map_or_else(|| "–".to_owned(), length)
}

/// Dollars as people read them, in groups of three digits.
pub fn dollars(nanos: i64) -> String {
    let written = Unit::UsdNanos.write(nanos);
    let parts = written.strip_prefix('$').and_then(|number| number.split_once('.'));
    let grouped = parts.and_then(|(whole, rest)| {
        let whole = whole.parse().ok().map(format::count)?;
        Some(format!("${whole}.{rest}"))
    });
    grouped.unwrap_or(written)
}

/// A share of a thousand.
pub fn share(per_mille: Option<i64>) -> String {
    per_mille.map_or_else(|| "–".to_owned(), |share| Unit::PerMille.write(share))
}

/// `+12 %`, `−3 %`, or nothing where there was nothing.
pub fn change(now: i64, then: i64) -> String {
    if then == 0 {
        return String::new();
    }
    let percent = (now - then).saturating_mul(100) / then;
    let sign = if percent > 0 {
        "+"
    } else if percent < 0 {
        "−"
    } else {
        "±"
    };
    format!(" ({sign}{} %)", percent.abs())
}

/// A few numbers.
pub fn stats(health: &Health) -> AnyView {
    let (now, then) = (health.now.total(), health.before.as_ref().map(Side::total));
    let note = |write: fn(&Stretch) -> String, figure: fn(&Stretch) -> Option<i64>| {
        let then = then.as_ref()?;
        let change = figure(&now).zip(figure(then)).map(|(now, then)| change(now, then));
        Some(format!("before: {}{}", write(then), change.unwrap_or_default()))
    };
    let runs = note(|of| format::count(of.runs()), |of| Some(of.runs()));
    let failing = note(|of| share(of.failure_rate()), |_| None);
    let half = note(|of| maybe_length(of.lengths.percentile(50)), |of| of.lengths.percentile(50));
    let most = note(|of| maybe_length(of.lengths.percentile(95)), |of| of.lengths.percentile(95));
    let cost = note(|of| dollars(of.cost), |of| Some(of.cost));
    let tone = if now.failed() > 0 { Tone::Danger } else { Tone::Neutral };
    let costs = (now.costed > 0).then(|| {
        view! { <Stat label="Estimated cost" value=dollars(now.cost) note=cost /> }
    });
    view! {
        <Stats>
            <Stat label="Runs" value=format::count(now.runs()) note=runs />
            <Stat label="With failures" value=share(now.failure_rate()) note=failing tone />
            <Stat
                label="Half took at most"
                value=maybe_length(now.lengths.percentile(50))
                note=half
            />
            <Stat
                label="95 % took at most"
                value=maybe_length(now.lengths.percentile(95))
                note=most
            />
            {costs}
        </Stats>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_written_in_groups_of_digits() {
        for (nanos, written) in [
            (12_340_000, "$0.0123"),
            (1_234_567_890, "$1.23"),
            (30_396_870_000_000, "$30\u{202f}396.87"),
        ] {
            assert_eq!(dollars(nanos), written);
        }
    }

    #[test]
    fn a_change_is_written_with_its_sign() {
        assert_eq!(change(112, 100), " (+12 %)");
        assert_eq!(change(97, 100), " (−3 %)");
        assert_eq!(change(100, 100), " (±0 %)");
        assert_eq!(change(5, 0), "");
    }
}
