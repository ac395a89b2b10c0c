//! A quiet line above the list of runs: so many are new. The rows stay where they are until the reader
//! asks for the list anew.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use leptos::prelude::*;

use super::{
    live::{Heard, RunNow, Stream, follow},
    live_mark::{LiveMark, all},
};
use crate::format;

/// Which new runs the list would show; an empty list of words stands for all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listed {
    pub definitions: Vec<String>,
    pub statuses: Vec<String>,
    pub triggers: Vec<String>,
    /// New runs would stand on this page at all.
    pub new: bool,
}

impl Listed {
    fn shows(&self, run: &RunNow) -> bool {
        let has =
            |words: &[String], word: &str| words.is_empty() || words.iter().any(|w| w == word);
        self.new
            && has(&self.definitions, &run.automation_key)
            && has(&self.statuses, run.status.as_str())
            && has(&self.triggers, &run.trigger_kind)
    }
}

/// What is different from what the list shows.
#[derive(Debug, Clone, Default, PartialEq)]
struct News {
    /// Runs that came since, as they are.
    new: BTreeMap<String, RunNow>,
    /// Runs of the list that have moved.
    changed: BTreeSet<String>,
    /// More happened than was told.
    more: bool,
}

impl News {
    fn hear(&mut self, heard: &Heard, is_shown: impl Fn(&str) -> bool) {
        match heard {
            Heard::RunCreated(run) if !is_shown(&run.id) => {
                self.new.insert(run.id.clone(), run.clone());
            }
            Heard::Run(run) => {
                if let Some(known) = self.new.get_mut(&run.id) {
                    *known = run.clone();
                } else if is_shown(&run.id) {
                    self.changed.insert(run.id.clone());
                }
            }
            Heard::Resync => self.more = true,
            _ => {}
        }
    }

    /// `None` where the list is as it was.
    fn words(&self, listed: &Listed) -> Option<String> {
        let new = self.new.values().filter(|run| listed.shows(run)).count() as i64;
        let changed = self.changed.len() as i64;
        let of_these = if changed == 1 { "of these has changed" } else { "of these have changed" };
        match (new, changed) {
            _ if self.more => Some("The list has changed".to_owned()),
            (0, 0) => None,
            (new, 0) => Some(format::plural(new, "new run", "new runs")),
            (0, changed) => Some(format!("{} {of_these}", format::count(changed))),
            (new, changed) => Some(format!(
                "{}, {} {of_these}",
                format::plural(new, "new run", "new runs"),
                format::count(changed)
            )),
        }
    }
}

/// Whether the page has a row of this run.
fn is_shown(run: &str) -> bool {
    let row = format!(".runs-table a[href$=\"{run}\"]");
    document().query_selector(&row).is_ok_and(|found| found.is_some())
}

/// The line. It is as high when it is empty, so nothing moves when it is not.
#[island]
pub fn NewRuns(
    /// The definitions, statuses and triggers that the list shows; see [`Listed`].
    definitions: Vec<String>,
    statuses: Vec<String>,
    triggers: Vec<String>,
    /// New runs would stand on this page at all.
    new: bool,
    /// The first page of the list as it is filtered.
    href: String,
    /// Where what happens is told.
    url: String,
    /// How far what the page shows has come.
    after: i64,
) -> impl IntoView {
    Effect::new(move |_| {
        let listed = Listed {
            definitions: definitions.clone(),
            statuses: statuses.clone(),
            triggers: triggers.clone(),
            new,
        };
        let news = RefCell::new(News::default());
        follow(&Stream { url: url.clone(), after }, move |heard| {
            let mut news = news.borrow_mut();
            news.hear(heard, is_shown);
            let words = news.words(&listed).unwrap_or_default();
            for link in all(".new-runs-words a") {
                link.set_text_content(Some(&words));
                let _ = link.toggle_attribute_with_force("hidden", words.is_empty());
            }
        });
    });
    view! {
        <div class="new-runs">
            <LiveMark />
            <span class="new-runs-words" role="status">
                <a href=href hidden></a>
            </span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use domain::{counts::Counts, run::RunStatus};

    use super::*;

    fn run(id: &str, key: &str, status: RunStatus) -> RunNow {
        RunNow {
            id: id.to_owned(),
            automation_key: key.to_owned(),
            trigger_kind: "schedule".to_owned(),
            status,
            counts: Counts::default(),
            matched: true,
            concern: None,
            duration_seconds: None,
        }
    }

    fn heard(told: &[Heard]) -> News {
        let mut news = News::default();
        for heard in told {
            news.hear(heard, |id| id.starts_with("shown"));
        }
        news
    }

    fn all() -> Listed {
        Listed { new: true, ..Listed::default() }
    }

    #[test]
    fn a_run_is_new_once_however_often_it_is_told() {
        let new = run("a", "kyc", RunStatus::Pending);
        let told =
            [Heard::RunCreated(new.clone()), Heard::RunCreated(new.clone()), Heard::Run(new)];
        assert_eq!(heard(&told).words(&all()).as_deref(), Some("1 new run"));
        assert_eq!(heard(&[]).words(&all()), None);
    }

    #[test]
    fn runs_of_the_list_that_move_are_counted_and_strangers_are_not() {
        let moved = |id| Heard::Run(run(id, "kyc", RunStatus::Completed));
        let told = [moved("shown-1"), moved("shown-1"), moved("shown-2"), moved("elsewhere")];
        assert_eq!(heard(&told).words(&all()).as_deref(), Some("2 of these have changed"));
        let told = [moved("shown-1"), Heard::RunCreated(run("a", "kyc", RunStatus::Pending))];
        let words = heard(&told).words(&all());
        assert_eq!(words.as_deref(), Some("1 new run, 1 of these has changed"));
    }

    #[test]
    fn only_what_the_filter_shows_is_new() {
        let created = Heard::RunCreated(run("a", "kyc", RunStatus::Pending));
        let failed = Listed { statuses: vec!["failed".into()], ..all() };
        let news = heard(std::slice::from_ref(&created));
        assert_eq!(news.words(&failed), None);
        assert_eq!(news.words(&Listed { definitions: vec!["aml".into()], ..all() }), None);
        assert_eq!(news.words(&Listed { new: false, ..all() }), None);
        let news = heard(&[created, Heard::Run(run("a", "kyc", RunStatus::Failed))]);
        assert_eq!(news.words(&failed).as_deref(), Some("1 new run"));
    }

    #[test]
    fn when_more_happened_than_was_told_no_number_is_given() {
        let told = [Heard::RunCreated(run("a", "kyc", RunStatus::Pending)), Heard::Resync];
        assert_eq!(heard(&told).words(&all()).as_deref(), Some("The list has changed"));
    }
}
