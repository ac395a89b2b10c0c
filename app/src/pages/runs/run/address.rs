//! The address of a run's page: which of its items are shown, and what was just done.

use domain::{filter::query, item::ItemState};

use crate::{context::Page, fault::Fault};

/// What the page knows in its query string.
const KNOWN: [&str; 4] = ["outcome", "after", "retried", "closed"];

/// What a run's page shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunQuery {
    pub outcome: Option<Outcome>,
    /// Items after this position.
    pub after: Option<i64>,
    /// The round that a retry just opened.
    pub retried: Option<i64>,
    /// The run was just closed.
    pub closed: bool,
}

/// Which items: with one outcome, or without any yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Open,
    Is(ItemState),
}

impl Outcome {
    /// Those worth a tab, what needs somebody first.
    pub const ALL: [Self; 6] = [
        Self::Is(ItemState::Failed),
        Self::Is(ItemState::AwaitingApproval),
        Self::Open,
        Self::Is(ItemState::Succeeded),
        Self::Is(ItemState::IdempotentReplay),
        Self::Is(ItemState::Skipped),
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Is(state) => state.as_str(),
        }
    }

    /// The states it stands for.
    pub fn states(self) -> Vec<ItemState> {
        match self {
            Self::Open => vec![ItemState::Queued, ItemState::Leased, ItemState::Started],
            Self::Is(state) => vec![state],
        }
    }
}

impl RunQuery {
    pub fn parse(page: &Page) -> Result<Self, Fault> {
        page.check_query(&KNOWN)?;
        let outcome = page.query_value("outcome").map(outcome).transpose()?;
        let after = number(page, "after")?;
        let retried = number(page, "retried")?;
        let closed = number(page, "closed")?.is_some();
        Ok(Self { outcome, after, retried, closed })
    }

    /// The items of this outcome, from the first on.
    pub fn items(outcome: Option<Outcome>) -> Self {
        Self { outcome, ..Self::default() }
    }

    /// The address, given the run's own.
    pub fn href(self, run: &str) -> String {
        let outcome = self.outcome.map(|outcome| ("outcome", outcome.as_str().to_owned()));
        let after = self.after.map(|after| ("after", after.to_string()));
        let pairs: Vec<_> = outcome.into_iter().chain(after).collect();
        match query(pairs.iter().map(|(name, value)| (*name, value.as_str()))) {
            none if none.is_empty() => format!("{run}#items"),
            pairs => format!("{run}?{pairs}#items"),
        }
    }
}

fn outcome(word: &str) -> Result<Outcome, Fault> {
    Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == word).ok_or_else(|| {
        let words = Outcome::ALL.map(Outcome::as_str).join(", ");
        let word: String = word.chars().take(80).collect();
        Fault::bad_request("outcome", format_args!("'{word}' is none; expected one of: {words}"))
    })
}

fn number(page: &Page, name: &str) -> Result<Option<i64>, Fault> {
    let read = |text: &str| text.parse().ok().filter(|n| *n >= 0);
    match page.query_value(name).map(read) {
        None => Ok(None),
        Some(Some(number)) => Ok(Some(number)),
        Some(None) => Err(Fault::bad_request(name, "expected a whole number from 0")),
    }
}
