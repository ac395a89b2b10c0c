//! The incidents of the workspace, newest first.

use domain::{
    automation::Automation,
    incident::{Cause, IncidentFilter, IncidentType, Phase, Severity, Standing},
    page::{DEFAULT_SIZE, Seek},
};
use engine::services::{ExportedList, IncidentList};
use leptos::prelude::*;

use super::{groups, table, words};
use crate::{
    components::{
        app_frame::Section,
        empty_state::{EmptyState, NothingMatches},
        export_menu::ExportMenu,
        filter_bar::{Chip, Choice, DateRange, Facet, FilterBar},
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        tabs::{Tab, Tabs},
    },
    context::Page,
    fault::Fault,
    format,
    pages::{
        in_workspace,
        mentions::short_id,
        paging::{CURSOR, Paging, with_query},
    },
};

/// The name of what they are grouped by in a query string.
const GROUP: &str = "group";

/// Governance → Automation → Incidents.
#[component]
pub fn IncidentsPage() -> impl IntoView {
    in_workspace(Section::Incidents, async |page| {
        let pairs = page.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let filter = IncidentFilter::parse(pairs, &[CURSOR, GROUP])?;
        let grouped = match page.query_value(GROUP) {
            None => false,
            Some("cause") => true,
            Some(_) => return Err(Fault::bad_request(GROUP, "incidents are grouped by cause")),
        };
        let path = page.place.incidents();
        let paging = Paging::read(&page, path.clone(), filter.pairs())?;
        let (services, caller) = (&page.services, page.caller);
        let rows = if grouped { 1 } else { DEFAULT_SIZE };
        let found = services.incidents(caller, &filter, paging.seek, rows).await?;
        let mut known: Vec<_> = found.automations.values().cloned().collect();
        known.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.key.cmp(&b.key)));
        let rows = if found.page.rows.is_empty() {
            nothing(&path, &filter, paging.seek)
        } else if grouped {
            let found = services.incident_groups(caller, &filter).await?;
            groups::show(&page, &path, &filter, &found)
        } else {
            list(&page, &paging, &found)
        };
        let export = page.place.export(&ExportedList::Incidents(filter.clone()));
        let crumbs = vec![Crumb::group("Governance"), Crumb::group("Automation")];
        Ok(view! {
            <PageHeader
                title="Incidents"
                crumbs
                lead="What went wrong, once for each abnormal end of a run, an item or an attempt. An \
                      incident is never changed; whoever looked into it settles it with a note."
                    .into_any()
                actions=view! { <ExportMenu href=export /> }.into_any()
            />
            {views(&path, &filter, grouped)}
            {bar(&path, &filter, grouped, &known)}
            {rows}
        }
        .into_any())
    })
}

fn list(page: &Page, paging: &Paging, found: &IncidentList) -> AnyView {
    let named = Some(&found.automations);
    view! {
        {table::show(page, "Incidents", &found.page.rows, &found.settled, named)}
        {paging.newest_first(&found.page, "incident", "incidents")}
    }
    .into_any()
}

/// All of them, those that nobody has settled, the others, and all by cause.
fn views(path: &str, filter: &IncidentFilter, grouped: bool) -> AnyView {
    let view = |(label, standing): (&str, Option<Standing>)| {
        let shown = IncidentFilter { standing, ..filter.clone() };
        Tab {
            label: label.to_owned(),
            href: with_query(path, &shown.pairs()),
            count: None,
            current: !grouped && filter.standing == standing,
        }
    };
    let all = [
        ("All incidents", None),
        ("Open", Some(Standing::Open)),
        ("Settled", Some(Standing::Settled)),
    ];
    let mut tabs: Vec<_> = all.into_iter().map(view).collect();
    let mut by_cause = filter.pairs();
    by_cause.push((GROUP, "cause".to_owned()));
    tabs.push(Tab {
        label: "By cause".to_owned(),
        href: with_query(path, &by_cause),
        count: None,
        current: grouped,
    });
    view! { <Tabs label="Views of incidents" tabs /> }.into_any()
}

fn bar(path: &str, filter: &IncidentFilter, grouped: bool, known: &[Automation]) -> AnyView {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let dates = DateRange {
        label: "Occurred, UTC",
        from: ("from", day(filter.from)),
        to: ("to", day(filter.to)),
    };
    let hidden = |(name, _): &(&str, String)| matches!(*name, "run" | "item" | "standing");
    let mut keep: Vec<_> = filter.pairs().into_iter().filter(hidden).collect();
    keep.extend(grouped.then(|| (GROUP, "cause".to_owned())));
    view! {
        <FilterBar
            action=path
            facets=facets(filter, known)
            dates
            keep
            chips=chips(path, filter, grouped, known)
            clear_href=path
        />
    }
    .into_any()
}

fn facets(filter: &IncidentFilter, known: &[Automation]) -> Vec<Facet> {
    let severity = |word: &Severity| {
        let label = format!("{}: {}", format::label(word.as_str()), words::severity_means(*word));
        choice(word, label, filter.severities.contains(word))
    };
    let kind = |word: &IncidentType| choice(word, words::kind(*word), filter.types.contains(word));
    let cause =
        |word: &Cause| choice(word, format::label(word.as_str()), filter.causes.contains(word));
    let phase =
        |word: &Phase| choice(word, format::label(word.as_str()), filter.phases.contains(word));
    let definition = |automation: &Automation| {
        let selected = filter.definitions.contains(&automation.key);
        choice(&automation.key, automation.name.clone(), selected)
    };
    let facet = |name, label, choices| Facet { name, label, choices };
    vec![
        facet("severity", "Severity", Severity::ALL.iter().rev().map(severity).collect()),
        facet("type", "Type", IncidentType::ALL.iter().map(kind).collect()),
        facet("cause", "Cause", Cause::ALL.iter().map(cause).collect()),
        facet("phase", "Phase", Phase::ALL.iter().map(phase).collect()),
        facet("definition", "Definition", known.iter().map(definition).collect()),
    ]
}

fn choice(value: &impl ToString, label: String, selected: bool) -> Choice {
    Choice { value: value.to_string(), label, count: None, selected }
}

fn chips(path: &str, filter: &IncidentFilter, grouped: bool, known: &[Automation]) -> Vec<Chip> {
    let pairs = filter.pairs();
    let group = grouped.then(|| (GROUP, "cause".to_owned()));
    let chip = |(at, (name, value)): (usize, &(&'static str, String))| {
        let others = pairs.iter().enumerate().filter(|(other, _)| *other != at);
        let others = others.map(|(_, pair)| pair.clone());
        let others: Vec<_> = others.chain(group.clone()).collect();
        let named = known.iter().find(|automation| automation.key == *value);
        let (label, value) = match *name {
            "definition" => ("Definition", named.map_or(value, |found| &found.name).clone()),
            "from" => ("From", value.clone()),
            "to" => ("Until", value.clone()),
            "run" => ("Run", short_id(value)),
            "item" => ("Item", short_id(value)),
            "type" => ("Type", format::label(&value.replace('_', "-"))),
            "cause" => ("Cause", format::label(value)),
            "phase" => ("Phase", format::label(value)),
            "standing" => ("Standing", format::label(value)),
            _ => ("Severity", format::label(value)),
        };
        Chip { label: label.to_owned(), value, remove_href: with_query(path, &others) }
    };
    pairs.iter().enumerate().map(chip).collect()
}

fn nothing(path: &str, filter: &IncidentFilter, seek: Seek) -> AnyView {
    let path = path.to_owned();
    if filter.narrows() || seek != Seek::First {
        return view! {
            <NothingMatches what="incidents" glyph=Glyph::Incidents clear_href=path />
        }
        .into_any();
    }
    view! {
        <EmptyState
            title="No incidents"
            text="Nothing has gone wrong. An incident appears here as soon as a run, an item or an \
                  attempt ends other than it should."
            glyph=Glyph::Incidents
        />
    }
    .into_any()
}
