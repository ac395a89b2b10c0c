//! Runs by definition, in the very numbers of the list with the same filter.

use engine::{services::Brief, store::Total};
use leptos::prelude::*;

use super::period::Asked;
use crate::{
    components::{
        app_frame::Section,
        data_table::{Column, DataTable, EmptyRow, HeadCell, Row},
        panel::Panel,
        run_totals,
    },
    context::Page,
};

/// The table, and what is to be said about runs as a whole.
pub fn by_definition(page: &Page, asked: &Asked, brief: &Brief) -> AnyView {
    let mut columns = vec![Column::new("Definition")];
    columns.extend(run_totals::columns());
    let width = columns.len();
    let rows = match brief.groups.is_empty() {
        true => {
            view! { <EmptyRow columns=width>"No run started in this period."</EmptyRow> }.into_any()
        }
        false => {
            let row =
                |(automation, group): &(domain::automation::Automation, engine::store::Group)| {
                    let mut filter = Brief::filter(asked.period);
                    filter.definitions = vec![automation.key.clone()];
                    let href = format!(
                        "{}?{}",
                        Section::Runs.href(&page.place.workspace.slug),
                        filter.query()
                    );
                    line(Some(href), automation.name.clone(), &group.total)
                };
            brief.groups.iter().map(row).collect_view().into_any()
        }
    };
    let total = line(None, "All".to_owned(), &brief.total);
    let ended = ended(brief);
    let note = "Replayed: a repeat found that the effect had happened before.";
    view! {
        <Panel title="Runs by definition">
            <div class="brief-numbers">
                <DataTable caption="Runs by definition" columns total>
                    {rows}
                </DataTable>
            </div>
            <p class="small quiet brief-note">{ended} " " {note}</p>
        </Panel>
    }
    .into_any()
}

/// How many runs there are with each status.
fn ended(brief: &Brief) -> String {
    let said = run_totals::by_status(&brief.total);
    if said.is_empty() { said } else { format!("Runs: {said}.") }
}

fn line(href: Option<String>, name: String, total: &Total) -> AnyView {
    let cells = run_totals::cells(total);
    view! {
        <Row>
            <HeadCell href>
                <span class="runs-name">{name}</span>
            </HeadCell>
            {cells}
        </Row>
    }
    .into_any()
}
