//! The numbers of a run: counts, timing, and what each action promised and did.

use domain::{automation::Version, run::Run};
use engine::actioner::Actioner;
use leptos::prelude::*;

use super::super::words;
use crate::{
    components::{
        counts_bar::CountsBar,
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        stat::{Stat, Stats},
        tag::Tag,
    },
    context::Page,
    format,
    islands::{
        live::{RunNow, Stream},
        live_run::{Figure, LiveRun, figures, progress},
    },
};

/// Counts and timing at a glance, then the actions.
pub fn show(page: &Page, now: &RunNow, run: &Run, version: &Version) -> AnyView {
    let Stream { url, after } = page.place.stream();
    let progress = progress(run.status, run.matched, &run.counts);
    let (id, status, counts) = (run.id.to_string(), run.status.to_string(), run.counts);
    let stats = figures(now).map(|Figure { name, label, value, note, tone }| {
        view! { <Stat label value note tone live=name /> }
    });
    view! {
        <div class="stack">
            <LiveRun run=id status progress url after />
            <Stats>{stats.collect_view()}</Stats>
            <div data-live="counts">
                <CountsBar counts />
            </div>
            {actions(page, run, version)}
        </div>
    }
    .into_any()
}

/// What was called, what it promises and how often.
fn actions(page: &Page, run: &Run, version: &Version) -> AnyView {
    let action = &version.definition.action;
    let registered = page.services.registry().get(&action.actioner);
    let summary = registered.map(Actioner::summary);
    let class = registered.map(|actioner| actioner.class(&action.with));
    let name = action.actioner.clone();
    let (items, invoked) = (run.counts.subjects_matched, run.counts.actions_invoked);
    let columns = vec![
        Column::new("Action"),
        Column::new("Class"),
        Column::new("Promise"),
        Column::number("Items"),
        Column::number("Invoked"),
    ];
    view! {
        <div class="run-actions">
            <DataTable caption="Actions of this run" columns>
                <Row>
                    <HeadCell>
                        <code title=summary>{name}</code>
                    </HeadCell>
                    <Cell label="Class" fit=true>
                        {class.map(|class| view! { <Tag>{class.as_str()}</Tag> })}
                    </Cell>
                    <Cell label="Promise">
                        <span class="muted">
                            {class.map_or("It is not registered here any more.", words::class_means)}
                        </span>
                    </Cell>
                    <Cell label="Items" align=Align::End fit=true>
                        {format::count(items)}
                    </Cell>
                    <Cell label="Invoked" align=Align::End fit=true>
                        {format::count(invoked)}
                    </Cell>
                </Row>
            </DataTable>
        </div>
    }
    .into_any()
}
