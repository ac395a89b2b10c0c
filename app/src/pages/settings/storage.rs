//! Storage: what the database weighs by table and by definition, how it grows, and when it was swept.

use chrono::TimeDelta;
use engine::{services::Storage, store::Backend, work::retention::REST};
use leptos::prelude::*;

use crate::{
    components::{
        alert::Alert,
        app_frame::Section,
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        page_header::{Crumb, PageHeader},
        panel::Panel,
        stat::{Stat, Stats},
        timestamp::Timestamp,
        tone::Tone,
    },
    context::Page,
    format,
    pages::in_workspace,
};

/// Settings → Storage.
#[component]
pub fn StoragePage() -> impl IntoView {
    in_workspace(Section::Storage, async |page| {
        page.check_query(&[])?;
        let storage = page.services.storage(page.caller).await?;
        Ok(view! {
            <PageHeader
                title="Storage"
                crumbs=vec![Crumb::group("Settings")]
                lead="What the database of this instance weighs, all workspaces together.".into_any()
            />
            <div class="stack-wide">
                {numbers(&storage)} {sweeps(&page, &storage)} {advice(&storage)}
                {definitions(&page, &storage)} {tables(&storage)}
            </div>
        }
        .into_any())
    })
}

fn numbers(storage: &Storage) -> AnyView {
    let growth = match storage.growth() {
        None => "not known yet".to_owned(),
        Some(bytes) if bytes < 0 => format!("−{} a day", format::bytes(-bytes)),
        Some(bytes) => format!("{} a day", format::bytes(bytes)),
    };
    let (bytes, free) = (format::bytes(storage.bytes), format::bytes(storage.free_bytes));
    let pruned = format::count(storage.sweeps.runs);
    let removed = storage.sweeps.stubs;
    let removed = (removed > 0).then(|| format!("{} stubs removed", format::count(removed)));
    view! {
        <Stats>
            <Stat label="Weighs" value=bytes />
            <Stat label="Free for new rows" value=free />
            <Stat label="Grows by" value=growth note="over the last 30 days".to_owned() />
            <Stat label="Runs pruned so far" value=pruned note=removed />
        </Stats>
    }
    .into_any()
}

fn sweeps(page: &Page, storage: &Storage) -> AnyView {
    let now = page.now;
    let words = match storage.sweeps.finished_at {
        None => "No sweep has come to its end yet.".into_any(),
        Some(at) => {
            let next = at + TimeDelta::from_std(REST).unwrap_or_default();
            view! {
                "The last sweep came to its end " <Timestamp at now /> "; the next one begins "
                <Timestamp at=next now /> "."
            }
            .into_any()
        }
    };
    let href = page.place.retention();
    view! {
        <p>
            {words} " " <a href=href>"What the next one takes"</a>
        </p>
    }
    .into_any()
}

/// What to know about how this database gives space back.
fn advice(storage: &Storage) -> AnyView {
    match (storage.backend, storage.gives_back) {
        (Backend::Sqlite, Some(false)) => view! {
            <Alert tone=Tone::Warning title="This file keeps what is free">
                "It was made before free space was given back to the disk. Free pages are used again for \
                 new rows; to make the file smaller, stop the server and run " <code>"assize retention compact"</code>
                " once."
            </Alert>
        }
        .into_any(),
        (Backend::Sqlite, _) => view! {
            <p class="muted">"The sweep gives free pages back to the disk, a megabyte at a time."</p>
        }
        .into_any(),
        (Backend::Postgres, _) => view! {
            <p class="muted">
                "Autovacuum makes what was pruned free for new rows soon; it does not make files \
                 smaller. After a first large sweep " <code>"VACUUM FULL"</code>
                " or pg_repack, at a quiet time, gives the rest back to the disk."
            </p>
        }
        .into_any(),
    }
}

fn definitions(page: &Page, storage: &Storage) -> AnyView {
    let columns = vec![
        Column::new("Definition"),
        Column::number("Detail"),
        Column::number("Runs with detail"),
        Column::number("Stubs"),
    ];
    let rows = storage.automations.iter().map(|one| {
        let (href, name) =
            (page.place.definition(&one.automation.key), one.automation.name.clone());
        let bytes = format::bytes(one.bytes);
        let (full, stubs) = (format::count(one.full_runs), format::count(one.stubs));
        view! {
            <Row>
                <HeadCell>
                    <a href=href>{name}</a>
                </HeadCell>
                <Cell label="Detail" align=Align::End>{bytes}</Cell>
                <Cell label="Runs with detail" align=Align::End>{full}</Cell>
                <Cell label="Stubs" align=Align::End>{stubs}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Panel title="By definition" note="of this workspace, estimated">
            <DataTable caption="What each definition weighs" columns>
                {rows}
            </DataTable>
        </Panel>
    }
    .into_any()
}

fn tables(storage: &Storage) -> AnyView {
    let columns =
        vec![Column::new("Table"), Column::number("With its indexes"), Column::number("Share")];
    let all = storage.tables.iter().map(|table| table.bytes).sum::<i64>().max(1);
    let (heavy, light): (Vec<_>, Vec<_>) =
        storage.tables.iter().partition(|table| table.bytes * 100 >= all);
    let row = |name: AnyView, bytes: i64| {
        let (share, bytes) = (format!("{} %", bytes * 100 / all), format::bytes(bytes));
        view! {
            <Row>
                <HeadCell>{name}</HeadCell>
                <Cell label="With its indexes" align=Align::End>{bytes}</Cell>
                <Cell label="Share" align=Align::End>{share}</Cell>
            </Row>
        }
        .into_any()
    };
    let name = |name: &str| view! { <code>{name.to_owned()}</code> }.into_any();
    let mut rows: Vec<_> =
        heavy.into_iter().map(|table| row(name(&table.name), table.bytes)).collect();
    if !light.is_empty() {
        let others = format!("{} others", format::count(light.len() as i64));
        rows.push(row(others.into_any(), light.iter().map(|table| table.bytes).sum()));
    }
    view! {
        <Panel title="By table" note="as of the last day that was sampled">
            <DataTable caption="What each table weighs" columns>
                {rows}
            </DataTable>
        </Panel>
    }
    .into_any()
}
