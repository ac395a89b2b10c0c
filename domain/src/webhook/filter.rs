//! Which deliveries the log shows; the query string is the filter.

use super::{DeliveryState, EventKind};
use crate::{
    filter::{InvalidFilter, query, read},
    id::WebhookId,
};

/// Which deliveries, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    pub states: Vec<DeliveryState>,
    pub events: Vec<EventKind>,
    pub webhook: Option<WebhookId>,
}

impl DeliveryFilter {
    /// Reads the decoded pairs of a query string. Empty values count as absent; names in `others`
    /// belong to somebody else; any other name or value that is not known is refused.
    pub fn parse<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        others: &[&str],
    ) -> Result<Self, InvalidFilter> {
        read::each(pairs, others, Self::set)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidFilter> {
        let (states, events) = (DeliveryState::ALL.len(), EventKind::ALL.len());
        match name {
            "state" => read::add(name, &mut self.states, read::value(name, value)?, states)?,
            "event" => read::add(name, &mut self.events, read::value(name, value)?, events)?,
            "webhook" => self.webhook = Some(read::value(name, value)?),
            _ => return Err(InvalidFilter::unknown(name)),
        }
        Ok(())
    }

    /// The pairs [`DeliveryFilter::parse`] reads.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let Self { states, events, webhook } = self;
        let mut pairs = Vec::new();
        pairs.extend(states.iter().map(|word| ("state", word.to_string())));
        pairs.extend(events.iter().map(|word| ("event", word.to_string())));
        pairs.extend(webhook.map(|id| ("webhook", id.to_string())));
        pairs
    }

    /// The filter as a query string without the question mark; empty for the default.
    pub fn query(&self) -> String {
        query(self.pairs().iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// True when some deliveries may be hidden by it.
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
            [("state", "failed"), ("state", "queued"), ("event", "run.failed"), ("after", "x")];
        let filter = DeliveryFilter::parse(pairs, &["after"]).unwrap();
        assert_eq!(filter.query(), "state=failed&state=queued&event=run.failed");
        assert!(filter.narrows());
        let again = filter.pairs();
        let again = again.iter().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(DeliveryFilter::parse(again, &[]).unwrap(), filter);
        for wrong in [("state", "gone"), ("event", "run"), ("webhook", "x"), ("colour", "red")] {
            assert!(DeliveryFilter::parse([wrong], &[]).is_err(), "{wrong:?}");
        }
    }
}
