//! Phases, models and the reporter's own counters, as tables.

use chrono::TimeDelta;
use domain::metrics::{Metrics, ModelUsage, PhaseTiming};
use leptos::prelude::*;

use super::known;
use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        panel::Panel,
        timestamp::{Precision, Timestamp},
    },
    context::Page,
    format,
};

/// When each phase began and how long it took.
pub fn phases(page: &Page, metrics: &Metrics) -> Option<AnyView> {
    let timings = &metrics.metrics.phase_timings;
    let rows = timings.iter().map(|timing| phase(page, timing)).collect_view();
    let columns = vec![Column::new("Phase"), Column::new("Began"), Column::number("Duration")];
    (!timings.is_empty()).then(|| {
        view! {
            <Panel title="Phases">
                <DataTable caption="Phases of this run" columns>
                    {rows}
                </DataTable>
            </Panel>
        }
        .into_any()
    })
}

fn phase(page: &Page, timing: &PhaseTiming) -> AnyView {
    let (name, at, now) = (timing.phase.clone(), timing.started_at, page.now);
    let length = timing.duration_ms.map(TimeDelta::milliseconds);
    let length = length.map_or_else(|| "goes on".to_owned(), format::duration);
    view! {
        <Row>
            <HeadCell>{name}</HeadCell>
            <Cell label="Began" fit=true>
                <Timestamp at now precision=Precision::Second />
            </Cell>
            <Cell label="Duration" align=Align::End fit=true>
                {length}
            </Cell>
        </Row>
    }
    .into_any()
}

/// What language models were used for, by phase and in total.
pub fn models(metrics: &Metrics) -> Option<AnyView> {
    let usage = metrics.llm_usage.as_ref()?;
    let rows = usage.by_phase.iter().map(|line| model(line, None)).collect_view();
    let total = model(&usage.total, Some("In total"));
    let columns = vec![
        Column::new("Phase"),
        Column::new("Model"),
        Column::number("Calls"),
        Column::number("Input tokens"),
        Column::number("Output tokens"),
        Column::number("Cost estimate"),
        Column::new("Prices"),
    ];
    Some(
        view! {
            <Panel title="Language models" note="costs are estimates; what nobody knows is not zero">
                <DataTable caption="Use of language models" columns>
                    {rows}
                    {total}
                </DataTable>
            </Panel>
        }
        .into_any(),
    )
}

fn model(line: &ModelUsage, head: Option<&'static str>) -> AnyView {
    let none = || "–".to_owned();
    let phase = head.map(str::to_owned).or_else(|| line.phase.clone()).unwrap_or_else(none);
    let names: Vec<_> = [&line.provider, &line.model].into_iter().flatten().cloned().collect();
    let name = if names.is_empty() { none() } else { names.join(" / ") };
    let cost = line.estimated_cost_usd.map(|cost| format!("${cost}"));
    let cost = cost.unwrap_or_else(|| "unknown".to_owned());
    let table = line.price_table.clone().unwrap_or_else(none);
    let numbers = [
        ("Calls", format::count(line.calls)),
        ("Input tokens", known(line.input_tokens)),
        ("Output tokens", known(line.output_tokens)),
        ("Cost estimate", cost),
    ];
    let numbers = numbers.map(|(label, text)| {
        view! {
            <Cell label align=Align::End fit=true>
                {text}
            </Cell>
        }
    });
    view! {
        <Row>
            <HeadCell>{phase}</HeadCell>
            <Cell label="Model">{name}</Cell>
            {numbers.collect_view()}
            <Cell label="Prices" fit=true>
                <span class="quiet">{table}</span>
            </Cell>
        </Row>
    }
    .into_any()
}

/// The counters that the reporter named.
pub fn counters(metrics: &Metrics) -> Option<AnyView> {
    let named = &metrics.counters.named;
    let rows = named.iter().map(|(name, &count)| {
        let name = name.clone();
        view! {
            <Row>
                <HeadCell>{name}</HeadCell>
                <Cell label="Count" align=Align::End fit=true>
                    {format::count(count)}
                </Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    let columns = vec![Column::new("Counter"), Column::number("Count")];
    (!named.is_empty()).then(|| {
        view! {
            <Panel title="Counters" note="named by the reporter">
                <DataTable caption="Counters" columns>
                    {rows}
                </DataTable>
            </Panel>
        }
        .into_any()
    })
}
