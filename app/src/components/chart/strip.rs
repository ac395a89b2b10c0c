//! Steps of time at a glance: how it went in each. What failed stands taller, and nothing is only a dash.

use domain::health::Stretch;
use leptos::prelude::*;

use super::PLACE;
use crate::{components::tone::Tone, format};

/// Height of the strip, in its own units.
const TALL: usize = 20;

/// How a step went.
fn look(stretch: &Stretch) -> (Tone, usize) {
    match (stretch.failed(), stretch.ended()) {
        _ if stretch.runs() == 0 => (Tone::Neutral, 2),
        (_, 0) => (Tone::Info, 10),
        (0, _) => (Tone::Success, 10),
        (failed, ended) if failed * 2 < ended => (Tone::Warning, 15),
        _ => (Tone::Danger, TALL),
    }
}

/// `28 without failures, 1 with some, 1 without runs`
fn in_words(stretches: &[Stretch]) -> String {
    let of = |wanted: Tone| stretches.iter().filter(|of| look(of).0 == wanted).count();
    let parts = [
        (of(Tone::Success), "without failures"),
        (of(Tone::Warning), "with some"),
        (of(Tone::Danger), "in which half failed or more"),
        (of(Tone::Info), "under way"),
        (of(Tone::Neutral), "without runs"),
    ];
    let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{n} {words}"));
    parts.collect::<Vec<_>>().join(", ")
}

/// A strip of steps, oldest first.
pub fn strip(stretches: &[Stretch]) -> AnyView {
    let width = (stretches.len() * PLACE).max(PLACE);
    let steps = stretches.iter().enumerate().map(|(n, stretch)| {
        let (tone, tall) = look(stretch);
        let says = format!(
            "{}: {}, {} failed",
            stretch.days.days(),
            format::plural(stretch.runs(), "run", "runs"),
            stretch.failed()
        );
        view! {
            <rect
                class="chart-area"
                data-tone=tone.as_str()
                x=(n * PLACE + 1).to_string()
                y=(TALL - tall).to_string()
                width=(PLACE - 2).to_string()
                height=tall.to_string()
            >
                <title>{says}</title>
            </rect>
        }
    });
    view! {
        <svg
            class="chart-strip"
            role="img"
            aria-label=in_words(stretches)
            viewBox=format!("0 0 {width} {TALL}")
            preserveAspectRatio="none"
        >
            {steps.collect_view()}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::{period::Period, run::RunStatus};

    use super::*;

    #[test]
    fn a_strip_says_what_it_shows() {
        let day: chrono::NaiveDate = "2026-07-01".parse().unwrap();
        let of = |runs: &[(RunStatus, i64)]| {
            let mut stretch = Stretch::new(Period::of_days(day, day).unwrap());
            stretch.outcomes.extend(runs.iter().copied());
            stretch
        };
        let (fine, failed) = (RunStatus::Completed, RunStatus::Failed);
        let steps =
            [of(&[]), of(&[(fine, 3)]), of(&[(fine, 1_000), (failed, 1)]), of(&[(failed, 1)])];
        let words =
            "1 without failures, 1 with some, 1 in which half failed or more, 1 without runs";
        assert_eq!(in_words(&steps), words);
    }
}
