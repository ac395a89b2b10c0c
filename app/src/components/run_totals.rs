//! Runs counted together: the columns of such a table, and the cells of one of its rows.

use domain::{counts::Counts, run::RunStatus};
use engine::store::Total;
use leptos::prelude::*;

use super::{
    data_table::{Align, Cell, Column},
    tone::Tone,
};
use crate::format;

/// The columns, and what stands in them.
fn numbers(total: &Total) -> [(&'static str, i64, Tone); 9] {
    let Total { runs, counts, statuses: _ } = total;
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
        ("Runs", *runs, Tone::Neutral),
        ("Items", subjects_matched, Tone::Neutral),
        ("Invoked", actions_invoked, Tone::Neutral),
        ("Succeeded", succeeded, Tone::Neutral),
        ("Failed", failed, Tone::Danger),
        ("Awaiting approval", awaiting_approval, Tone::Warning),
        ("Skipped", skipped, Tone::Neutral),
        ("Replayed", idempotent_replay, Tone::Neutral),
        ("Open", open, Tone::Neutral),
    ]
}

/// The columns of the numbers.
pub fn columns() -> impl Iterator<Item = Column> {
    numbers(&Total::default()).into_iter().map(|(label, ..)| Column::number(label))
}

/// The cells of one row, in the order of the columns.
pub fn cells(total: &Total) -> AnyView {
    let cell = |(label, n, tone): (&'static str, i64, Tone)| {
        let tone = (n != 0).then(|| tone.as_str());
        view! {
            <Cell label align=Align::End>
                <span class="run-totals-number" data-tone=tone>
                    {format::count(n)}
                </span>
            </Cell>
        }
    };
    numbers(total).map(cell).collect_view().into_any()
}

/// `12 completed, 1 failed`: in the order of the statuses, without those that no run has.
pub fn by_status(total: &Total) -> String {
    let runs = total.statuses.iter().filter(|(_, runs)| **runs > 0);
    let part = |(status, runs): (&RunStatus, &i64)| {
        format!("{} {}", format::count(*runs), status.as_str().replace('-', " "))
    };
    runs.map(part).collect::<Vec<_>>().join(", ")
}
