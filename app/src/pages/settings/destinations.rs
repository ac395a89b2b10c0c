//! Where outbound requests of the workspace may go.

use std::collections::BTreeMap;

use domain::{destination::AllowedDestination, filter::query};
use engine::services::SecretInfo;
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        button::{Button, LinkButton, Size, Variant},
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        empty_state::EmptyState,
        error_summary::ErrorSummary,
        field::{CheckField, TextField},
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        panel::Panel,
        status_badge::{Status, StatusBadge},
        tone::Tone,
    },
    context::Page,
    pages::in_workspace,
};

/// What requests are signed with, by destination.
type Secrets = BTreeMap<String, Vec<SecretInfo>>;

/// The allow-list.
#[component]
pub fn DestinationsPage() -> impl IntoView {
    in_workspace(Section::Destinations, async |page| {
        page.check_query(&[])?;
        let destinations = page.services.destinations(page.caller).await?;
        let secrets = page.services.destination_secrets(page.caller).await?;
        let log = page.place.audit_log(&query([("verb", "destination.allowed")]));
        let list = match destinations.is_empty() {
            true => nothing(),
            false => table(&page, &destinations, &secrets),
        };
        Ok(view! {
            <PageHeader
                title="Destinations"
                crumbs=vec![Crumb::group("Settings")]
                lead=view! {
                    "Where actioners of this workspace may send requests: nowhere but here. Each \
                     change is in the "
                    <a href=log>"audit log"</a>
                    "."
                }
                    .into_any()
            />
            <div class="stack-wide">{list} {allow(&page)}</div>
        }
        .into_any())
    })
}

fn table(page: &Page, destinations: &[AllowedDestination], secrets: &Secrets) -> AnyView {
    let mut columns = ["Destination", "Leads to", "Requests"].map(Column::new).to_vec();
    columns.push(Column::number("Remove"));
    let rows = destinations
        .iter()
        .map(|destination| {
            let address = destination.to_string();
            let remove = format!(
                "{}/remove?{}",
                page.place.destinations(),
                query([("address", address.as_str())])
            );
            let sign = format!(
                "{}/sign?{}",
                page.place.destinations(),
                query([("address", address.as_str())])
            );
            let signed = match secrets.contains_key(&address) {
                true => "Signed",
                false => "Not signed",
            };
            let to_sign = address.clone();
            let status = match destination.allow_private {
                false => Status::new("public-addresses", Glyph::Lock, Tone::Neutral),
                true => Status::new("private-addresses-too", Glyph::Warning, Tone::Warning),
            };
            let shown = address.clone();
            view! {
                <Row>
                    <HeadCell>
                        <code>{shown}</code>
                    </HeadCell>
                    <Cell label="Leads to" fit=true>
                        <StatusBadge status />
                    </Cell>
                    <Cell label="Requests" fit=true>
                        <a href=sign>
                            {signed} <span class="visually-hidden">": requests to " {to_sign}</span>
                        </a>
                    </Cell>
                    <Cell label="Remove" align=Align::End fit=true>
                        <LinkButton href=remove size=Size::Small variant=Variant::Quiet>
                            "Remove" <span class="visually-hidden">" " {address}</span>
                        </LinkButton>
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <DataTable caption="Allowed destinations" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn allow(page: &Page) -> AnyView {
    let form = &page.form;
    let (action, errors) = (page.place.destinations(), form.errors());
    let (address, error) = (form.value("address"), form.error("address"));
    let checked = form.value("allow_private") == "yes";
    view! {
        <Panel title="Allow a destination" id="allow" boxed=true>
            <form class="form" method="post" action=action>
                <ErrorSummary errors />
                <TextField
                    name="address"
                    label="Address"
                    hint="A scheme, a host and, if it is not the usual one, a port: https://hooks.example.org"
                    value=address
                    error
                    required=true
                />
                <CheckField
                    name="allow_private"
                    value="yes"
                    checked
                >
                    "It may lead to an address within a private network or on this machine"
                </CheckField>
                <div class="form-actions">
                    <Button variant=Variant::Primary>"Allow it"</Button>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}

fn nothing() -> AnyView {
    view! {
        <EmptyState
            title="No destination is allowed"
            text="Actions that send requests fail until the place they send to is listed here."
            glyph=Glyph::Lock
        />
    }
    .into_any()
}
