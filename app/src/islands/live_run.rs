//! A run on its own page: status, counts and progress move by themselves.
//!
//! The server renders all of it; the island only fills in again what has changed, where `data-live` says
//! what stands there. So none of the components has to be in what a browser loads.

use chrono::TimeDelta;
use domain::{counts::Counts, run::RunStatus};
use leptos::prelude::*;

use super::{
    live::{Heard, RunNow, Stream, follow, look_up},
    live_mark::{LiveMark, all},
};
use crate::{
    components::{
        counts_bar,
        status_badge::{self, Status},
        tone::Tone,
    },
    format,
};

/// A number of a run, as the row of them shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its name in `data-live`.
    pub name: &'static str,
    pub label: &'static str,
    pub value: String,
    pub note: Option<String>,
    pub tone: Tone,
}

/// The numbers of a run.
pub fn figures(run: &RunNow) -> [Figure; 5] {
    let counts = run.counts;
    let plain = |name, label, value| Figure { name, label, value, note: None, tone: Tone::Neutral };
    let uncalled = counts.subjects_matched - counts.actions_invoked;
    let toned = |count, tone| if count > 0 { tone } else { Tone::Neutral };
    let length = run.duration_seconds.map(|seconds| {
        format::duration(TimeDelta::milliseconds((seconds * 1_000.0).round() as i64))
    });
    [
        plain("subjects", "Subjects matched", format::count(counts.subjects_matched)),
        Figure {
            note: (uncalled > 0).then(|| format!("{} never called", format::count(uncalled))),
            ..plain("invoked", "Actions invoked", format::count(counts.actions_invoked))
        },
        Figure {
            tone: toned(counts.failed, Tone::Danger),
            ..plain("failed", "Failed", format::count(counts.failed))
        },
        Figure {
            tone: toned(counts.awaiting_approval, Tone::Warning),
            ..plain("waiting", "Awaiting approval", format::count(counts.awaiting_approval))
        },
        Figure {
            note: length.is_none().then(|| "not completed".to_owned()),
            ..plain("duration", "Duration", length.unwrap_or_else(|| "–".to_owned()))
        },
    ]
}

/// How far a run that has not ended has come.
pub fn progress(status: RunStatus, matched: bool, counts: &Counts) -> String {
    let all = format::count(counts.subjects_matched);
    match (status.is_terminal(), matched) {
        (true, _) => String::new(),
        (false, false) => format!("Subjects are still being looked at, {all} so far"),
        (false, true) => {
            let done = format::count(counts.subjects_matched - counts.open);
            format!("Outcomes so far: {done} of {all}")
        }
    }
}

/// The line above the numbers of a run: whether it is live, and how far it has come.
#[island]
pub fn LiveRun(
    /// The run's id.
    run: String,
    /// Its status as the page was made, as a word.
    status: String,
    /// How far it had come.
    progress: String,
    /// Where what happens is told.
    url: String,
    /// How far what the page shows has come.
    after: i64,
) -> impl IntoView {
    Effect::new(move |_| {
        let stream = Stream { url: url.clone(), after };
        let (own, before, looked) = (run.clone(), status.clone(), stream.clone());
        follow(&stream, move |heard| match heard {
            Heard::Run(run) | Heard::RunCreated(run) if run.id == own => show(run, &before),
            Heard::Resync => {
                let before = before.clone();
                look_up(&looked, &own, move |run| show(&run, &before));
            }
            _ => {}
        });
    });
    view! {
        <div class="live-run">
            <LiveMark />
            <span class="live-run-progress" data-live="progress">
                {progress}
            </span>
            <span class="live-run-moved" data-live="moved" hidden>
                "What is below is from when this page was opened. "
                <a href="">"Show it as it is now"</a>
            </span>
            <span class="visually-hidden" role="status" data-live="said"></span>
        </div>
    }
}

/// Fills in what stands differently. `before` is the status that the page began with: only that it is
/// another is said aloud.
fn show(run: &RunNow, before: &str) {
    let concern = run.concern.map(|concern| status_badge::html(concern.into()));
    fill("status", &status_badge::html(Status::from(run.status)));
    fill("concern", &concern.unwrap_or_default());
    fill("progress", &progress(run.status, run.matched, &run.counts));
    fill("counts", &counts_bar::html(&run.counts));
    let word = run.status.as_str();
    if word != before {
        fill("said", &format!("The run is now {}", word.replace('-', " ")));
    }
    for Figure { name, label, value, note, tone } in figures(run) {
        let note = note.map(|note| format!("<dd class=\"stat-note\">{note}</dd>"));
        fill(name, &format!("<dt>{label}</dt><dd>{value}</dd>{}", note.unwrap_or_default()));
        for place in places(name) {
            let _ = match tone {
                Tone::Neutral => place.remove_attribute("data-tone"),
                tone => place.set_attribute("data-tone", tone.as_str()),
            };
        }
    }
    for place in places("moved") {
        let _ = place.remove_attribute("hidden");
    }
}

fn places(name: &str) -> Vec<web_sys::Element> {
    all(&format!("[data-live={name}]"))
}

/// Puts markup into a place, if it is not there already. It is made of our own words and numbers alone.
fn fill(name: &str, html: &str) {
    for place in places(name) {
        if place.inner_html() != html {
            place.set_inner_html(html);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_said_until_the_run_has_ended() {
        let counts = Counts { subjects_matched: 5, open: 2, succeeded: 3, ..Counts::default() };
        assert_eq!(progress(RunStatus::Running, true, &counts), "Outcomes so far: 3 of 5");
        assert!(progress(RunStatus::Running, false, &counts).ends_with("5 so far"));
        assert_eq!(progress(RunStatus::Cancelled, true, &counts), "");
    }
}
