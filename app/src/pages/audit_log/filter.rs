//! What the address says about which entries are shown.

use chrono::NaiveDate;
use domain::audit::{AuditFilter, Object, Verb};

use crate::{
    components::filter_bar::{Chip, Choice, DateRange, Facet},
    context::Page,
    fault::Fault,
    pages::{
        mentions::{Names, short_id},
        paging::with_query,
    },
};

/// Reads the filter; what it cannot read is refused by name.
pub fn read(page: &Page) -> Result<AuditFilter, Fault> {
    let pairs = page.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Ok(AuditFilter::parse(pairs, &[])?)
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
    about.extend(Object::kinds().into_iter().map(|kind| {
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
