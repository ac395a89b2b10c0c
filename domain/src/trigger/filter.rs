//! Which trigger events a list shows; the query string is the filter.

use super::TriggerKind;
use crate::filter::{InvalidFilter, query, read};

/// Which trigger events, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    pub kind: Option<TriggerKind>,
    /// The whole name of a source.
    pub source: Option<String>,
    /// Only those that brought about a run, or only those that did not.
    pub matched: Option<bool>,
}

impl EventFilter {
    /// Reads the decoded pairs of a query string. Empty values count as absent; names in `others`
    /// belong to somebody else; any other name or value that is not known is refused.
    pub fn parse<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        others: &[&str],
    ) -> Result<Self, InvalidFilter> {
        read::each(pairs, others, Self::set)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidFilter> {
        match name {
            "kind" => self.kind = Some(read::value(name, value)?),
            "source" => self.source = Some(value.to_owned()),
            "matched" => self.matched = Some(read::value(name, value)?),
            _ => return Err(InvalidFilter::unknown(name)),
        }
        Ok(())
    }

    /// The pairs [`EventFilter::parse`] reads.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let Self { kind, source, matched } = self;
        let kind = kind.map(|kind| ("kind", kind.to_string()));
        let source = source.clone().map(|source| ("source", source));
        let matched = matched.map(|matched| ("matched", matched.to_string()));
        [kind, source, matched].into_iter().flatten().collect()
    }

    /// The filter as a query string without the question mark; empty for the default.
    pub fn query(&self) -> String {
        query(self.pairs().iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// True when some events may be hidden by it.
    pub fn narrows(&self) -> bool {
        *self != Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_back_from_what_it_writes() {
        let pairs =
            [("kind", "schedule"), ("source", "a desk"), ("matched", "false"), ("cursor", "x")];
        let filter = EventFilter::parse(pairs, &["cursor"]).unwrap();
        assert_eq!(filter.query(), "kind=schedule&source=a%20desk&matched=false");
        assert!(filter.narrows() && !EventFilter::default().narrows());
        let again = filter.pairs();
        let again = again.iter().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(EventFilter::parse(again, &[]).unwrap(), filter);
        for wrong in [("kind", "x"), ("matched", "maybe"), ("colour", "red")] {
            assert!(EventFilter::parse([wrong], &[]).is_err(), "{wrong:?}");
        }
    }
}
