//! One register: its records, newest first, found by key.

use domain::{
    page::{DEFAULT_SIZE, Page as Rows},
    record::{Record, check_kind, register_title},
};
use engine::{services::ExportedList, store::RecordFilter};
use leptos::prelude::*;

use super::attributes;
use crate::{
    components::{
        app_frame::Section,
        data_table::{Cell, Column, DataTable, HeadCell, Row},
        empty_state::EmptyState,
        export_menu::ExportMenu,
        filter_bar::{Chip, FilterBar, Search},
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        pager::Pager,
        timestamp::Timestamp,
    },
    context::Page,
    fault::Fault,
    format,
    pages::{
        in_workspace,
        paging::{CURSOR, Paging},
        windows,
    },
};

/// The part of a key that is looked for, in the query string.
pub const KEY: &str = "key";

/// Attributes that have a column.
const COLUMNS: usize = 4;

/// The records of one kind.
#[component]
pub fn RegisterPage() -> impl IntoView {
    in_workspace(Section::Registers, async |page| {
        page.check_query(&[KEY, CURSOR])?;
        let kind: String = page.param("kind")?;
        check_kind(&kind).map_err(|_| Fault::not_found("register"))?;
        let filter = RecordFilter::new(&kind, page.query_value(KEY))?;
        let key = filter.key_contains.clone();
        let kept = key.iter().map(|key| (KEY, key.clone())).collect();
        let paging = Paging::read(&page, page.place.register(&kind), kept)?;
        let rows =
            page.services.list_records(page.caller, &filter, paging.seek, DEFAULT_SIZE).await?;
        let export = page.place.export(&ExportedList::Records(filter));
        let list = || list(&page, &paging, &rows, &kind, key.as_deref());
        let list = match rows.rows.is_empty() {
            true => windows::nothing(&page, list).await?,
            false => list(),
        };
        Ok(view! {
            <PageHeader
                title=register_title(&kind)
                actions=view! { <ExportMenu href=export /> }.into_any()
                crumbs=vec![Crumb::to("Registers", page.place.registers())]
            />
            {windows::line(&page)}
            {filters(&page, &kind, key.as_deref())}
            {list}
        }
        .into_any())
    })
}

fn filters(page: &Page, kind: &str, key: Option<&str>) -> AnyView {
    let place = page.place.register(kind);
    let value = key.unwrap_or_default().to_owned();
    let chips = key.map(|key| Chip {
        label: "Key contains".to_owned(),
        value: key.to_owned(),
        remove_href: place.clone(),
    });
    view! {
        <FilterBar
            action=place.clone()
            search=Search { name: KEY, label: "Find by key", value }
            facets=Vec::new()
            chips=chips.into_iter().collect()
            clear_href=place.clone()
        />
    }
    .into_any()
}

fn list(
    page: &Page,
    paging: &Paging,
    rows: &Rows<Record>,
    kind: &str,
    key: Option<&str>,
) -> AnyView {
    if rows.rows.is_empty() {
        return nothing(paging, kind, key);
    }
    let names = attributes::columns(&rows.rows, COLUMNS);
    let mut columns = vec![Column::new("Key")];
    columns.extend(names.iter().map(|name| Column::new(attributes::title(name))));
    columns.push(Column::new("Updated"));
    let lines = rows.rows.iter().map(|record| row(page, record, &names)).collect_view();
    let (newer, older) = paging.beside(rows);
    let summary = format::plural(rows.rows.len() as i64, "record", "records");
    view! {
        <DataTable caption=register_title(kind) columns>
            {lines}
        </DataTable>
        <Pager summary=format!("{summary}, newest first") newer older />
    }
    .into_any()
}

fn row(page: &Page, record: &Record, names: &[String]) -> AnyView {
    let now = page.now;
    let href = page.place.record(&record.kind, &record.key);
    let cells = names
        .iter()
        .map(|name| {
            let value = attributes::cell(&page.place, page.now, record.attributes.get(name));
            view! { <Cell label=attributes::title(name)>{value}</Cell> }
        })
        .collect_view();
    let (key, at) = (record.key.clone(), record.updated_at);
    view! {
        <Row>
            <HeadCell href fit=true>
                {key}
            </HeadCell>
            {cells}
            <Cell label="Updated" fit=true>
                <Timestamp at now />
            </Cell>
        </Row>
    }
    .into_any()
}

fn nothing(paging: &Paging, kind: &str, key: Option<&str>) -> AnyView {
    let (title, text) = match key {
        Some(key) => (
            format!("No key contains “{key}”"),
            "The search looks at keys only, in upper and lower case alike.",
        ),
        None => (
            format!("There are no {}", register_title(kind).to_lowercase()),
            "A register fills when records of its kind are imported or result from an action.",
        ),
    };
    let back = (paging.first() != paging.here() || key.is_some())
        .then(|| view! { <a href=paging.first().split('?').next().unwrap_or_default().to_owned()>"All records"</a> });
    view! {
        <EmptyState title text glyph=Glyph::Registers>
            {back}
        </EmptyState>
    }
    .into_any()
}
