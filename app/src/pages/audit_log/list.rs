//! The entries of the log, newest first.

use domain::{
    audit::{AuditFilter, Entry as Logged},
    canonical::hex,
    page::DEFAULT_SIZE,
};
use engine::services::{AuditPage, AuditRoot, ExportedList};
use leptos::prelude::*;

use super::{checkpoint, entry, filter, object::Objects, removed, verify};
use crate::{
    components::{
        app_frame::Section,
        data_table::{Column, DataTable},
        digest::Digest,
        empty_state::EmptyState,
        export_menu::ExportMenu,
        filter_bar::{FilterBar, Search},
        icon::Glyph,
        key_value::{Entry, KeyValue},
        page_header::PageHeader,
        pager::Pager,
    },
    context::Page,
    format,
    pages::{in_workspace, paging::with_query, windows},
};

/// The audit log.
#[component]
pub fn AuditLogPage() -> impl IntoView {
    in_workspace(Section::AuditLog, async |page| {
        let filter = filter::read(&page)?;
        let root = page.services.audit_root(page.caller).await?;
        let shown = page.services.audit_page(page.caller, &filter, DEFAULT_SIZE).await?;
        let objects = Objects::load(&page).await?;
        let places: Vec<_> = shown.entries.iter().map(|entry| entry.seq).collect();
        let checked = verify::found(&page, &places).await?;
        let row = |entry: &Logged| {
            let gap = shown.gaps.iter().find(|gap| gap.last == entry.seq - 1);
            let gap = gap.map(|gap| removed::row(&page, gap));
            view! { {entry::row(&page, entry, &objects)} {gap} }
        };
        let rows = shown.entries.iter().map(row).collect_view();
        let list = match shown.entries.is_empty() {
            true => windows::nothing(&page, || nothing(&page, &filter)).await?,
            false => view! {
                <DataTable caption="Audit entries" columns=columns()>
                    {rows}
                </DataTable>
                {pager(&page, &filter, &shown)}
            }
            .into_any(),
        };
        Ok(view! {
            {header(&page, &filter)}
            {windows::line(&page)}
            {checked}
            {checkpoint::pane(&page).await?}
            {tree(root)}
            {bar(&page, &filter, &objects)}
            {list}
        }
        .into_any())
    })
}

fn header(page: &Page, filter: &AuditFilter) -> AnyView {
    let export = page.place.export(&ExportedList::Audit(filter.clone()));
    let actions = view! {
        {verify::button(&here(page, filter))}
        <ExportMenu href=export />
    }
    .into_any();
    view! {
        <PageHeader
            title="Audit log"
            actions
            lead="Every change, sign-in and refusal, entered in the transaction of the act itself. \
                  Nothing is changed afterwards. What is said about reported runs may go after their \
                  term, and leaves its hash."
                .into_any()
        />
    }
    .into_any()
}

fn tree(root: AuditRoot) -> AnyView {
    let size = i64::try_from(root.size).unwrap_or(i64::MAX);
    view! {
        <section class="audit-tree" aria-label="The tree">
            <KeyValue>
                <Entry term="Entries">{format::count(size)}</Entry>
                <Entry term="Root of the tree">
                    <Digest value=hex(&root.root) whole=true />
                </Entry>
            </KeyValue>
            <p class="small quiet">
                "The entries are the leaves of a Merkle tree, hashed as RFC 6962 says; the root stands \
                 for exactly these entries in this order. \"Verify now\" computes the hashes of what is \
                 on this page again, and counts the whole log; " <code>"assize doctor"</code>
                " does the same on the host."
            </p>
        </section>
    }
    .into_any()
}

fn bar(page: &Page, filter: &AuditFilter, objects: &Objects) -> AnyView {
    let at = page.place.audit_log("");
    let value = filter.object.as_ref().map(|object| object.id.clone()).unwrap_or_default();
    let hidden = |(name, _): &(&str, String)| matches!(*name, "run" | "record");
    let keep = filter.pairs().into_iter().filter(hidden).collect();
    view! {
        <FilterBar
            action=at.clone()
            search=Search { name: "object", label: "Find by id", value }
            selects=filter::selects(filter, &objects.names)
            facets=Vec::new()
            dates=filter::dates(filter)
            keep=keep
            chips=filter::chips(&at, filter, &objects.names)
            clear_href=at.clone()
        />
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("Seq"),
        Column::new("Time"),
        Column::new("Actor"),
        Column::new("Act"),
        Column::new("Object"),
        Column::number("Run"),
    ]
}

/// The address of the page that is shown.
fn here(page: &Page, filter: &AuditFilter) -> String {
    let mut pairs = filter.pairs();
    pairs.extend(filter.before.map(|seq| ("before", seq.to_string())));
    pairs.extend(filter.after.map(|seq| ("after", seq.to_string())));
    with_query(&page.place.audit_log(""), &pairs)
}

fn pager(page: &Page, filter: &AuditFilter, shown: &AuditPage) -> AnyView {
    let beside = |name: &'static str, seq: Option<i64>| {
        let place = seq.map(|seq| (name, seq.to_string()))?;
        let pairs: Vec<_> = filter.pairs().into_iter().chain([place]).collect();
        Some(with_query(&page.place.audit_log(""), &pairs))
    };
    let (newer, older) = (beside("after", shown.newer), beside("before", shown.older));
    let many = format::plural(shown.entries.len() as i64, "entry", "entries");
    view! { <Pager summary=format!("{many}, newest first") newer older /> }.into_any()
}

fn nothing(page: &Page, filter: &AuditFilter) -> AnyView {
    let all = page.place.audit_log("");
    let text = match (filter.before, filter.after) {
        (Some(_), _) => "There are no older entries that match.",
        (_, Some(_)) => "There are no newer entries that match.",
        _ => "No entry of this workspace matches all of the filters above.",
    };
    view! {
        <EmptyState title="No entries" text glyph=Glyph::AuditLog>
            <a href=all>"The whole log"</a>
        </EmptyState>
    }
    .into_any()
}
