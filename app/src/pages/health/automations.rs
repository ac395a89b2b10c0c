//! Each automation at a glance: how it went step by step, in numbers, and whether that is usual.

use domain::health::Stretch;
use engine::services::{AutomationHealth, Health};
use leptos::prelude::*;

use super::{
    Asked,
    charts::number,
    figures::{maybe_length, share},
    standing,
};
use crate::{
    components::{
        chart::strip::strip,
        data_table::{Cell, Column, DataTable, HeadCell, Row},
        panel::Panel,
        status_badge::StatusBadge,
    },
    context::Page,
    format,
};

/// Automations that are shown; there is a page for each of the others.
const SHOWN: usize = 50;

/// A strip for each.
pub fn strips(page: &Page, asked: &Asked, health: &Health) -> AnyView {
    let columns = vec![
        Column::new("Automation"),
        Column::new("Step by step"),
        Column::number("Runs"),
        Column::number("With failures"),
        Column::number("p95"),
        Column::new("Now"),
    ];
    let mut ran: Vec<&AutomationHealth> = health.automations.iter().collect();
    ran.retain(|of| {
        of.slots.iter().any(|slot| slot.runs() > 0) || !of.judgement.anomalies.is_empty()
    });
    let others = ran.len().saturating_sub(SHOWN) as i64;
    let note = match others {
        0 => "what failed stands taller".to_owned(),
        n => format!("{} with the most to say; {} not shown", SHOWN, format::count(n)),
    };
    let row = |of: &&AutomationHealth| {
        let total = Stretch::sum(health.now.period, &of.slots);
        let key = &of.automation.key;
        let query = domain::health::HealthQuery { automation: None, ..asked.query.clone() };
        let href = match query.query() {
            none if none.is_empty() => page.place.health_of(key),
            query => format!("{}?{query}", page.place.health_of(key)),
        };
        let (name, drawn) = (of.automation.name.clone(), strip(&of.slots));
        let runs = number("Runs", format::count(total.runs()));
        let failing = number("With failures", share(total.failure_rate()));
        let p95 = number("p95", maybe_length(total.lengths.percentile(95)));
        let status = standing(of.judgement.standing);
        view! {
            <Row>
                <HeadCell href>{name}</HeadCell>
                <Cell label="Step by step">{drawn}</Cell>
                {runs}
                {failing}
                {p95}
                <Cell label="Now" fit=true>
                    <StatusBadge status />
                </Cell>
            </Row>
        }
    };
    let rows = ran.iter().take(SHOWN).map(row).collect_view();
    view! {
        <Panel title="By automation" note>
            <DataTable caption="By automation" columns>
                {rows}
            </DataTable>
        </Panel>
    }
    .into_any()
}
