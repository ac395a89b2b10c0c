//! The kill switch: what is stopped now, what pressing it means, and every time it was pressed.

use std::collections::HashMap;

use domain::{
    automation::Automation,
    id::AutomationId,
    kill::{KillScope, KillSwitch},
    permission::Permission,
};
use engine::store::KillEffects;
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Size, Variant},
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        empty_state::EmptyState,
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        panel::Panel,
        status_badge::{Status, StatusBadge},
        timestamp::Timestamp,
        tone::Tone,
    },
    context::Page,
    format,
    pages::{
        in_workspace,
        mentions::{self, Names},
        runs::words,
    },
};

type Known = HashMap<AutomationId, Automation>;

/// Settings → Kill switch.
#[component]
pub fn KillSwitchPage() -> impl IntoView {
    in_workspace(Section::KillSwitch, async |page| {
        page.check_query(&[])?;
        let switches = page.services.kill_switches(page.caller).await?;
        let names = page.services.member_names(page.caller).await?;
        let known = page.services.automations_by_id(page.caller).await?;
        let all_stopped = page.place.stopped.iter().any(|s| s.switch.scope == KillScope::Workspace);
        let press = press(&page, all_stopped);
        let list = match switches.is_empty() {
            true => nothing(),
            false => table(&page, &switches, &known, &names),
        };
        Ok(view! {
            <PageHeader
                title="Kill switch"
                crumbs=vec![Crumb::group("Settings")]
                lead="Stops everything in this workspace, or one automation, at once.".into_any()
            />
            <div class="stack-wide">
                {press} <Panel title="Every time it was pressed" note="newest first">
                    {list}
                </Panel>
            </div>
        }
        .into_any())
    })
}

/// What pressing it means, and the way there.
fn press(page: &Page, all_stopped: bool) -> AnyView {
    let way = match (page.may(Permission::PressKillSwitch), all_stopped) {
        (false, _) => words::not_for(page, "The kill switch", Permission::PressKillSwitch),
        (true, true) => {
            view! { <p>"Everything is stopped. Release the switch below."</p> }.into_any()
        }
        (true, false) => {
            let href = page.place.press_kill_switch(None);
            view! {
                <p>
                    <LinkButton href variant=Variant::Danger icon=Glyph::Stop>
                        "Stop everything…"
                    </LinkButton>
                </p>
                <p class="small quiet">
                    "You will see what it stops before anything happens. One automation alone is stopped \
                     on its page, under Definitions."
                </p>
            }
            .into_any()
        }
    };
    view! {
        <Panel title="What it does" boxed=true>
            <div class="stack settings">
                <ul class="kill-means">{means()}</ul>
                {way}
            </div>
        </Panel>
    }
    .into_any()
}

/// What pressing a switch does, one point each: said before it is pressed, too.
pub fn means() -> AnyView {
    view! {
        <li>
            "From the entry in the audit log on, nothing is started. Anybody can check that in an export \
             of the log."
        </li>
        <li>
            "Runs that have not ended end as killed. Items that have not started are skipped and requests \
             for approval are withdrawn. Items that have started finish, and their outcomes are recorded."
        </li>
        <li>
            "Trigger events that arrive meanwhile are kept as evidence and set nothing off; each says \
             which switch refused it. Schedules do not fire."
        </li>
        <li>
            "Nothing is made up for when the switch is released: what is still wanted has to be requested, \
             or told again as a new event."
        </li>
    }
    .into_any()
}

fn table(
    page: &Page,
    switches: &[(KillSwitch, KillEffects)],
    known: &Known,
    names: &Names,
) -> AnyView {
    let may = page.may(Permission::ReleaseKillSwitch);
    let mut columns = ["Stops", "Status", "Reason", "Pressed"].map(Column::new).to_vec();
    columns.push(Column::number("Runs killed"));
    columns.push(Column::number("Events refused"));
    if may {
        columns.push(Column::number("Release"));
    }
    let rows = switches
        .iter()
        .map(|(switch, effects)| row(page, switch, *effects, known, names))
        .collect_view();
    view! {
        <DataTable caption="Kill switches" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(
    page: &Page,
    switch: &KillSwitch,
    effects: KillEffects,
    known: &Known,
    names: &Names,
) -> AnyView {
    let now = page.now;
    let status = match switch.is_pressed() {
        true => Status::new("pressed", Glyph::Stop, Tone::Danger),
        false => Status::new("released", Glyph::Done, Tone::Neutral),
    };
    let released = switch.released_at.zip(switch.release_reason.clone()).map(|(at, reason)| {
        let by = mentions::member(names, switch.released_by);
        view! {
            <p>
                "Released: " {reason} <span class="small quiet">" " {by} ", " <Timestamp at now /></span>
            </p>
        }
    });
    let (stops, by) = (stops(page, switch, known), mentions::member(names, switch.pressed_by));
    let (reason, at) = (switch.reason.clone(), switch.pressed_at);
    let release = page.may(Permission::ReleaseKillSwitch).then(|| release(page, switch));
    view! {
        <Row>
            <HeadCell>{stops}</HeadCell>
            <Cell label="Status" fit=true>
                <StatusBadge status />
            </Cell>
            <Cell label="Reason">
                <p>{reason}</p>
                {released}
            </Cell>
            <Cell label="Pressed" fit=true>
                <span>
                    <Timestamp at now />
                    " "
                    {by}
                </span>
            </Cell>
            <Cell label="Runs killed" align=Align::End fit=true>
                {format::count(effects.runs)}
            </Cell>
            <Cell label="Events refused" align=Align::End fit=true>
                {format::count(effects.refused)}
            </Cell>
            {release}
        </Row>
    }
    .into_any()
}

fn release(page: &Page, switch: &KillSwitch) -> AnyView {
    let link = switch.is_pressed().then(|| {
        let (id, href) = (switch.id.to_string(), page.place.release_kill_switch(switch.id));
        view! {
            <LinkButton href size=Size::Small>
                "Release…" <span class="visually-hidden">" " {id}</span>
            </LinkButton>
        }
    });
    view! {
        <Cell label="Release" align=Align::End fit=true>
            {link}
        </Cell>
    }
    .into_any()
}

/// What a switch stops, as a link to it.
fn stops(page: &Page, switch: &KillSwitch, known: &Known) -> AnyView {
    let KillScope::Automation(id) = switch.scope else { return "Everything".into_any() };
    match known.get(&id) {
        Some(Automation { key, name, .. }) => {
            let (href, name) = (page.place.definition(key), name.clone());
            view! { <a href=href>{name}</a> }.into_any()
        }
        None => view! { <code>{id.to_string()}</code> }.into_any(),
    }
}

fn nothing() -> AnyView {
    view! {
        <EmptyState
            title="It was never pressed"
            text="Nothing in this workspace is stopped."
            glyph=Glyph::Stop
        />
    }
    .into_any()
}
