//! The webhooks of the workspace, and the form that adds one.

use domain::{
    permission::Permission,
    webhook::{DeliveryFilter, EventKind, Webhook},
};
use leptos::prelude::*;

use super::{form, tabs, words};
use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Size, Variant},
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        empty_state::EmptyState,
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        panel::Panel,
        status_badge::StatusBadge,
        tag::Tag,
    },
    context::Page,
    pages::in_workspace,
};

/// Settings → Webhooks.
#[component]
pub fn WebhooksPage() -> impl IntoView {
    in_workspace(Section::Webhooks, async |page| {
        page.check_query(&[])?;
        let webhooks = page.services.webhooks(page.caller).await?;
        let may = page.may(Permission::ManageWebhooks);
        let list = match webhooks.is_empty() {
            true => nothing(may),
            false => table(&page, &webhooks),
        };
        let add = may.then(|| {
            let form = form::fields(&page, None, page.place.webhooks(), "Add the webhook");
            view! {
                <Panel title="Add a webhook" id="add" boxed=true>
                    {form}
                </Panel>
            }
        });
        let destinations = page.may(Permission::ManageDestinations).then(|| {
            let href = page.place.destinations();
            view! { " Requests go only to " <a href=href>"allowed destinations"</a> "." }
        });
        let lead = view! {
            "Receivers that are told what happens here, in signed requests that are tried for three \
             days."
            {destinations}
        };
        Ok(view! {
            <PageHeader
                title="Webhooks"
                crumbs=vec![Crumb::group("Settings")]
                lead=lead.into_any()
            />
            {tabs(&page, "Webhooks")}
            <div class="stack-wide">{list} {add}</div>
        }
        .into_any())
    })
}

fn table(page: &Page, webhooks: &[Webhook]) -> AnyView {
    let mut columns = ["Name", "Status", "Told of"].map(Column::new).to_vec();
    columns.push(Column::number("Log"));
    let rows = webhooks.iter().map(|webhook| row(page, webhook)).collect_view();
    view! {
        <DataTable caption="Webhooks" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(page: &Page, webhook: &Webhook) -> AnyView {
    let (name, url) = (webhook.name.clone(), webhook.url.clone());
    let href = page.place.webhook(webhook.id);
    let filter = DeliveryFilter { webhook: Some(webhook.id), ..DeliveryFilter::default() };
    let log = format!("{}?{}", page.place.deliveries(), filter.query());
    let tag = |event: EventKind| view! { <Tag>{words::event(event)}</Tag> };
    let events = webhook.events.iter().copied().map(tag).collect_view();
    let (named, standing) = (name.clone(), words::standing(webhook));
    view! {
        <Row>
            <HeadCell href>
                <span class="webhooks-name">{name}</span>
                <code class="webhooks-address">{url}</code>
            </HeadCell>
            <Cell label="Status" fit=true>
                <StatusBadge status=standing />
            </Cell>
            <Cell label="Told of">
                <span class="cluster">{events}</span>
            </Cell>
            <Cell label="Log" align=Align::End fit=true>
                <LinkButton href=log size=Size::Small variant=Variant::Quiet>
                    "Deliveries" <span class="visually-hidden">" to " {named}</span>
                </LinkButton>
            </Cell>
        </Row>
    }
    .into_any()
}

fn nothing(may: bool) -> AnyView {
    let text = match may {
        true => {
            "Add one below, and a chat, a ticket system or a script is told as soon as a run fails \
                 or somebody has to decide."
        }
        false => {
            "An owner can add receivers that are told as soon as a run fails or somebody has to \
                  decide."
        }
    };
    view! { <EmptyState title="Nobody is told of anything" text glyph=Glyph::Webhooks /> }
        .into_any()
}
