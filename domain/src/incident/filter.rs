//! Which incidents a list shows; the query string is the filter, as with runs.

use chrono::NaiveDate;

use super::{Cause, IncidentType, Phase, Severity, Standing};
use crate::{
    filter::{InvalidFilter, query, read},
    id::{ItemId, RunId},
};

/// Which incidents, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentFilter {
    pub severities: Vec<Severity>,
    pub types: Vec<IncidentType>,
    pub causes: Vec<Cause>,
    pub phases: Vec<Phase>,
    /// Keys of automations; empty means all, and incidents without an automation.
    pub definitions: Vec<String>,
    pub run: Option<RunId>,
    pub item: Option<ItemId>,
    /// Only open or only settled ones.
    pub standing: Option<Standing>,
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
        let filter = read::each(pairs, others, Self::set)?;
        read::check_days(filter.from, filter.to)?;
        Ok(filter)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidFilter> {
        let most = Self::MAX_VALUES;
        match name {
            "severity" => read::add(name, &mut self.severities, read::value(name, value)?, most)?,
            "type" => read::add(name, &mut self.types, read::value(name, value)?, most)?,
            "cause" => read::add(name, &mut self.causes, read::value(name, value)?, most)?,
            "phase" => read::add(name, &mut self.phases, read::value(name, value)?, most)?,
            "standing" => self.standing = Some(read::value(name, value)?),
            "definition" => {
                read::add(name, &mut self.definitions, read::key(name, value)?, most)?;
            }
            "run" => self.run = Some(read::value(name, value)?),
            "item" => self.item = Some(read::value(name, value)?),
            "from" => self.from = Some(read::day(name, value)?),
            "to" => self.to = Some(read::day(name, value)?),
            _ => return Err(InvalidFilter::unknown(name)),
        }
        Ok(())
    }

    /// The pairs [`IncidentFilter::parse`] reads.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        // Taken apart, so that a new part of the filter cannot be forgotten here.
        let Self { severities, types, causes, phases, definitions, run, item, standing, from, to } =
            self;
        let mut pairs = Vec::new();
        pairs.extend(severities.iter().map(|word| ("severity", word.to_string())));
        pairs.extend(types.iter().map(|word| ("type", word.to_string())));
        pairs.extend(causes.iter().map(|word| ("cause", word.to_string())));
        pairs.extend(phases.iter().map(|word| ("phase", word.to_string())));
        pairs.extend(definitions.iter().map(|key| ("definition", key.clone())));
        pairs.extend(run.map(|run| ("run", run.to_string())));
        pairs.extend(item.map(|item| ("item", item.to_string())));
        pairs.extend(standing.map(|word| ("standing", word.to_string())));
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
