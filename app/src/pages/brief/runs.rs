//! Runs by definition, in the very numbers of the list with the same filter.

use domain::{counts::Counts, run::RunStatus};
use engine::{services::Brief, store::Total};
use leptos::prelude::*;

use super::period::Asked;
use crate::{
    components::{
        app_frame::Section,
        data_table::{Align, Cell, Column, DataTable, EmptyRow, HeadCell, Row},
        panel::Panel,
        tone::Tone,
    },
    context::Page,
    format,
};

const COLUMNS: [&str; 9] = [
    "Runs",
    "Items",
    "Actions",
    "Succeeded",
    "Replayed",
    "Skipped",
    "Failed",
    "Awaiting approval",
    "Open",
];

/// The table, and what is to be said about runs as a whole.
pub fn by_definition(page: &Page, asked: &Asked, brief: &Brief) -> AnyView {
    let mut columns = vec![Column::new("Definition")];
    columns.extend(COLUMNS.map(Column::number));
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
                    line(Some(href), automation.name.clone(), group.total)
                };
            brief.groups.iter().map(row).collect_view().into_any()
        }
    };
    let total = line(None, "All".to_owned(), brief.total);
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

/// `13 completed, 1 running`: how many runs there are with each status.
fn ended(brief: &Brief) -> String {
    let count = |status: RunStatus| -> i64 {
        brief.groups.iter().filter_map(|(_, group)| group.statuses.get(&status)).sum()
    };
    let part = |&status: &RunStatus| {
        let runs = count(status);
        (runs > 0).then(|| format!("{} {}", format::count(runs), status.as_str().replace('-', " ")))
    };
    let parts: Vec<_> = RunStatus::ALL.iter().filter_map(part).collect();
    if parts.is_empty() { String::new() } else { format!("Runs: {}.", parts.join(", ")) }
}

fn line(href: Option<String>, name: String, total: Total) -> AnyView {
    let cells = COLUMNS.into_iter().zip(numbers(&total)).map(|(label, (n, tone))| {
        let tone = if n == 0 { None } else { Some(tone.as_str()) };
        view! {
            <Cell label align=Align::End>
                <span class="runs-number" data-tone=tone>
                    {format::count(n)}
                </span>
            </Cell>
        }
    });
    view! {
        <Row>
            <HeadCell href>
                <span class="runs-name">{name}</span>
            </HeadCell>
            {cells.collect_view()}
        </Row>
    }
    .into_any()
}

/// In the order of the columns.
fn numbers(Total { runs, counts }: &Total) -> [(i64, Tone); 9] {
    let Counts {
        subjects_matched,
        actions_invoked,
        open,
        succeeded,
        failed,
        skipped,
        awaiting_approval,
        idempotent_replay,
    } = *counts;
    [
        (*runs, Tone::Neutral),
        (subjects_matched, Tone::Neutral),
        (actions_invoked, Tone::Neutral),
        (succeeded, Tone::Neutral),
        (idempotent_replay, Tone::Neutral),
        (skipped, Tone::Neutral),
        (failed, Tone::Danger),
        (awaiting_approval, Tone::Warning),
        (open, Tone::Neutral),
    ]
}
