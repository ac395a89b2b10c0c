//! Every register of the workspace.

use domain::record::register_title;
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        code_block::CodeBlock,
        empty_state::EmptyState,
        icon::Glyph,
        link_card::{LinkCard, LinkCards},
        page_header::PageHeader,
    },
    format,
    pages::{in_workspace, windows},
};

/// A card for each kind of record.
#[component]
pub fn RegistersPage() -> impl IntoView {
    in_workspace(Section::Registers, async |page| {
        page.check_query(&[])?;
        let registers = page.services.registers(page.caller).await?;
        let empty = registers.is_empty();
        let cards = registers
            .into_iter()
            .map(|register| {
                view! {
                    <LinkCard
                        href=page.place.register(&register.kind)
                        title=register_title(&register.kind)
                        figure=format::count(register.records)
                    >
                        <code>{register.kind}</code>
                    </LinkCard>
                }
            })
            .collect_view();
        let content = match empty {
            true => windows::nothing(&page, || nothing(&page.place.workspace.slug)).await?,
            false => view! { <LinkCards>{cards}</LinkCards> }.into_any(),
        };
        Ok(view! {
            <PageHeader
                title="Registers"
                lead="Records that automations act on, and those they brought about. A register \
                      exists as soon as it has a record."
                    .into_any()
            />
            {windows::line(&page)}
            {content}
        }
        .into_any())
    })
}

fn nothing(workspace: &str) -> AnyView {
    let text = format!("assize import --workspace {workspace} --kind account accounts.csv");
    view! {
        <EmptyState
            title="No records yet"
            text="Records are imported from CSV or NDJSON files on the command line; automations \
                  add what results from their actions."
            glyph=Glyph::Registers
        >
            <CodeBlock
                label="On the server"
                text
            />
        </EmptyState>
    }
    .into_any()
}
