//! The policies of the workspace.

use domain::{permission::Permission, policy::Policy};
use leptos::prelude::*;

use super::words;
use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Variant},
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        empty_state::EmptyState,
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        status_badge::StatusBadge,
        timestamp::Timestamp,
    },
    context::Page,
    pages::{
        in_workspace,
        mentions::{self, Names},
    },
};

/// Settings → Policies.
#[component]
pub fn PoliciesPage() -> impl IntoView {
    in_workspace(Section::Policies, async |page| {
        page.check_query(&[])?;
        let policies = page.services.policies(page.caller).await?;
        let names = page.services.member_names(page.caller).await?;
        let add = page.may(Permission::ManagePolicies).then(|| {
            let href = page.place.new_policy();
            view! {
                <LinkButton href variant=Variant::Primary>
                    "New policy"
                </LinkButton>
            }
            .into_any()
        });
        let list = match policies.is_empty() {
            true => nothing(),
            false => table(&page, &policies, &names),
        };
        let lead = "Rules of the workspace that deny actions or have them approved first, whatever a \
                    definition says. Asked when a subject is found, and again just before acting.";
        Ok(view! {
            <PageHeader
                title="Policies"
                crumbs=vec![Crumb::group("Settings")]
                lead=lead.into_any()
                actions=add
            />
            <div class="stack-wide">{list}</div>
        }
        .into_any())
    })
}

fn table(page: &Page, policies: &[Policy], names: &Names) -> AnyView {
    let mut columns = ["Policy", "Status", "Last switched"].map(Column::new).to_vec();
    columns.push(Column::number("Version on"));
    columns.push(Column::number("Latest"));
    let rows = policies.iter().map(|policy| row(page, policy, names)).collect_view();
    view! {
        <DataTable caption="Policies" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(page: &Page, policy: &Policy, names: &Names) -> AnyView {
    let (href, now) = (page.place.policy(&policy.key), page.now);
    let (name, key) = (policy.name.clone(), policy.key.clone());
    let switched = policy.switched.clone().map(|switched| {
        let (by, at) = (mentions::member(names, switched.by), switched.at);
        view! {
            <p>{switched.reason}</p>
            <p class="small quiet">{by} ", " <Timestamp at now /></p>
        }
    });
    let (standing, latest) = (words::standing(policy), policy.version.to_string());
    let on = policy.on.map_or_else(|| "–".to_owned(), |version| version.to_string());
    view! {
        <Row>
            <HeadCell href>
                <span class="policies-name">{name}</span>
                <code class="quiet">{key}</code>
            </HeadCell>
            <Cell label="Status" fit=true>
                <StatusBadge status=standing />
            </Cell>
            <Cell label="Last switched">{switched}</Cell>
            <Cell label="Version on" align=Align::End fit=true>
                {on}
            </Cell>
            <Cell label="Latest" align=Align::End fit=true>
                {latest}
            </Cell>
        </Row>
    }
    .into_any()
}

fn nothing() -> AnyView {
    view! {
        <EmptyState
            title="There are no policies"
            text="Automations act as their definitions say. A policy stops what should not happen, whoever \
                  writes the definitions."
            glyph=Glyph::Shield
        />
    }
    .into_any()
}
