//! The list of runs, and the same runs counted by definition.

mod empty;
mod filters;
mod groups;
mod query;
mod table;

use domain::{
    automation::Automation,
    filter::{Order, TimeBasis},
    page::Seek,
    permission::Permission,
};
use engine::services::{ExportedList, RunList, ServiceError};
use leptos::prelude::*;

use self::query::{ListQuery, Misread, SIZES};
use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Variant},
        error_state::ErrorState,
        export_menu::ExportMenu,
        page_header::{Crumb, PageHeader},
        pager::{PageSize, Pager},
    },
    context::{self, Page},
    fault::Fault,
    format,
    islands::{
        live::Stream,
        new_runs::{Listed, NewRuns},
    },
    pages::{in_workspace, windows},
};

/// Governance → Automation → Runs.
#[component]
pub fn RunsPage() -> impl IntoView {
    in_workspace(Section::Runs, async |page| {
        let path = page.place.runs();
        let list = match ListQuery::parse(page.caller.workspace, &page.query) {
            Ok(list) => list,
            Err(misread) => return Ok(not_read(&path, *misread)),
        };
        let shown = match list.grouped {
            true => groups::show(&page, &path, &list).await,
            false => runs(&page, &path, &list).await,
        };
        match shown {
            // The one thing services find wrong with a filter: a definition there is not.
            Err(ServiceError::Invalid(errors)) => {
                let error = errors.into_iter().next();
                let (name, message) = error.map(|e| (e.field, e.message)).unwrap_or_default();
                let instead = list.filtered(|filter| filter.definitions.clear());
                let fault = Fault::bad_request(&name, message);
                Ok(not_read(&path, Misread { fault, instead }))
            }
            shown => Ok(shown?),
        }
    })
}

/// The page for an address that names what there is not: it says what, and where to go on.
fn not_read(path: &str, misread: Misread) -> AnyView {
    let Misread { fault, instead } = misread;
    context::set_status(fault.status);
    let narrows = instead.filter.narrows();
    let (nearest, path) = (instead.href(path), path.to_owned());
    view! {
        <ErrorState
            code=fault.status.as_u16()
            title=fault.title
            happened=fault.happened
            next=fault.next
        >
            <LinkButton href=nearest variant=Variant::Primary>
                {if narrows { "First page of this filter" } else { "All runs" }}
            </LinkButton>
            {narrows.then(|| view! { <LinkButton href=path>"All runs"</LinkButton> })}
        </ErrorState>
    }
    .into_any()
}

async fn runs(page: &Page, path: &str, list: &ListQuery) -> Result<AnyView, ServiceError> {
    let found = page.services.runs(page.caller, &list.filter, list.seek, list.rows).await?;
    let known = by_name(found.automations.values());
    let rows = match found.page.rows.is_empty() {
        true => empty::show(page, path, list, &known).await?,
        false => view! {
            {table::show(page, path, list, &found)}
            {pager(path, list, &found)}
        }
        .into_any(),
    };
    Ok(frame(page, path, list, &known, rows))
}

/// Which runs that come from now on would stand on this page. Their incidents and the days of their end
/// nobody knows yet.
fn listed(list: &ListQuery) -> Listed {
    let filter = &list.filter;
    let newest = list.seek == Seek::First && filter.order == Order::Newest;
    let by = filter.by == TimeBasis::Started || filter.from.is_none();
    // What comes is known by its trigger; a kind is not one of those.
    let now = by && filter.to.is_none() && !filter.incident && filter.kind.is_none();
    Listed {
        definitions: filter.definitions.clone(),
        statuses: filter.statuses.iter().map(ToString::to_string).collect(),
        triggers: filter.triggers.iter().map(ToString::to_string).collect(),
        new: newest && now,
    }
}

/// What stands around the rows of either kind.
fn frame(
    page: &Page,
    path: &str,
    list: &ListQuery,
    known: &[Automation],
    rows: AnyView,
) -> AnyView {
    let crumbs = vec![Crumb::group("Governance"), Crumb::group("Automation")];
    let brief = Section::Brief.href(&page.place.workspace.slug);
    let export = page.place.export(&ExportedList::Runs(list.filter.clone()));
    let Listed { definitions, statuses, triggers, new } = listed(list);
    let (Stream { url, after }, href) = (page.place.stream(), list.at(Seek::First).href(path));
    let actions = view! {
        <LinkButton href=brief>"Brief"</LinkButton>
        <ExportMenu href=export />
    };
    view! {
        <PageHeader title="Runs" crumbs actions=actions.into_any() />
        {windows::line(page)}
        {filters::views(path, list)}
        {filters::bar(path, list, known)}
        <NewRuns definitions statuses triggers new href url after />
        {rows}
    }
    .into_any()
}

fn pager(path: &str, list: &ListQuery, found: &RunList) -> AnyView {
    let step = |seek: Option<Seek>| seek.map(|seek| list.at(seek).href(path));
    let (previous, next) = (step(found.page.previous), step(found.page.next));
    let (newer, older) = match list.filter.order {
        Order::Newest => (previous, next),
        Order::Oldest => (next, previous),
    };
    let all = newer.is_none() && older.is_none();
    let rows = i64::try_from(found.page.rows.len()).unwrap_or(i64::MAX);
    let summary = format!(
        "{}{}, {} first",
        if all { "All " } else { "" },
        format::plural(rows, "run", "runs"),
        list.filter.order
    );
    let size = |rows: i64| PageSize {
        rows: u32::try_from(rows).unwrap_or(u32::MAX),
        href: list.with_rows(rows).href(path),
        current: rows == list.rows,
    };
    let sizes = if all && list.rows == SIZES[0] { Vec::new() } else { SIZES.map(size).into() };
    view! { <Pager summary newer older sizes /> }.into_any()
}

/// Definitions as people look for them.
fn by_name<'a>(automations: impl IntoIterator<Item = &'a Automation>) -> Vec<Automation> {
    let mut sorted: Vec<_> = automations.into_iter().cloned().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.key.cmp(&b.key)));
    sorted
}

/// Whether the member may apply definitions, for pages that would send them there.
fn may_define(page: &Page) -> bool {
    page.may(Permission::ApplyDefinitions)
}
