//! Filters of a list: a GET form that needs no script, and the active ones as chips.

use leptos::prelude::*;

use super::{
    button::{Button, Variant},
    icon::{Glyph, Icon},
};
use crate::format;

/// One value a facet may take.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What the URL carries.
    pub value: String,
    /// What the reader sees.
    pub label: String,
    /// How many rows it would show, if that is known without counting.
    pub count: Option<i64>,
    /// It is part of the filter now.
    pub selected: bool,
}

/// A property to filter by, with its values; several may be chosen.
#[derive(Debug, Clone)]
pub struct Facet {
    /// The parameter in the URL, repeated for each value.
    pub name: &'static str,
    /// The property's name.
    pub label: &'static str,
    /// Its values, in the order to show.
    pub choices: Vec<Choice>,
}

/// A range of days, both ends included.
#[derive(Debug, Clone)]
pub struct DateRange {
    /// The property's name.
    pub label: &'static str,
    /// Parameter and value of the first day, `YYYY-MM-DD` or empty.
    pub from: (&'static str, String),
    /// Parameter and value of the last day.
    pub to: (&'static str, String),
}

/// Free text to look for.
#[derive(Debug, Clone)]
pub struct Search {
    /// The parameter in the URL.
    pub name: &'static str,
    /// What can be looked for.
    pub label: &'static str,
    /// What is looked for now.
    pub value: String,
}

/// One active filter.
#[derive(Debug, Clone)]
pub struct Chip {
    /// The property.
    pub label: String,
    /// Its value.
    pub value: String,
    /// The same list without this filter.
    pub remove_href: String,
}

/// The filters of one list.
#[component]
pub fn FilterBar(
    /// The list's own path.
    #[prop(into)]
    action: String,
    /// Free text, if the list knows it.
    #[prop(optional, into)]
    search: Option<Search>,
    /// Properties of which one value can be chosen; the first choice stands for any.
    #[prop(optional)]
    selects: Vec<Facet>,
    /// Properties with values.
    facets: Vec<Facet>,
    /// A range of days, if the list knows it.
    #[prop(optional, into)]
    dates: Option<DateRange>,
    /// Which time the days and the order mean, if there are several.
    #[prop(optional_no_strip, into)]
    basis: Option<Facet>,
    /// The orders of the list under this parameter, if there are several.
    #[prop(optional_no_strip, into)]
    sort: Option<Facet>,
    /// Parameters to keep as they are (grouping, page size); never the cursor.
    #[prop(optional)]
    keep: Vec<(&'static str, String)>,
    /// What is filtered now.
    chips: Vec<Chip>,
    /// The list without any filter.
    #[prop(into)]
    clear_href: String,
) -> impl IntoView {
    view! {
        <search class="filter-bar">
            <form class="filter-bar-controls" method="get" action=action>
                {keep
                    .into_iter()
                    .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
                    .collect_view()}
                {search.map(search_box)}
                {selects.into_iter().map(select_box).collect_view()}
                {facets.into_iter().map(facet_panel).collect_view()}
                {dates.map(date_panel)}
                {basis.map(select_box)}
                {sort.map(select_box)}
                <Button variant=Variant::Secondary>"Apply"</Button>
            </form>
            {(!chips.is_empty()).then(|| chip_list(chips, clear_href))}
        </search>
    }
    .into_any()
}

fn search_box(search: Search) -> impl IntoView {
    view! {
        <div class="filter-bar-search">
            <Icon glyph=Glyph::Search />
            <input
                type="search"
                name=search.name
                value=search.value
                placeholder=search.label
                aria-label=search.label
            />
        </div>
    }
}

/// The shared `name` lets the browser close one panel when another opens.
fn facet_panel(facet: Facet) -> impl IntoView {
    let chosen = facet.choices.iter().filter(|choice| choice.selected).count();
    let name = facet.name;
    let choices = facet.choices.into_iter().map(|choice| {
        view! {
            <label class="filter-bar-choice">
                <input type="checkbox" name=name value=choice.value checked=choice.selected />
                {choice.label}
                {choice.count.map(|n| view! { <span class="filter-bar-tally">{format::count(n)}</span> })}
            </label>
        }
    });
    view! {
        <details class="filter-bar-facet" name="filter-panel">
            <summary>
                {facet.label}
                {(chosen > 0)
                    .then(|| {
                        view! { <span class="filter-bar-number">{chosen}</span> }
                    })}
                <Icon glyph=Glyph::Down />
            </summary>
            <div class="filter-bar-panel" role="group" aria-label=facet.label>
                {choices.collect_view()}
            </div>
        </details>
    }
}

fn date_panel(dates: DateRange) -> impl IntoView {
    let chosen = !(dates.from.1.is_empty() && dates.to.1.is_empty());
    view! {
        <details class="filter-bar-facet" name="filter-panel">
            <summary>
                {dates.label}
                {chosen.then(|| view! { <span class="filter-bar-number">"1"</span> })}
                <Icon glyph=Glyph::Down />
            </summary>
            <div class="filter-bar-panel filter-bar-dates" role="group" aria-label=dates.label>
                <label>"From" <input type="date" name=dates.from.0 value=dates.from.1 /></label>
                <label>"To" <input type="date" name=dates.to.0 value=dates.to.1 /></label>
            </div>
        </details>
    }
}

fn select_box(facet: Facet) -> impl IntoView {
    let options = facet.choices.into_iter().map(|choice| {
        view! {
            <option value=choice.value selected=choice.selected>
                {choice.label}
            </option>
        }
    });
    view! {
        <label class="filter-bar-sort">
            {facet.label}
            <select name=facet.name>{options.collect_view()}</select>
        </label>
    }
}

fn chip_list(chips: Vec<Chip>, clear_href: String) -> impl IntoView {
    let chips = chips.into_iter().map(|chip| {
        let remove = format!("Remove filter {}: {}", chip.label, chip.value);
        view! {
            <li class="filter-bar-chip">
                <span>{chip.label}":"</span>
                {chip.value}
                <a href=chip.remove_href aria-label=remove>
                    <Icon glyph=Glyph::Close />
                </a>
            </li>
        }
    });
    view! {
        <ul class="filter-bar-chips" aria-label="Active filters">
            {chips.collect_view()}
            <li>
                <a class="filter-bar-clear" href=clear_href>
                    "Clear all"
                </a>
            </li>
        </ul>
    }
}
