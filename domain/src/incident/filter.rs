//! Which incidents a list shows; the query string is the filter, as with runs.

use chrono::NaiveDate;

use super::{Cause, IncidentType, Severity};
use crate::{
    automation::is_valid_key,
    filter::{self, InvalidFilter, query},
    id::{ItemId, RunId},
};

/// Which incidents, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentFilter {
    pub severities: Vec<Severity>,
    pub types: Vec<IncidentType>,
    pub causes: Vec<Cause>,
    /// Keys of automations; empty means all, and incidents without an automation.
    pub definitions: Vec<String>,
    pub run: Option<RunId>,
    pub item: Option<ItemId>,
    /// First day, in UTC.
    pub from: Option<NaiveDate>,
    /// Last day, in UTC, included.
    pub to: Option<NaiveDate>,
}

impl IncidentFilter {
    /// The most values of one kind a filter takes.
    pub const MAX_VALUES: usize = 40;

    /// Everything about one run.
    pub fn of_run(run: RunId) -> Self {
        Self { run: Some(run), ..Self::default() }
    }

    /// Everything about one item.
    pub fn of_item(item: ItemId) -> Self {
        Self { item: Some(item), ..Self::default() }
    }

    /// Reads the decoded pairs of a query string. Empty values count as absent; names in `others`
    /// belong to somebody else; any other name or value that is not known is refused.
    pub fn parse<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        others: &[&str],
    ) -> Result<Self, InvalidFilter> {
        let mut filter = Self::default();
        for (name, value) in pairs {
            if !others.contains(&name) && !value.is_empty() {
                filter.set(name, value)?;
            }
        }
        filter.check()?;
        Ok(filter)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidFilter> {
        let wrong = |error: &dyn std::error::Error| InvalidFilter::new(name, error);
        match name {
            "severity" => add(&mut self.severities, value.parse().map_err(|e| wrong(&e))?),
            "type" => add(&mut self.types, value.parse().map_err(|e| wrong(&e))?),
            "cause" => add(&mut self.causes, value.parse().map_err(|e| wrong(&e))?),
            "definition" if is_valid_key(value) => add(&mut self.definitions, value.to_owned()),
            "definition" => return Err(InvalidFilter::new(name, "this is no key of a definition")),
            "run" => self.run = Some(value.parse().map_err(|e| wrong(&e))?),
            "item" => self.item = Some(value.parse().map_err(|e| wrong(&e))?),
            "from" => self.from = Some(filter::date(name, value)?),
            "to" => self.to = Some(filter::date(name, value)?),
            _ => return Err(InvalidFilter::new(name, "this list knows no such filter")),
        }
        Ok(())
    }

    fn check(&self) -> Result<(), InvalidFilter> {
        if self.from.zip(self.to).is_some_and(|(from, to)| from > to) {
            return Err(InvalidFilter::new("to", "the last day is before the first"));
        }
        if self.definitions.len() > Self::MAX_VALUES {
            return Err(InvalidFilter::new("definition", "at most 40 values can be chosen"));
        }
        Ok(())
    }

    /// The pairs [`IncidentFilter::parse`] reads.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        // Taken apart, so that a new part of the filter cannot be forgotten here.
        let Self { severities, types, causes, definitions, run, item, from, to } = self;
        let mut pairs = Vec::new();
        pairs.extend(severities.iter().map(|word| ("severity", word.to_string())));
        pairs.extend(types.iter().map(|word| ("type", word.to_string())));
        pairs.extend(causes.iter().map(|word| ("cause", word.to_string())));
        pairs.extend(definitions.iter().map(|key| ("definition", key.clone())));
        pairs.extend(run.map(|run| ("run", run.to_string())));
        pairs.extend(item.map(|item| ("item", item.to_string())));
        pairs.extend(from.map(|day| ("from", day.to_string())));
        pairs.extend(to.map(|day| ("to", day.to_string())));
        pairs
    }

    /// The filter as a query string without the question mark; empty for the default.
    pub fn query(&self) -> String {
        query(self.pairs().iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// True when some incidents may be hidden by it.
    pub fn narrows(&self) -> bool {
        *self != Self::default()
    }
}

fn add<T: PartialEq>(values: &mut Vec<T>, value: T) {
    if !values.contains(&value) {
        values.push(value);
    }
}
