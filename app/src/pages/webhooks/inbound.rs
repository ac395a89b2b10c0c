//! Settings → Webhooks → Inbound: where tools that cannot show a token tell what happened.

pub mod detail;
mod form;

use domain::{
    inbound::{Inbound, InboundCheck},
    permission::Permission,
};
use leptos::prelude::*;

use super::tabs;
use crate::{
    components::{
        app_frame::Section,
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        empty_state::EmptyState,
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        panel::Panel,
    },
    context::Page,
    pages::in_workspace,
};

/// The endpoints of the workspace, and the form that makes one.
#[component]
pub fn InboundPage() -> impl IntoView {
    in_workspace(Section::Webhooks, async |page| {
        page.check_query(&[])?;
        let endpoints = page.services.inbound_endpoints(page.caller).await?;
        let list = match endpoints.is_empty() {
            true => nothing(),
            false => table(&page, &endpoints),
        };
        let add = page.may(Permission::ManageWebhooks).then(|| {
            let form = form::fields(&page);
            view! {
                <Panel title="Add an endpoint" id="add" boxed=true>
                    {form}
                </Panel>
            }
        });
        let lead = "Addresses for tools that cannot show a token. What is sent there becomes a trigger \
                    event, once.";
        Ok(view! {
            <PageHeader
                title="Inbound endpoints"
                crumbs=vec![Crumb::group("Settings")]
                lead=lead.into_any()
            />
            {tabs(&page, "Inbound")}
            <div class="stack-wide">{list} {add}</div>
        }
        .into_any())
    })
}

fn table(page: &Page, endpoints: &[Inbound]) -> AnyView {
    let mut columns = ["Name", "Proof", "Becomes"].map(Column::new).to_vec();
    columns.push(Column::number("Refused"));
    let rows = endpoints.iter().map(|endpoint| row(page, endpoint)).collect_view();
    view! {
        <DataTable caption="Inbound endpoints" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(page: &Page, endpoint: &Inbound) -> AnyView {
    let href = page.place.inbound_endpoint(endpoint.id);
    let (name, path) = (endpoint.name.clone(), path(endpoint));
    let becomes = format!("{} {} from {}", endpoint.kind, endpoint.event_type, endpoint.source);
    let (refused, proof) = (endpoint.refused, words(endpoint.check));
    view! {
        <Row>
            <HeadCell href>
                <span class="webhooks-name">{name}</span>
                <code class="webhooks-address">{path}</code>
            </HeadCell>
            <Cell label="Proof">{proof}</Cell>
            <Cell label="Becomes">{becomes}</Cell>
            <Cell label="Refused" align=Align::End fit=true>
                {refused}
            </Cell>
        </Row>
    }
    .into_any()
}

fn nothing() -> AnyView {
    let text =
        "Programs that can show a token send events to the API instead, and need none of this.";
    view! { <EmptyState title="There is no endpoint" text glyph=Glyph::Webhooks /> }.into_any()
}

/// Where its requests go, below the address of this server.
fn path(endpoint: &Inbound) -> String {
    match endpoint.check {
        InboundCheck::Secret => format!("/in/{}/SECRET", endpoint.id),
        _ => format!("/in/{}", endpoint.id),
    }
}

/// How an endpoint knows who tells, in a few words.
fn words(check: InboundCheck) -> &'static str {
    match check {
        InboundCheck::StandardWebhooks => "Signature by Standard Webhooks",
        InboundCheck::Github => "Signature as GitHub has it",
        InboundCheck::Secret => "The secret itself",
    }
}

/// What that is worth.
fn worth(check: InboundCheck) -> &'static str {
    match check {
        InboundCheck::StandardWebhooks => {
            "Signs id, time and body; a request more than five minutes old is refused."
        }
        InboundCheck::Github => {
            "Signs the body, but no time: only the id tells that a request is sent again."
        }
        InboundCheck::Secret => {
            "Proves no more than that the sender knows the secret, which travels with every request, in \
             the address or as the password of basic authentication: whoever sees one can send others. \
             For tools that can do nothing else."
        }
    }
}
