//! What the list can be filtered by, and what it is filtered by now.

use domain::{
    automation::Automation,
    filter::{Order, RunFilter, TimeBasis},
    reported::RunKind,
    run::RunStatus,
    trigger::TriggerKind,
};
use leptos::prelude::*;

use super::query::ListQuery;
use crate::{
    components::{
        filter_bar::{Chip, Choice, DateRange, Facet, FilterBar},
        tabs::{Tab, Tabs},
    },
    format,
};

/// Ready-made views, by the statuses they show.
const VIEWS: [(&str, &[RunStatus]); 3] = [
    ("All runs", &[]),
    ("With failures", &[RunStatus::CompletedWithFailures, RunStatus::Failed]),
    ("Under way", &[RunStatus::Pending, RunStatus::Running]),
];

/// The ready-made views, and the same runs by definition.
pub fn views(path: &str, list: &ListQuery) -> AnyView {
    let view = |&(label, statuses): &(&str, &[RunStatus])| {
        let shown = list.grouped(false).filtered(|filter| filter.statuses = statuses.to_vec());
        Tab {
            label: label.to_owned(),
            href: shown.href(path),
            count: None,
            current: !list.grouped && same(&list.filter.statuses, statuses),
        }
    };
    let mut tabs: Vec<_> = VIEWS.iter().map(view).collect();
    tabs.push(Tab {
        label: "By definition".to_owned(),
        href: list.grouped(true).href(path),
        count: None,
        current: list.grouped,
    });
    view! { <Tabs label="Views of runs" tabs /> }.into_any()
}

fn same(these: &[RunStatus], those: &[RunStatus]) -> bool {
    these.len() == those.len() && those.iter().all(|status| these.contains(status))
}

/// The form, with the active filters under it.
pub fn bar(path: &str, list: &ListQuery, automations: &[Automation]) -> AnyView {
    let filter = &list.filter;
    let basis = Facet {
        name: "by",
        label: "Time",
        choices: words(TimeBasis::ALL, |by| *by == filter.by, |by| format::label(by.as_str())),
    };
    let order = Facet {
        name: "order",
        label: "Order",
        choices: words(
            Order::ALL,
            |order| *order == filter.order,
            |order| format!("{} first", format::label(order.as_str())),
        ),
    };
    // An order of groups there is not: they stand by name.
    let order = (!list.grouped).then_some(order);
    let kept_order = list.grouped.then_some(filter.order).filter(|order| *order != Order::Newest);
    let mut keep = list.kept();
    keep.extend(kept_order.map(|order| ("order", order.to_string())));
    view! {
        <FilterBar
            action=path
            facets=facets(filter, automations)
            dates=dates(filter)
            basis
            sort=order
            keep
            chips=chips(path, list, automations)
            clear_href=list.cleared().href(path)
        />
        {(filter.by == TimeBasis::Completed && (filter.from.is_some() || filter.to.is_some()))
            .then(|| {
                view! {
                    <p class="runs-hint">
                        "Runs that have not completed are in no period of completion."
                    </p>
                }
            })}
    }
    .into_any()
}

fn facets(filter: &RunFilter, automations: &[Automation]) -> Vec<Facet> {
    let definition = |automation: &Automation| Choice {
        value: automation.key.clone(),
        label: automation.name.clone(),
        count: None,
        selected: filter.definitions.contains(&automation.key),
    };
    let statuses = words(
        RunStatus::ALL,
        |status| filter.statuses.contains(status),
        |status| format::label(status.as_str()),
    );
    let triggers = words(
        TriggerKind::ALL,
        |kind| filter.triggers.contains(kind),
        |kind| format::label(kind.as_str()),
    );
    vec![
        Facet {
            name: "definition",
            label: "Definition",
            choices: automations.iter().map(definition).collect(),
        },
        Facet { name: "status", label: "Status", choices: statuses },
        Facet { name: "trigger", label: "Trigger", choices: triggers },
        Facet {
            name: "kind",
            label: "Kind",
            choices: words(
                RunKind::ALL,
                |kind| filter.kind == Some(*kind),
                |kind| format::label(kind.as_str()),
            ),
        },
        Facet {
            name: "incident",
            label: "Incidents",
            choices: vec![Choice {
                value: "yes".to_owned(),
                label: "Has an incident".to_owned(),
                count: None,
                selected: filter.incident,
            }],
        },
    ]
}

/// The words of an enum as choices.
fn words<T: Copy + std::fmt::Display>(
    all: &[T],
    selected: impl Fn(&T) -> bool,
    label: impl Fn(&T) -> String,
) -> Vec<Choice> {
    let choice = |word: &T| Choice {
        value: word.to_string(),
        label: label(word),
        count: None,
        selected: selected(word),
    };
    all.iter().map(choice).collect()
}

fn dates(filter: &RunFilter) -> DateRange {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    DateRange {
        label: match filter.by {
            TimeBasis::Started => "Started, UTC",
            TimeBasis::Completed => "Completed, UTC",
        },
        from: ("from", day(filter.from)),
        to: ("to", day(filter.to)),
    }
}

fn chips(path: &str, list: &ListQuery, automations: &[Automation]) -> Vec<Chip> {
    let filter = &list.filter;
    let mut chips = Vec::new();
    let mut add = |label: &str, value: String, without: ListQuery| {
        chips.push(Chip { label: label.to_owned(), value, remove_href: without.href(path) });
    };
    for key in &filter.definitions {
        let named = automations.iter().find(|automation| automation.key == *key);
        let name = named.map_or(key, |automation| &automation.name);
        let without = list.filtered(|filter| filter.definitions.retain(|other| other != key));
        add("Definition", name.clone(), without);
    }
    for status in &filter.statuses {
        let without = list.filtered(|filter| filter.statuses.retain(|other| other != status));
        add("Status", format::label(status.as_str()), without);
    }
    for kind in &filter.triggers {
        let without = list.filtered(|filter| filter.triggers.retain(|other| other != kind));
        add("Trigger", format::label(kind.as_str()), without);
    }
    if let Some(kind) = filter.kind {
        let without = list.filtered(|filter| filter.kind = None);
        add("Kind", format::label(kind.as_str()), without);
    }
    if filter.incident {
        let without = list.filtered(|filter| filter.incident = false);
        add("Incidents", "has an incident".to_owned(), without);
    }
    let time = format::label(filter.by.as_str());
    if let Some(day) = filter.from {
        add(&time, format!("from {day}"), list.filtered(|filter| filter.from = None));
    }
    if let Some(day) = filter.to {
        add(&time, format!("until {day}"), list.filtered(|filter| filter.to = None));
    }
    chips
}
