//! What the address says about which entries are shown.

use chrono::{Datelike as _, NaiveDate};
use domain::{
    audit::{Object, Verb},
    id::{
        ApprovalId, AutomationId, ItemId, MemberId, RecordId, RunId, TriggerEventId, WorkspaceId,
    },
};
use engine::store::AuditFilter;

use crate::{
    components::filter_bar::{Chip, Choice, DateRange, Facet},
    context::Page,
    fault::Fault,
    pages::{
        mentions::{Names, short_id},
        paging::with_query,
    },
};

/// The names a query string may have.
pub const KNOWN: [&str; 10] =
    ["verb", "kind", "actor", "object", "run", "record", "from", "to", "before", "after"];

/// Reads the filter; what it cannot read is refused by name.
pub fn read(page: &Page) -> Result<AuditFilter, Fault> {
    page.check_query(&KNOWN)?;
    let object = page.query_value("object").map(object).transpose()?;
    // Acts leave no entry about a record itself, but about the items that brought it about.
    let (record, object) = match object {
        Some(object) if object.kind == "record" => (object.id.parse().ok(), None),
        object => (None, object),
    };
    let filter = AuditFilter {
        verb: parsed(page, "verb")?,
        kind: page.query_value("kind").map(kind).transpose()?,
        actor: parsed(page, "actor")?,
        object,
        run: parsed(page, "run")?,
        record: parsed(page, "record")?.or(record),
        from: day(page, "from")?,
        to: day(page, "to")?,
        before: parsed(page, "before")?,
        after: parsed(page, "after")?,
    };
    if filter.from.zip(filter.to).is_some_and(|(from, to)| from > to) {
        return Err(Fault::bad_request("to", "the last day is before the first"));
    }
    if filter.before.is_some() && filter.after.is_some() {
        return Err(Fault::bad_request("after", "a page has either before or after, not both"));
    }
    Ok(filter)
}

/// The kinds of objects there are entries about, in the order of the verbs.
fn kinds() -> Vec<&'static str> {
    let mut kinds: Vec<_> = Verb::ALL.iter().map(|verb| verb.about()).collect();
    let mut seen = Vec::new();
    kinds.retain(|kind| {
        !seen.contains(kind) && {
            seen.push(*kind);
            true
        }
    });
    kinds
}

fn kind(text: &str) -> Result<String, Fault> {
    let known = kinds();
    if known.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(Fault::bad_request("kind", format_args!("expected one of {}", known.join(", "))))
}

/// A day that every database can hold.
fn day(page: &Page, name: &str) -> Result<Option<NaiveDate>, Fault> {
    let day: Option<NaiveDate> = parsed(page, name)?;
    if day.is_some_and(|day| !(1..9_999).contains(&day.year())) {
        return Err(Fault::bad_request(name, "expected a day such as 2026-07-01"));
    }
    Ok(day)
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    page: &Page,
    name: &str,
) -> Result<Option<T>, Fault> {
    let value = page.query_value(name).map(|text| text.trim().parse());
    value.transpose().map_err(|error| Fault::bad_request(name, error))
}

/// An id says by its beginning what it is the id of.
fn object(text: &str) -> Result<Object, Fault> {
    let text = text.trim();
    let id = |kind, known: bool| known.then(|| Object::new(kind, text));
    let found = match text.split_once('_').map(|(prefix, _)| prefix) {
        Some(RunId::PREFIX) => id("run", text.parse::<RunId>().is_ok()),
        Some(ItemId::PREFIX) => id("item", text.parse::<ItemId>().is_ok()),
        Some(ApprovalId::PREFIX) => id("approval", text.parse::<ApprovalId>().is_ok()),
        Some(AutomationId::PREFIX) => id("automation", text.parse::<AutomationId>().is_ok()),
        Some(MemberId::PREFIX) => id("member", text.parse::<MemberId>().is_ok()),
        Some(RecordId::PREFIX) => id("record", text.parse::<RecordId>().is_ok()),
        Some(TriggerEventId::PREFIX) => id("event", text.parse::<TriggerEventId>().is_ok()),
        Some(WorkspaceId::PREFIX) => id("workspace", text.parse::<WorkspaceId>().is_ok()),
        _ => id("destination", text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())),
    };
    found.ok_or_else(|| {
        let message = "expected the whole id of a run, an item, an approval, an automation, a \
                       member, an event …, such as run_ followed by 26 characters";
        Fault::bad_request("object", message)
    })
}

/// Verb, kind of object and actor, one of each.
pub fn selects(filter: &AuditFilter, names: &Names) -> Vec<Facet> {
    let choice =
        |value: String, label: String, selected| Choice { value, label, count: None, selected };
    let any = |selected| choice(String::new(), "Any".to_owned(), selected);
    let mut verbs = vec![any(filter.verb.is_none())];
    verbs.extend(
        Verb::ALL
            .iter()
            .map(|verb| choice(verb.to_string(), verb.to_string(), filter.verb == Some(*verb))),
    );
    let mut about = vec![any(filter.kind.is_none())];
    about.extend(kinds().into_iter().map(|kind| {
        let selected = filter.kind.as_deref() == Some(kind);
        choice(kind.to_owned(), kind.to_owned(), selected)
    }));
    let mut members: Vec<_> = names.iter().collect();
    members.sort_by_key(|(_, name)| name.to_lowercase());
    let mut actors = vec![any(filter.actor.is_none())];
    actors.extend(
        members
            .into_iter()
            .map(|(id, name)| choice(id.to_string(), name.clone(), filter.actor == Some(*id))),
    );
    vec![
        Facet { name: "verb", label: "Verb", choices: verbs },
        Facet { name: "kind", label: "About", choices: about },
        Facet { name: "actor", label: "Actor", choices: actors },
    ]
}

/// First and last day.
pub fn dates(filter: &AuditFilter) -> DateRange {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    DateRange { label: "Days, UTC", from: ("from", day(filter.from)), to: ("to", day(filter.to)) }
}

/// The active filters, each with the log without it.
pub fn chips(at: &str, filter: &AuditFilter, names: &Names) -> Vec<Chip> {
    let pairs = filter.pairs();
    let chip = |(name, value): &(&'static str, String)| {
        let others: Vec<_> = pairs.iter().filter(|(other, _)| other != name).cloned().collect();
        let shown = match (*name, filter.actor) {
            ("actor", Some(actor)) => names.get(&actor).cloned().unwrap_or_else(|| value.clone()),
            ("verb" | "kind" | "from" | "to", _) => value.clone(),
            _ => short_id(value),
        };
        let label = match *name {
            "verb" => "Verb",
            "kind" => "About",
            "actor" => "Actor",
            "object" => "Object",
            "record" => "About the record",
            "from" => "From",
            "to" => "Until",
            _ => "Everything in run",
        };
        Chip { label: label.to_owned(), value: shown, remove_href: with_query(at, &others) }
    };
    pairs.iter().map(chip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_what_it_is_the_id_of() {
        for (text, kind) in [
            ("run_01k6xw3v5te8ds8yb3p96fx2kq", "run"),
            (" itm_01k6xw3v5te8ds8yb3p96fx2kq ", "item"),
            ("evt_01k6xw3v5te8ds8yb3p96fx2kq", "event"),
            ("0123456789abcdef0123456789abcdef", "destination"),
        ] {
            let found = object(text).unwrap();
            assert_eq!((found.kind.as_str(), found.id.as_str()), (kind, text.trim()));
        }
        for text in ["run", "run_", "run_x", "xyz_01k6xw3v5te8ds8yb3p96fx2kq", "zz", "\u{e9}_"] {
            assert!(object(text).is_err(), "{text}");
        }
    }
}
