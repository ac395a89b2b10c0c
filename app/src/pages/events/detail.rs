//! One trigger event: what was told, and every run it brought about.

use std::collections::HashMap;

use domain::{
    automation::Automation,
    id::{AutomationId, TriggerEventId},
    rollup::started_order,
    run::Run,
    trigger::TriggerEvent,
};
use leptos::prelude::*;

use super::{facts, outcome};
use crate::{
    components::{
        alert::Alert,
        app_frame::Section,
        button::Size,
        counts_bar::CountsBar,
        data_table::{Cell, Column, DataTable, HeadCell, Row},
        page_header::{Crumb, PageHeader},
        panel::Panel,
        status_badge::StatusBadge,
        tag::Tag,
        timestamp::Timestamp,
        tone::Tone,
    },
    context::Page,
    format,
    pages::in_workspace,
};

/// Governance → Automation → Events → one event.
#[component]
pub fn EventPage() -> impl IntoView {
    in_workspace(Section::Events, async |page| {
        let id: TriggerEventId = page.param("event")?;
        page.check_query(&[])?;
        let (services, caller) = (&page.services, page.caller);
        let event = services.trigger_event(caller, id).await?;
        let runs = services.runs_of_events(caller, &[id]).await?.remove(&id).unwrap_or_default();
        let automations = services.automations_by_id(caller).await?;
        let stopped = !services.refusals_of_event(caller, id).await?.is_empty();
        let came = (!stopped || !runs.is_empty()).then(|| came(&page, &runs, &automations));
        Ok(view! {
            {header(&page, &event, &runs)}
            <div class="stack-wide">
                {stopped.then(|| refused(&page))}
                {came}
                {facts::panel(&page, &event, false)}
            </div>
        }
        .into_any())
    })
}

fn header(page: &Page, event: &TriggerEvent, runs: &[Run]) -> AnyView {
    let crumbs = vec![
        Crumb::group("Governance"),
        Crumb::group("Automation"),
        Crumb::to("Events", page.place.events()),
    ];
    let status = outcome::nothing(page);
    let beside =
        runs.is_empty().then(|| view! { <StatusBadge status size=Size::Large /> }.into_any());
    let kind = format::label(event.kind.as_str());
    let lead = format!("{kind} from {}, {}.", event.source, format::absolute(event.received_at));
    view! { <PageHeader title=event.event_type.clone() crumbs beside lead=lead.into_any() /> }
        .into_any()
}

/// That a kill switch kept it from setting something off.
fn refused(page: &Page) -> AnyView {
    let href = page.place.kill_switch();
    view! {
        <Alert tone=Tone::Danger title="A kill switch was pressed when it came">
            <p>
                "It is kept and did not set off what the switch stopped; its entry in the log names the \
                 switch. Nothing makes up for it: what is still wanted has to be requested, or told again \
                 with another id. " <a href=href>"Kill switch"</a>
            </p>
        </Alert>
    }
    .into_any()
}

fn came(page: &Page, runs: &[Run], known: &HashMap<AutomationId, Automation>) -> AnyView {
    if runs.is_empty() {
        let words = match page.place.sight.periods() {
            Some(_) => "No run of it lies in your windows.",
            None => {
                "Nothing: no definition that was switched on listened to it when it came. It is kept. \
                 Sent again under the same id it changes nothing; a definition that listens from now on \
                 hears of the next one."
            }
        };
        return view! {
            <Panel title="What came of it" boxed=true>
                <p>{words}</p>
            </Panel>
        }
        .into_any();
    }
    let columns = ["Definition", "Status", "Outcomes", "Started"].map(Column::new).to_vec();
    let rows = runs.iter().map(|run| row(page, run, known)).collect_view();
    view! {
        <Panel title="What came of it">
            <DataTable caption="Runs of this event" columns>
                {rows}
            </DataTable>
        </Panel>
    }
    .into_any()
}

fn row(page: &Page, run: &Run, known: &HashMap<AutomationId, Automation>) -> AnyView {
    let name = known.get(&run.automation).map(|a| a.name.clone()).unwrap_or_default();
    let (href, now, at) = (page.place.run(run.id), page.now, started_order(run));
    let (status, version, counts) = (run.status, run.version, run.counts);
    view! {
        <Row>
            <HeadCell href>
                {name}
                " "
                <Tag>"v" {version}</Tag>
            </HeadCell>
            <Cell label="Status" fit=true>
                <StatusBadge status />
            </Cell>
            <Cell label="Outcomes">
                <CountsBar counts size=Size::Small />
            </Cell>
            <Cell label="Started" fit=true>
                <Timestamp at now />
            </Cell>
        </Row>
    }
    .into_any()
}
