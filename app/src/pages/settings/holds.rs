//! Legal holds: what must not be erased, who said so and why, and the form that places one.

use std::collections::HashMap;

use domain::{
    hold::{Hold, HoldScope},
    id::AutomationId,
    permission::Permission,
};
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        button::{Button, LinkButton, Size, Variant},
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        empty_state::EmptyState,
        error_summary::ErrorSummary,
        field::{InputKind, SelectField, TextField},
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        panel::Panel,
        reason_field::ReasonField,
        status_badge::{Status, StatusBadge},
        timestamp::Timestamp,
        tone::Tone,
    },
    context::Page,
    pages::{
        in_workspace,
        mentions::{self, Names, short_id},
    },
};

/// The definitions of the workspace: key and name, by id.
type Definitions = HashMap<AutomationId, (String, String)>;

/// The holds, newest first.
#[component]
pub fn HoldsPage() -> impl IntoView {
    in_workspace(Section::Holds, async |page| {
        page.check_query(&[])?;
        let holds = page.services.holds(page.caller).await?;
        let names = page.services.member_names(page.caller).await?;
        let known = page.services.automations(page.caller).await?;
        let definitions: Definitions = known
            .into_iter()
            .map(|known| known.automation)
            .map(|automation| (automation.id, (automation.key, automation.name)))
            .collect();
        let list = match holds.is_empty() {
            true => nothing(),
            false => table(&page, &holds, &definitions, &names),
        };
        let form = page.may(Permission::ManageHolds).then(|| form(&page, &definitions));
        Ok(view! {
            <PageHeader
                title="Holds"
                crumbs=vec![Crumb::group("Settings")]
                lead="What is under a legal hold is not erased, whatever else says so, until the hold is \
                      released."
                    .into_any()
            />
            <div class="stack-wide">{list} {form}</div>
        }
        .into_any())
    })
}

fn table(page: &Page, holds: &[Hold], definitions: &Definitions, names: &Names) -> AnyView {
    let may = page.may(Permission::ManageHolds);
    let mut columns = ["Keeps", "Status", "Reason", "Placed"].map(Column::new).to_vec();
    if may {
        columns.push(Column::number("Release"));
    }
    let rows = holds.iter().map(|hold| row(page, hold, definitions, names, may)).collect_view();
    view! {
        <DataTable caption="Holds" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(page: &Page, hold: &Hold, definitions: &Definitions, names: &Names, may: bool) -> AnyView {
    let now = page.now;
    let status = match hold.stands() {
        true => Status::new("stands", Glyph::Lock, Tone::Warning),
        false => Status::new("released", Glyph::Done, Tone::Neutral),
    };
    let said = |by, at, reason: String| {
        let by = mentions::member(names, by);
        view! { {reason} <span class="small quiet">" " {by} ", " <Timestamp at now /></span> }
    };
    let released = hold.released_at.zip(hold.release_reason.clone()).map(|(at, reason)| {
        let said = said(hold.released_by, at, reason);
        view! { <p>"Released: " {said}</p> }
    });
    let by = mentions::member(names, hold.placed_by);
    let (keeps, reason, at) = (keeps(page, hold, definitions), hold.reason.clone(), hold.placed_at);
    let release = may.then(|| {
        let link = hold.stands().then(|| {
            let id = hold.id.to_string();
            let href = format!("{}/{id}/release", page.place.holds());
            view! {
                <LinkButton href size=Size::Small variant=Variant::Quiet>
                    "Release" <span class="visually-hidden">" " {id}</span>
                </LinkButton>
            }
        });
        view! {
            <Cell label="Release" align=Align::End fit=true>
                {link}
            </Cell>
        }
    });
    view! {
        <Row>
            <HeadCell>{keeps}</HeadCell>
            <Cell label="Status" fit=true>
                <StatusBadge status />
            </Cell>
            <Cell label="Reason">
                <p>{reason}</p>
                {released}
            </Cell>
            <Cell label="Placed" fit=true>
                <Timestamp at now />
                " "
                {by}
            </Cell>
            {release}
        </Row>
    }
    .into_any()
}

/// What a hold keeps, as a link to it.
fn keeps(page: &Page, hold: &Hold, definitions: &Definitions) -> AnyView {
    match hold.scope {
        HoldScope::Workspace => "Everything".into_any(),
        HoldScope::Period(days) => {
            format!("Every run of {} to {}", days.from, days.last_day()).into_any()
        }
        HoldScope::Run(run) => {
            let (href, id) = (page.place.run(run), short_id(&run.to_string()));
            view! { "The run " <a href=href><code>{id}</code></a> }.into_any()
        }
        HoldScope::Automation(id) => match definitions.get(&id) {
            Some((key, name)) => {
                let (href, name) = (page.place.definition(key), name.clone());
                view! { "Every run of " <a href=href>{name}</a> }.into_any()
            }
            None => view! { "Every run of " <code>{id.to_string()}</code> }.into_any(),
        },
    }
}

fn form(page: &Page, definitions: &Definitions) -> AnyView {
    let form = &page.form;
    let mut keys: Vec<_> = definitions.values().cloned().collect();
    keys.sort_by(|(_, one), (_, other)| one.cmp(other));
    let everything = (String::new(), "Every definition".to_owned());
    let options: Vec<_> = std::iter::once(everything).chain(keys).collect();
    let (action, errors) = (page.place.holds(), form.errors());
    let (definition, wrong_definition) = (form.value("definition"), form.error("definition"));
    let (run, wrong_run) = (form.value("run"), form.error("run"));
    let (from, wrong_from) = (form.value("from"), form.error("from"));
    let (to, wrong_to) = (form.value("to"), form.error("to"));
    let (reason, wrong_reason) = (form.value("reason"), form.error("reason"));
    view! {
        <Panel title="Place a hold" id="place" boxed=true>
            <form class="form" method="post" action=action>
                <ErrorSummary errors />
                <SelectField
                    name="definition"
                    label="Runs of"
                    options
                    value=definition
                    error=wrong_definition
                />
                <TextField
                    name="run"
                    label="Or one run only"
                    hint="The id of the run, such as run_ followed by 26 characters."
                    value=run
                    error=wrong_run
                />
                <div class="settings-days">
                    <TextField
                        name="from"
                        label="Or runs of these days, from"
                        kind=InputKind::Date
                        value=from
                        error=wrong_from
                    />
                    <TextField
                        name="to"
                        label="to"
                        kind=InputKind::Date
                        value=to
                        error=wrong_to
                    />
                </div>
                <ReasonField value=reason error=wrong_reason required=true />
                <div class="form-actions">
                    <Button variant=Variant::Primary>"Place the hold"</Button>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}

fn nothing() -> AnyView {
    view! {
        <EmptyState
            title="There are no holds"
            text="Nothing stands against erasing what is old enough."
            glyph=Glyph::Lock
        />
    }
    .into_any()
}
