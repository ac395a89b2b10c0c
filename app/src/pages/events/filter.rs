//! The filter of the list of events; the query string is the filter, in the words of the API.

use domain::trigger::TriggerKind;
use engine::store::EventFilter;
use leptos::prelude::*;

use crate::{
    components::filter_bar::{Chip, Choice, Facet, FilterBar, Search},
    context::Page,
    fault::Fault,
    format,
    pages::paging::{CURSOR, with_query},
};

type Pairs = Vec<(&'static str, String)>;

/// Reads it; what the page does not know is refused by name.
pub fn read(page: &Page) -> Result<EventFilter, Fault> {
    page.check_query(&["kind", "source", "matched", CURSOR])?;
    let kind = page.query_value("kind").map(str::parse).transpose();
    let matched = page.query_value("matched").map(str::parse).transpose();
    Ok(EventFilter {
        kind: kind.map_err(|error| Fault::bad_request("kind", error))?,
        source: page.query_value("source").map(str::to_owned),
        matched: matched.map_err(|error| Fault::bad_request("matched", error))?,
    })
}

/// The pairs [`read`] reads.
pub fn pairs(filter: &EventFilter) -> Pairs {
    let kind = filter.kind.map(|kind| ("kind", kind.to_string()));
    let source = filter.source.clone().map(|source| ("source", source));
    let matched = filter.matched.map(|matched| ("matched", matched.to_string()));
    [kind, source, matched].into_iter().flatten().collect()
}

pub fn bar(path: &str, filter: &EventFilter) -> AnyView {
    let kind = |kind: &TriggerKind| {
        choice(kind.as_str(), &format::label(kind.as_str()), filter.kind == Some(*kind))
    };
    let any = choice("", "Any kind", filter.kind.is_none());
    let kinds = std::iter::once(any).chain(TriggerKind::ALL.iter().map(kind)).collect();
    let matched = vec![
        choice("", "Matched or not", filter.matched.is_none()),
        choice("true", "Matched", filter.matched == Some(true)),
        choice("false", "Unmatched", filter.matched == Some(false)),
    ];
    let selects = vec![
        Facet { name: "kind", label: "Kind", choices: kinds },
        Facet { name: "matched", label: "What came of it", choices: matched },
    ];
    let value = filter.source.clone().unwrap_or_default();
    let search = Search { name: "source", label: "Source", value };
    view! {
        <FilterBar
            action=path
            search
            selects
            facets=Vec::new()
            chips=chips(path, filter)
            clear_href=path
        />
    }
    .into_any()
}

fn choice(value: &str, label: &str, selected: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), count: None, selected }
}

fn chips(path: &str, filter: &EventFilter) -> Vec<Chip> {
    let pairs = pairs(filter);
    let chip = |(name, value): &(&'static str, String)| {
        let others: Pairs = pairs.iter().filter(|(other, _)| other != name).cloned().collect();
        let (label, value) = match *name {
            "kind" => ("Kind", format::label(value)),
            "source" => ("Source", value.clone()),
            _ if value == "true" => ("Only", "matched".to_owned()),
            _ => ("Only", "unmatched".to_owned()),
        };
        Chip { label: label.to_owned(), value, remove_href: with_query(path, &others) }
    };
    pairs.iter().map(chip).collect()
}
