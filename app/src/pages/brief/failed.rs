//! What failed, and what became of it.

use engine::services::{Brief, FailedItems, Fate};
use leptos::prelude::*;

use crate::{
    components::{
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        panel::Panel,
    },
    format,
};

/// Items that failed once, by definition and cause.
pub fn items(brief: &Brief) -> AnyView {
    if brief.failed.is_empty() {
        return view! {
            <Panel title="What failed">
                <p>"No item of these runs failed."</p>
            </Panel>
        }
        .into_any();
    }
    let all: i64 = brief.failed.iter().map(|failed| failed.items).sum();
    let columns = vec![
        Column::new("Definition"),
        Column::new("Cause"),
        Column::new("What became of them"),
        Column::number("Items"),
    ];
    let rows = brief.failed.iter().map(row).collect_view();
    let note = format!("{}: {}", format::plural(all, "item", "items"), summary(brief));
    view! {
        <Panel title="What failed" note>
            <DataTable caption="Items that failed, and what became of them" columns>
                {rows}
            </DataTable>
        </Panel>
    }
    .into_any()
}

fn row(failed: &FailedItems) -> AnyView {
    let FailedItems { name, cause, fate, items, .. } = failed.clone();
    let cause = match cause {
        Some(code) => view! { <code>{code}</code> }.into_any(),
        None => view! { <span class="quiet">"not recorded"</span> }.into_any(),
    };
    view! {
        <Row>
            <HeadCell>
                <span class="runs-name">{name}</span>
            </HeadCell>
            <Cell label="Cause">{cause}</Cell>
            <Cell label="What became of them">{words(fate)}</Cell>
            <Cell label="Items" align=Align::End>
                {format::count(items)}
            </Cell>
        </Row>
    }
    .into_any()
}

const fn words(fate: Fate) -> &'static str {
    match fate {
        Fate::Recovered => "recovered by a retry",
        Fate::AwaitingApproval => "the retry awaits approval",
        Fate::UnderWay => "the retry is under way",
        Fate::Skipped => "not retried to the end: skipped",
        Fate::StillFailed => "still failed",
    }
}

/// `18 the retry awaits approval, 2 still failed`.
fn summary(brief: &Brief) -> String {
    let fates =
        [Fate::Recovered, Fate::AwaitingApproval, Fate::UnderWay, Fate::Skipped, Fate::StillFailed];
    let part = |fate: Fate| {
        let of = brief.failed.iter().filter(|failed| failed.fate == fate);
        let items: i64 = of.map(|failed| failed.items).sum();
        let short = match fate {
            Fate::Recovered => "recovered",
            Fate::AwaitingApproval => "awaiting approval of the retry",
            Fate::UnderWay => "being retried",
            Fate::Skipped => "skipped",
            Fate::StillFailed => "still failed",
        };
        (items > 0).then(|| format!("{} {short}", format::count(items)))
    };
    fates.into_iter().filter_map(part).collect::<Vec<_>>().join(", ")
}
