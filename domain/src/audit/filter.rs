//! Which entries of the audit log: one object for the page, the export, the API and the command line.

use chrono::NaiveDate;

use super::{Object, Verb};
use crate::{
    filter::{InvalidFilter, read},
    id::{MemberId, RecordId, RunId},
};

/// Which entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub verb: Option<Verb>,
    /// The kind of object: all verbs about it.
    pub kind: Option<String>,
    pub actor: Option<MemberId>,
    pub object: Option<Object>,
    pub run: Option<RunId>,
    /// Everything about the latest items that are about this record or brought it about.
    pub record: Option<RecordId>,
    /// First day, in UTC.
    pub from: Option<NaiveDate>,
    /// Last day, in UTC, included.
    pub to: Option<NaiveDate>,
    /// Only entries before this place, newest first.
    pub before: Option<i64>,
    /// Only entries after this place: those nearest to it.
    pub after: Option<i64>,
}

impl AuditFilter {
    /// Reads the decoded pairs of a query string. Empty values count as absent, as an untouched form
    /// sends them; names in `others` belong to somebody else.
    pub fn parse<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        others: &[&str],
    ) -> Result<Self, InvalidFilter> {
        let filter: Self = read::each(pairs, others, Self::set)?;
        read::check_days(filter.from, filter.to)?;
        if filter.before.is_some() && filter.after.is_some() {
            return Err(InvalidFilter::new("after", "a page has either before or after, not both"));
        }
        Ok(filter)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidFilter> {
        let value = value.trim();
        match name {
            "verb" => self.verb = Some(read::value(name, value)?),
            "kind" if Object::kinds().contains(&value) => self.kind = Some(value.to_owned()),
            "kind" => {
                let known = Object::kinds().join(", ");
                return Err(InvalidFilter::new(name, &format!("expected one of {known}")));
            }
            "actor" => self.actor = Some(read::value(name, value)?),
            "object" => self.about(read::value(name, value)?),
            "run" => self.run = Some(read::value(name, value)?),
            "record" => self.record = Some(read::value(name, value)?),
            "from" => self.from = Some(read::day(name, value)?),
            "to" => self.to = Some(read::day(name, value)?),
            "before" => self.before = Some(read::value(name, value)?),
            "after" => self.after = Some(read::value(name, value)?),
            _ => return Err(InvalidFilter::unknown(name)),
        }
        Ok(())
    }

    /// Acts leave no entry about a record itself, but about the items that brought it about.
    fn about(&mut self, object: Object) {
        match (object.kind.as_str(), object.id.parse()) {
            ("record", Ok(record)) => self.record = Some(record),
            _ => self.object = Some(object),
        }
    }

    /// The filter as pairs of a query string, without the place in the log.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        // Taken apart, so that a new part of the filter cannot be forgotten here.
        let Self { verb, kind, actor, object, run, record, from, to, before: _, after: _ } = self;
        let mut pairs = Vec::new();
        pairs.extend(verb.map(|verb| ("verb", verb.to_string())));
        pairs.extend(kind.clone().map(|kind| ("kind", kind)));
        pairs.extend(actor.map(|actor| ("actor", actor.to_string())));
        pairs.extend(object.as_ref().map(|object| ("object", object.id.clone())));
        pairs.extend(run.map(|run| ("run", run.to_string())));
        pairs.extend(record.map(|record| ("record", record.to_string())));
        pairs.extend(from.map(|day| ("from", day.to_string())));
        pairs.extend(to.map(|day| ("to", day.to_string())));
        pairs
    }

    /// The verbs it finds; `None` stands for any.
    pub fn verbs(&self) -> Vec<Option<Verb>> {
        match (self.verb, &self.kind) {
            (None, None) => vec![None],
            (Some(verb), None) => vec![Some(verb)],
            (Some(verb), Some(kind)) if verb.about() == kind => vec![Some(verb)],
            (Some(_), Some(_)) => Vec::new(),
            (None, Some(kind)) => Verb::all_about(kind).map(Some).collect(),
        }
    }
}
