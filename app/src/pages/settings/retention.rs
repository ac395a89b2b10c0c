//! Retention: how long runs are kept, what the next sweep takes, and what the database will weigh.

use domain::{
    permission::Permission,
    retention::{Effective, Policies, Term, Terms},
};
use engine::services::Preview;
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Size, Variant},
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        page_header::{Crumb, PageHeader},
        panel::Panel,
        stat::{Stat, Stats},
    },
    context::Page,
    format,
    pages::in_workspace,
};

/// The policies, and what they lead to.
#[component]
pub fn RetentionPage() -> impl IntoView {
    in_workspace(Section::Retention, async |page| {
        page.check_query(&[])?;
        let held = page.services.retention(page.caller).await?.policies;
        let known = page.services.automations(page.caller).await?;
        let named = known.into_iter().map(|known| known.automation);
        let own: Vec<_> = named
            .map(|automation| {
                let own = held.automations.get(&automation.id).copied();
                (automation.key, automation.name, own)
            })
            .collect();
        let preview = match page.may(Permission::ManageRetention) {
            true => Some(page.services.retention_preview(page.caller).await?),
            false => None,
        };
        let foreseen = preview.as_ref().map(foreseen);
        let by_definition = preview.as_ref().map(|preview| by_definition(&page, preview));
        Ok(view! {
            <PageHeader
                title="Retention"
                crumbs=vec![Crumb::group("Settings")]
                lead="When its time is over, a run loses its payloads and step detail. The run with its \
                      counts, reports, incidents, digests and audit entries stays, so every proof still \
                      verifies. What stays of reported runs can go, too, after a second term. Live runs \
                      and what is under a hold are never pruned."
                    .into_any()
            />
            <div class="stack-wide">{foreseen} {policies(&page, &held, own)} {by_definition}</div>
        }
        .into_any())
    })
}

fn foreseen(preview: &Preview) -> AnyView {
    let due = format::count(preview.due_runs());
    let note = format!("about {}", format::bytes(preview.due_bytes()));
    let [month, year] = [30, 365].map(|days| format::bytes(preview.bytes_in(days)));
    let now = format::bytes(preview.bytes);
    let free = format!("{} of it free", format::bytes(preview.free_bytes));
    view! {
        <Stats>
            <Stat label="Runs due now" value=due note />
            <Stat label="The database weighs" value=now note=free />
            <Stat label="In 30 days" value=month note="at the present rate".to_owned() />
            <Stat label="In 365 days" value=year note="at the present rate".to_owned() />
        </Stats>
    }
    .into_any()
}

type Own = (String, String, Option<Effective>);

fn policies(page: &Page, held: &Policies, own: Vec<Own>) -> AnyView {
    let may = page.may(Permission::ManageRetention);
    let mut columns = ["Runs of", "Executed runs are kept", "Reported runs are kept", "Policy"]
        .map(Column::new)
        .to_vec();
    if may {
        columns.push(Column::number("Change"));
    }
    let default = (page.place.retention_policy(), "Every definition without its own".to_owned());
    let own = own
        .into_iter()
        .map(|(key, name, own)| row(may, (page.place.retention_of(&key), name), own.as_ref()));
    let rows: Vec<_> =
        std::iter::once(row(may, default, Some(&held.workspace))).chain(own).collect();
    view! {
        <Panel title="Policies">
            <DataTable caption="Policies of retention" columns>
                {rows}
            </DataTable>
        </Panel>
    }
    .into_any()
}

/// One policy; `None` where the one of the workspace holds.
fn row(may: bool, (href, name): (String, String), own: Option<&Effective>) -> AnyView {
    let change = may.then(|| {
        let name = name.clone();
        view! {
            <Cell label="Change" align=Align::End fit=true>
                <LinkButton href size=Size::Small variant=Variant::Quiet>
                    "Change" <span class="visually-hidden">" the policy of " {name}</span>
                </LinkButton>
            </Cell>
        }
    });
    let (executed, reported, number) = match own {
        None => ("as above".to_owned(), "as above".to_owned(), "–".to_owned()),
        Some(own) => {
            let number = match own.number {
                0 => "the default".to_owned(),
                number => format!("number {number}"),
            };
            let stubs = own.policy.reported_stub_days;
            let stubs = stubs.map(|days| format!("; stubs {}", Term::days(days)));
            let reported = words(&own.policy.reported) + &stubs.unwrap_or_default();
            (words(&own.policy.executed), reported, number)
        }
    };
    view! {
        <Row>
            <HeadCell>{name}</HeadCell>
            <Cell label="Executed runs are kept">{executed}</Cell>
            <Cell label="Reported runs are kept">{reported}</Cell>
            <Cell label="Policy" fit=true>{number}</Cell>
            {change}
        </Row>
    }
    .into_any()
}

/// Terms in a sentence.
fn words(terms: &Terms) -> String {
    let failed = terms.failed.map(|failed| format!("; failed ones {failed}")).unwrap_or_default();
    format!("{}{failed}", terms.detail)
}

fn by_definition(page: &Page, preview: &Preview) -> AnyView {
    let columns = vec![
        Column::new("Definition"),
        Column::number("With detail"),
        Column::number("Stubs"),
        Column::number("Due"),
        Column::number("Stubs due"),
        Column::number("Would give back"),
        Column::number("Runs in 30 days"),
    ];
    let row = |one: &engine::services::Foretold| {
        let href = page.place.definition(&one.automation.key);
        let name = one.automation.name.clone();
        let growth = &one.growth;
        let cells = [
            ("With detail", format::count(growth.full_runs)),
            ("Stubs", format::count(growth.stubs)),
            ("Due", format::count(growth.due_runs)),
            ("Stubs due", format::count(growth.due_stubs)),
            ("Would give back", format::bytes(growth.due_bytes())),
            ("Runs in 30 days", format::count(growth.runs_a_month)),
        ];
        let cells = cells.map(|(label, value)| {
            view! {
                <Cell label=label align=Align::End>
                    {value}
                </Cell>
            }
        });
        let cells: Vec<_> = cells.into_iter().collect();
        view! {
            <Row>
                <HeadCell>
                    <a href=href>{name}</a>
                </HeadCell>
                {cells}
            </Row>
        }
    };
    let rows = preview.automations.iter().map(row).collect_view();
    let href = page.place.storage();
    view! {
        <Panel title="What the next sweep takes" note="bytes estimated by the last runs">
            <div class="stack">
                <DataTable caption="What the next sweep takes" columns>
                    {rows}
                </DataTable>
                <p>
                    <a href=href>"What the database weighs"</a>
                </p>
            </div>
        </Panel>
    }
    .into_any()
}
