//! The filter of the list of events as a bar of fields.

use domain::trigger::{EventFilter, TriggerKind};
use leptos::prelude::*;

use crate::{
    components::filter_bar::{Chip, Choice, Facet, FilterBar, Search},
    format,
    pages::paging::with_query,
};

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
    let pairs = filter.pairs();
    let chip = |(name, value): &(&'static str, String)| {
        let others: Vec<_> = pairs.iter().filter(|(other, _)| other != name).cloned().collect();
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
