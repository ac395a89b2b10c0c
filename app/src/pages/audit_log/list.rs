//! The entries of the log, newest first.

use domain::{canonical::hex, page::DEFAULT_SIZE};
use engine::{services::AuditRoot, store::AuditFilter};
use leptos::prelude::*;

use super::{entry, filter, object::Objects};
use crate::{
    components::{
        app_frame::Section,
        data_table::{Column, DataTable},
        digest::Digest,
        empty_state::EmptyState,
        filter_bar::{FilterBar, Search},
        icon::Glyph,
        key_value::{Entry, KeyValue},
        page_header::PageHeader,
        pager::Pager,
    },
    context::Page,
    format,
    pages::{in_workspace, paging::with_query},
};

/// The audit log.
#[component]
pub fn AuditLogPage() -> impl IntoView {
    in_workspace(Section::AuditLog, async |page| {
        let filter = filter::read(&page)?;
        let (services, caller) = (&page.services, page.caller);
        let root = services.audit_root(caller).await?;
        let mut entries = services.audit_entries(caller, &filter, DEFAULT_SIZE + 1).await?;
        let more = entries.len() as i64 > DEFAULT_SIZE;
        entries.truncate(usize::try_from(DEFAULT_SIZE).unwrap_or(0));
        let objects = Objects {
            automations: services.automations_by_id(caller).await?,
            names: services.member_names(caller).await?,
        };
        let last = entries.last().filter(|_| more).map(|entry| entry.seq);
        let rows = entries.iter().map(|entry| entry::row(&page, entry, &objects)).collect_view();
        let list = match entries.is_empty() {
            true => nothing(&page, &filter),
            false => {
                let summary = format::plural(entries.len() as i64, "entry", "entries");
                view! {
                    <DataTable caption="Audit entries" columns=columns()>
                        {rows}
                    </DataTable>
                    {pager(&page, &filter, summary, last)}
                }
                .into_any()
            }
        };
        Ok(view! {
            {header()}
            {tree(root)}
            {bar(&page, &filter, &objects)}
            {list}
        }
        .into_any())
    })
}

fn header() -> AnyView {
    view! {
        <PageHeader
            title="Audit log"
            lead="Every change, sign-in and refusal, entered in the transaction of the act itself. \
                  Nothing is changed or removed afterwards."
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
                 for exactly these entries in this order. " <code>"assize doctor"</code>
                " counts the whole log again and compares."
            </p>
        </section>
    }
    .into_any()
}

fn bar(page: &Page, filter: &AuditFilter, objects: &Objects) -> AnyView {
    let at = page.place.audit_log("");
    let value = filter.object.as_ref().map(|object| object.id.clone()).unwrap_or_default();
    let keep = filter.run.map(|run| ("run", run.to_string())).into_iter().collect();
    view! {
        <FilterBar
            action=at.clone()
            search=Search { name: "object", label: "Find by id", value }
            selects=filter::selects(filter, &objects.names)
            facets=Vec::new()
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

fn pager(page: &Page, filter: &AuditFilter, summary: String, last: Option<i64>) -> AnyView {
    let at = page.place.audit_log("");
    let pairs = filter::pairs(filter);
    let newest = filter.before.map(|_| with_query(&at, &pairs));
    let older = last.map(|seq| {
        let before = ("before", seq.to_string());
        with_query(&at, pairs.iter().chain(std::iter::once(&before)))
    });
    view! {
        <Pager
            summary=format!("{summary}, newest first")
            newer=newest
            older=older
            words=("Newest", "Older")
        />
    }
    .into_any()
}

fn nothing(page: &Page, filter: &AuditFilter) -> AnyView {
    let all = page.place.audit_log("");
    let text = match filter.before {
        Some(_) => "There are no older entries that match.",
        None => "No entry of this workspace matches all of the filters above.",
    };
    view! {
        <EmptyState title="No entries" text glyph=Glyph::AuditLog>
            <a href=all>"The whole log"</a>
        </EmptyState>
    }
    .into_any()
}
