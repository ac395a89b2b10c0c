//! What a list of runs shows: one object for the list, the count, the groups and the address.
//!
//! The query string is the filter: `status=failed&status=running&definition=kyc&by=completed
//! &from=2026-07-01&to=2026-09-30&order=oldest`. Unknown names and values are refused, never ignored:
//! a filter that silently does nothing shows a list that is not what it seems.

pub mod read;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::read::InvalidFilter;
use crate::{reported::RunKind, run::RunStatus, trigger::TriggerKind, words};

words! {
    /// Which time a list is sorted by; the date range applies to the same.
    TimeBasis {
        Started = "started",
        /// Runs that have not completed come before all others, as the newest.
        Completed = "completed",
    }
}

words! {
    Order {
        Newest = "newest",
        Oldest = "oldest",
    }
}

/// Which runs, in which order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFilter {
    /// Keys of automations; empty means all.
    pub definitions: Vec<String>,
    pub statuses: Vec<RunStatus>,
    pub triggers: Vec<TriggerKind>,
    /// Only what was executed here, or only what was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RunKind>,
    /// Only runs with incidents.
    pub incident: bool,
    pub by: TimeBasis,
    /// First day, in UTC.
    pub from: Option<NaiveDate>,
    /// Last day, in UTC, included.
    pub to: Option<NaiveDate>,
    pub order: Order,
}

impl Default for RunFilter {
    fn default() -> Self {
        Self {
            definitions: Vec::new(),
            statuses: Vec::new(),
            triggers: Vec::new(),
            kind: None,
            incident: false,
            by: TimeBasis::Started,
            from: None,
            to: None,
            order: Order::Newest,
        }
    }
}

impl RunFilter {
    /// The most values of one kind a filter takes.
    pub const MAX_VALUES: usize = 20;

    /// Reads the decoded pairs of a query string. Empty values count as absent, as an untouched form
    /// sends them; names in `others` belong to somebody else (a cursor, a view).
    pub fn parse<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        others: &[&str],
    ) -> Result<Self, InvalidFilter> {
        let filter = read::each(pairs, others, Self::set)?;
        read::check_days(filter.from, filter.to)?;
        Ok(filter)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidFilter> {
        let most = Self::MAX_VALUES;
        match name {
            "definition" => {
                read::add(name, &mut self.definitions, read::key(name, value)?, most)?;
            }
            "status" => read::add(name, &mut self.statuses, read::value(name, value)?, most)?,
            "trigger" => read::add(name, &mut self.triggers, read::value(name, value)?, most)?,
            "kind" => self.kind = Some(read::value(name, value)?),
            "incident" if value == "yes" => self.incident = true,
            "incident" => return Err(InvalidFilter::new(name, "expected yes, or no such filter")),
            "by" => self.by = read::value(name, value)?,
            "order" => self.order = read::value(name, value)?,
            "from" => self.from = Some(read::day(name, value)?),
            "to" => self.to = Some(read::day(name, value)?),
            _ => return Err(InvalidFilter::unknown(name)),
        }
        Ok(())
    }

    /// The pairs [`RunFilter::parse`] reads; defaults are left out.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.definitions.iter().map(|key| ("definition", key.clone())));
        pairs.extend(self.statuses.iter().map(|status| ("status", status.to_string())));
        pairs.extend(self.triggers.iter().map(|kind| ("trigger", kind.to_string())));
        pairs.extend(self.kind.map(|kind| ("kind", kind.to_string())));
        pairs.extend(self.incident.then(|| ("incident", "yes".to_owned())));
        if self.by != TimeBasis::Started {
            pairs.push(("by", self.by.to_string()));
        }
        pairs.extend(self.from.map(|day| ("from", day.to_string())));
        pairs.extend(self.to.map(|day| ("to", day.to_string())));
        if self.order != Order::Newest {
            pairs.push(("order", self.order.to_string()));
        }
        pairs
    }

    /// The filter as a query string without the question mark; empty for the default.
    pub fn query(&self) -> String {
        query(self.pairs().iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// True when some runs may be hidden by it.
    pub fn narrows(&self) -> bool {
        !(self.definitions.is_empty()
            && self.statuses.is_empty()
            && self.triggers.is_empty()
            && self.kind.is_none()
            && !self.incident
            && self.from.is_none()
            && self.to.is_none())
    }
}

/// Pairs as a query string, percent-encoded.
pub fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let encoded: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    encoded.join("&")
}

/// Percent-encodes one value for a query string or a path segment.
pub fn encode(value: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_reads_back_what_it_writes() {
        let filter = RunFilter {
            definitions: vec!["kyc".into(), "aml".into()],
            statuses: vec![RunStatus::Failed, RunStatus::CompletedWithFailures],
            triggers: vec![TriggerKind::Schedule],
            kind: Some(RunKind::Executed),
            incident: true,
            by: TimeBasis::Completed,
            from: NaiveDate::from_ymd_opt(2026, 7, 1),
            to: NaiveDate::from_ymd_opt(2026, 9, 30),
            order: Order::Oldest,
        };
        let pairs = filter.pairs();
        let read = RunFilter::parse(pairs.iter().map(|(n, v)| (*n, v.as_str())), &[]).unwrap();
        assert_eq!(read, filter);
        assert_eq!(RunFilter::default().query(), "");
    }

    #[test]
    fn an_unknown_name_or_value_is_refused_by_name() {
        let error = RunFilter::parse([("colour", "red")], &[]).unwrap_err();
        assert_eq!(error.name, "colour");
        let error = RunFilter::parse([("status", "done")], &[]).unwrap_err();
        assert!(error.to_string().contains("completed-with-failures"), "{error}");
        let error = RunFilter::parse([("from", "yesterday")], &[]).unwrap_err();
        assert!(error.to_string().contains("2026-09-30"));
    }

    #[test]
    fn days_in_the_wrong_order_are_refused() {
        let pairs = [("from", "2026-09-30"), ("to", "2026-07-01")];
        assert_eq!(RunFilter::parse(pairs, &[]).unwrap_err().name, "to");
    }

    #[test]
    fn an_untouched_form_is_the_default() {
        let pairs = [("status", ""), ("from", ""), ("after", "xyz")];
        assert_eq!(RunFilter::parse(pairs, &["after"]).unwrap(), RunFilter::default());
    }
}
