//! The numbers of a run: counts, timing, and what each action promised and did.

use domain::{automation::Version, rollup::started_order, run::Run};
use engine::actioner::Actioner;
use leptos::prelude::*;

use super::super::words;
use crate::{
    components::{
        counts_bar::CountsBar,
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        stat::{Stat, Stats},
        tag::Tag,
        tone::Tone,
    },
    context::Page,
    format,
};

/// Counts and timing at a glance, then the actions.
pub fn show(page: &Page, run: &Run, version: &Version) -> AnyView {
    let counts = run.counts;
    view! {
        <div class="stack">
            {stats(run)}
            <CountsBar counts />
            {actions(page, run, version)}
        </div>
    }
    .into_any()
}

fn stats(run: &Run) -> AnyView {
    let counts = run.counts;
    let uncalled = counts.subjects_matched - counts.actions_invoked;
    let uncalled = (uncalled > 0).then(|| format!("{} never called", format::count(uncalled)));
    let failed = if counts.failed > 0 { Tone::Danger } else { Tone::Neutral };
    let waiting = if counts.awaiting_approval > 0 { Tone::Warning } else { Tone::Neutral };
    let (length, length_note) = match run.completed_at {
        Some(ended) => (format::duration(ended - started_order(run)), None),
        None => ("–".to_owned(), Some("not completed".to_owned())),
    };
    view! {
        <Stats>
            <Stat label="Subjects matched" value=format::count(counts.subjects_matched) />
            <Stat
                label="Actions invoked"
                value=format::count(counts.actions_invoked)
                note=uncalled
            />
            <Stat label="Failed" value=format::count(counts.failed) tone=failed />
            <Stat
                label="Awaiting approval"
                value=format::count(counts.awaiting_approval)
                tone=waiting
            />
            <Stat label="Duration" value=length note=length_note />
        </Stats>
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
