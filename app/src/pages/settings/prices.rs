//! What tokens of language models cost: the workspace's own prices, the list behind them, and the form
//! that sets one.

use domain::{permission::Permission, price::Price};
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        button::{Button, Size, Variant},
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        error_summary::ErrorSummary,
        field::TextField,
        page_header::{Crumb, PageHeader},
        panel::Panel,
    },
    context::Page,
    pages::in_workspace,
};

/// Settings → Prices.
#[component]
pub fn PricesPage() -> impl IntoView {
    in_workspace(Section::Prices, async |page| {
        page.check_query(&[])?;
        let prices = page.services.prices(page.caller).await?;
        let form = page.may(Permission::ManagePrices).then(|| form(&page));
        Ok(view! {
            <PageHeader
                title="Prices"
                crumbs=vec![Crumb::group("Settings")]
                lead="What a million tokens of a language model cost, in US dollars. The workspace’s own \
                      prices come before the list; a model that neither knows has no cost. What was \
                      priced before stays as it is."
                    .into_any()
            />
            <div class="stack-wide">{form} {table(&page, &prices)}</div>
        }
        .into_any())
    })
}

fn table(page: &Page, prices: &[Price]) -> AnyView {
    let may = page.may(Permission::ManagePrices);
    let mut columns = vec![
        Column::new("Model"),
        Column::new("From"),
        Column::number("Input"),
        Column::number("Output"),
        Column::new("Table"),
    ];
    if may {
        columns.push(Column::number("Remove"));
    }
    let rows = prices.iter().map(|price| row(page, price, may)).collect_view();
    view! {
        <DataTable caption="Prices" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(page: &Page, price: &Price, may: bool) -> AnyView {
    let (model, table) = (price.model.clone(), price.table.clone());
    let from = price.from.map_or_else(|| "always".to_owned(), |day| day.to_string());
    let (input, output) = (format!("${}", price.input), format!("${}", price.output));
    let remove = may.then(|| {
        let button = price.from.map(|_| remove(page, price));
        view! {
            <Cell label="Remove" align=Align::End fit=true>
                {button}
            </Cell>
        }
    });
    view! {
        <Row>
            <HeadCell><code>{model}</code></HeadCell>
            <Cell label="From" fit=true>
                {from}
            </Cell>
            <Cell label="Input" align=Align::End fit=true>
                {input}
            </Cell>
            <Cell label="Output" align=Align::End fit=true>
                {output}
            </Cell>
            <Cell label="Table" fit=true>
                <span class="quiet">{table}</span>
            </Cell>
            {remove}
        </Row>
    }
    .into_any()
}

fn remove(page: &Page, price: &Price) -> AnyView {
    let action = format!("{}/remove", page.place.prices());
    let from = price.from.map(|day| day.to_string());
    let (model, named) = (price.model.clone(), price.model.clone());
    view! {
        <form method="post" action=action>
            <input type="hidden" name="model" value=model />
            <input type="hidden" name="from" value=from />
            <Button size=Size::Small variant=Variant::Quiet>
                "Remove" <span class="visually-hidden">" the price of " {named}</span>
            </Button>
        </form>
    }
    .into_any()
}

fn form(page: &Page) -> AnyView {
    let form = &page.form;
    let (action, errors) = (page.place.prices(), form.errors());
    let field = |name: &str| (form.value(name), form.error(name));
    let (model, wrong_model) = field("model");
    let (from, wrong_from) = field("from");
    let (input, wrong_input) = field("input");
    let (output, wrong_output) = field("output");
    view! {
        <Panel title="Set a price" id="set" boxed=true>
            <form class="form" method="post" action=action>
                <ErrorSummary errors />
                <TextField
                    name="model"
                    label="Model"
                    hint="Its name, such as gpt-4o. It also stands for the name with a date after it."
                    value=model
                    error=wrong_model
                    required=true
                />
                <TextField
                    name="from"
                    label="From"
                    hint="A day in UTC, such as 2026-07-01."
                    value=from
                    error=wrong_from
                    required=true
                />
                <TextField
                    name="input"
                    label="A million input tokens, in US dollars"
                    value=input
                    error=wrong_input
                    required=true
                />
                <TextField
                    name="output"
                    label="A million output tokens, in US dollars"
                    value=output
                    error=wrong_output
                    required=true
                />
                <div class="form-actions">
                    <Button variant=Variant::Primary>"Set the price"</Button>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}
