//! Every definition of the workspace.

use std::collections::HashMap;

use domain::{automation::Automation, id::AutomationId, run::RunStatus};
use engine::store::InEffect;
use leptos::prelude::*;

use super::words;
use crate::{
    components::{
        app_frame::Section,
        code_block::CodeBlock,
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        empty_state::EmptyState,
        heat_strip::HeatStrip,
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        status_badge::{Status, StatusBadge},
        timestamp::Timestamp,
        tone::Tone,
    },
    context::Page,
    fault::Fault,
    pages::in_workspace,
};

/// Runs a strip shows.
const STRIP: i64 = 16;

/// The definitions, by key.
#[component]
pub fn DefinitionsPage() -> impl IntoView {
    in_workspace(Section::Definitions, async |page| {
        page.check_query(&[])?;
        let definitions = page.services.automations(page.caller).await?;
        let content = match definitions.is_empty() {
            true => nothing(&page.place.workspace.slug),
            false => {
                let strips = strips(&page, &definitions).await?;
                table(&page, &definitions, strips)
            }
        };
        Ok(view! {
            <PageHeader
                title="Definitions"
                crumbs=vec![Crumb::group("Governance"), Crumb::group("Automation")]
                lead="What automations are declared to do. Definitions are applied from files with \
                      assize apply; every change makes a new version."
                    .into_any()
            />
            {content}
        }
        .into_any())
    })
}

type Strips = HashMap<AutomationId, Vec<RunStatus>>;

async fn strips(page: &Page, definitions: &[InEffect]) -> Result<Strips, Fault> {
    let ids: Vec<_> = definitions.iter().map(|in_effect| in_effect.automation.id).collect();
    Ok(page.services.recent_statuses(page.caller, &ids, STRIP).await?)
}

/// How a definition that is switched on, or off, looks.
pub const fn switch(enabled: bool) -> Status {
    match enabled {
        true => Status::new("enabled", Glyph::Done, Tone::Success),
        false => Status::new("disabled", Glyph::Barred, Tone::Neutral),
    }
}

fn table(page: &Page, definitions: &[InEffect], mut strips: Strips) -> AnyView {
    let columns = vec![
        Column::new("Definition"),
        Column::new("Trigger"),
        Column::new("Next fire"),
        Column::new("Recent runs"),
        Column::number("Version"),
        Column::new("State"),
    ];
    let rows = definitions
        .iter()
        .map(|definition| {
            let strip = strips.remove(&definition.automation.id).unwrap_or_default();
            row(page, definition, strip)
        })
        .collect_view();
    view! {
        <DataTable caption="Definitions" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(page: &Page, state: &InEffect, strip: Vec<RunStatus>) -> AnyView {
    let Automation { key, name, version, enabled, .. } = state.automation.clone();
    let href = page.place.definition(&key);
    let (trigger, zone) = (words::trigger(&state.definition.trigger), zone(state));
    let next = next(page, state);
    view! {
        <Row>
            <HeadCell href>{name} <code class="definition-key">{key}</code></HeadCell>
            <Cell label="Trigger">
                <div>{trigger} <span class="definition-zone">{zone}</span></div>
            </Cell>
            <Cell label="Next fire" fit=true>{next}</Cell>
            <Cell label="Recent runs" fit=true>
                <HeatStrip runs=strip />
            </Cell>
            <Cell label="Version" align=Align::End fit=true>
                {version}
            </Cell>
            <Cell label="State" fit=true>
                <StatusBadge status=switch(enabled) />
            </Cell>
        </Row>
    }
    .into_any()
}

/// The zone of a schedule, or the kind of another trigger.
fn zone(state: &InEffect) -> String {
    let trigger = &state.definition.trigger;
    let schedule = trigger.schedule.as_ref();
    schedule.map_or_else(|| trigger.kind.to_string(), |schedule| schedule.timezone.clone())
}

fn next(page: &Page, state: &InEffect) -> AnyView {
    let now = page.now;
    let next = words::next_fire(&state.definition.trigger, page.now);
    match next.filter(|_| state.automation.enabled) {
        Some((at, _)) => view! { <Timestamp at now /> }.into_any(),
        None => view! { <span class="quiet">"–"</span> }.into_any(),
    }
}

fn nothing(workspace: &str) -> AnyView {
    let text = format!("assize apply --workspace {workspace} automations/");
    view! {
        <EmptyState
            title="No definitions yet"
            text="A definition is a YAML file that says when an automation fires, what must hold and \
                  which actioner it calls. It is applied on the command line:"
            glyph=Glyph::Definitions
        >
            <CodeBlock
                label="On the server"
                text
            />
        </EmptyState>
    }
    .into_any()
}
