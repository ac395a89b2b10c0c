//! The last runs of a definition at a glance.

use domain::run::RunStatus;
use leptos::prelude::*;

use super::status_badge::Status;
use crate::format;

/// Height of the strip and width of one run, in its own units.
const HEIGHT: usize = 20;
const STEP: usize = 7;

/// How tall a run stands: what failed stands out without its colour.
const fn height(status: RunStatus) -> usize {
    match status {
        RunStatus::Failed | RunStatus::CompletedWithFailures | RunStatus::Killed => HEIGHT,
        RunStatus::Completed => 12,
        RunStatus::Running => 12,
        RunStatus::Pending | RunStatus::Cancelled => 6,
    }
}

/// `13 runs: 12 completed, 1 completed with failures`.
fn in_words(runs: &[RunStatus]) -> String {
    let total = i64::try_from(runs.len()).unwrap_or(i64::MAX);
    let parts: Vec<_> = RunStatus::ALL
        .iter()
        .filter_map(|status| {
            let n = runs.iter().filter(|run| *run == status).count();
            (n > 0).then(|| format!("{n} {}", status.as_str().replace('-', " ")))
        })
        .collect();
    match parts.is_empty() {
        true => "No runs yet".to_owned(),
        false => format!("{}: {}", format::plural(total, "run", "runs"), parts.join(", ")),
    }
}

/// A strip of runs. It says the same in words to those who cannot see it.
#[expect(clippy::needless_pass_by_value, reason = "a component owns its props")]
#[component]
pub fn HeatStrip(
    /// Status of each run, oldest first.
    runs: Vec<RunStatus>,
) -> impl IntoView {
    let width = (runs.len() * STEP).max(STEP);
    let words = in_words(&runs);
    let bars = runs.iter().enumerate().map(|(at, &run)| {
        let hollow = matches!(run, RunStatus::Running | RunStatus::Pending).then_some("");
        let (inset, tall) =
            if hollow.is_some() { (0.5, height(run) - 1) } else { (0.0, height(run)) };
        view! {
            <rect
                data-tone=Status::from(run).tone.as_str()
                data-hollow=hollow
                x=((at * STEP) as f64 + inset).to_string()
                y=((HEIGHT - height(run)) as f64 + inset).to_string()
                width=(5.0 - 2.0 * inset).to_string()
                height=tall.to_string()
            ></rect>
        }
    });
    view! {
        <svg
            class="heat-strip"
            role="img"
            aria-label=words
            width=width.to_string()
            height=HEIGHT.to_string()
            viewBox=format!("0 0 {width} {HEIGHT}")
        >
            {bars.collect_view()}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_says_what_it_shows() {
        use RunStatus::{Completed, CompletedWithFailures};
        assert_eq!(
            in_words(&[Completed, CompletedWithFailures, Completed]),
            "3 runs: 2 completed, 1 completed with failures"
        );
        assert_eq!(in_words(&[]), "No runs yet");
    }
}
