//! Filters, tables and paging.

use domain::{counts::Counts, run::RunStatus};
use leptos::prelude::*;

use super::{LONG, ago, now};
use crate::components::{
    button::Size,
    counts_bar::CountsBar,
    data_table::{Align, Cell, Column, DataTable, Direction, EmptyRow, HeadCell, Row},
    duration::Duration,
    filter_bar::{Chip, Choice, DateRange, Facet, FilterBar, Search},
    heat_strip::HeatStrip,
    pager::{PageSize, Pager},
    panel::Panel,
    status_badge::StatusBadge,
    tabs::{Tab, Tabs},
    tag::Tag,
    timestamp::Timestamp,
};

fn choice(value: &str, label: &str, count: i64, selected: bool) -> Choice {
    Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        count: (count > 0).then_some(count),
        selected,
    }
}

#[component]
fn Filters() -> impl IntoView {
    let facets = vec![
        Facet {
            name: "definition",
            label: "Definition",
            choices: vec![
                choice("kyc", "Weekly KYC review", 13, true),
                choice("aml", "AML monitor failure", 23, false),
                choice("long", LONG, 1, false),
            ],
        },
        Facet {
            name: "status",
            label: "Status",
            choices: RunStatus::ALL
                .iter()
                .map(|s| choice(s.as_str(), &crate::format::label(s.as_str()), 0, false))
                .collect(),
        },
    ];
    let sort = Facet {
        name: "sort",
        label: "Sort",
        choices: vec![
            choice("completed", "Completed", 0, true),
            choice("started", "Started", 0, false),
        ],
    };
    let chips = [("Definition", "Weekly KYC review"), ("Started", "2026-07-01 to 2026-09-30")].map(
        |(label, value)| Chip {
            label: label.to_owned(),
            value: value.to_owned(),
            remove_href: "#".to_owned(),
        },
    );
    view! {
        <FilterBar
            action="#"
            search=Search { name: "q", label: "Find by run, subject or text", value: String::new() }
            facets
            dates=DateRange {
                label: "Started",
                from: ("from", "2026-07-01".to_owned()),
                to: ("to", "2026-09-30".to_owned()),
            }
            sort
            chips=chips.into()
            clear_href="#"
        />
    }
    .into_any()
}

/// Definition, version, status, counts, minutes since its start, milliseconds it took.
type Sample = (&'static str, i64, RunStatus, Counts, i64, Option<i64>);

fn runs() -> Vec<Sample> {
    let counts = |succeeded, failed, skipped, waiting, open, replayed| Counts {
        subjects_matched: succeeded + failed + skipped + waiting + open + replayed,
        actions_invoked: succeeded + failed + replayed,
        open,
        succeeded,
        failed,
        skipped,
        awaiting_approval: waiting,
        idempotent_replay: replayed,
    };
    vec![
        ("AML monitor failure", 2, RunStatus::Running, counts(0, 0, 0, 0, 1, 0), 3, None),
        ("Weekly KYC review", 4, RunStatus::Running, counts(34, 0, 1, 18, 0, 0), 190, None),
        (
            "Weekly KYC review",
            4,
            RunStatus::CompletedWithFailures,
            counts(62, 3, 2, 0, 0, 4),
            10_270,
            Some(184_000),
        ),
        (
            "Supplier attestation renewal",
            1,
            RunStatus::Completed,
            counts(11, 0, 0, 0, 0, 0),
            14_400,
            Some(8_300),
        ),
        (LONG, 12, RunStatus::Failed, Counts::default(), 20_160, Some(320)),
        (
            "Regulator rule change intake",
            1,
            RunStatus::Cancelled,
            counts(1, 0, 3, 0, 0, 0),
            30_000,
            Some(7_500_000),
        ),
        ("Post-incident review check", 1, RunStatus::Pending, Counts::default(), 1, None),
        (
            "Dormant account sweep",
            3,
            RunStatus::Completed,
            counts(12_408, 0, 311, 0, 0, 0),
            43_200,
            Some(1_260_000),
        ),
    ]
}

#[component]
fn RunTable() -> impl IntoView {
    let columns = vec![
        Column::new("Definition"),
        Column::new("Status"),
        Column::new("Outcomes"),
        Column::number("Items"),
        Column::new("Started").sorted("#", Some(Direction::Descending)),
        Column::number("Duration").sorted("#", None),
    ];
    let rows = runs().into_iter().map(|(name, version, status, counts, minutes, ms)| {
        view! {
            <Row>
                <HeadCell href="#".to_owned()>{name} " " <Tag>"v" {version}</Tag></HeadCell>
                <Cell label="Status" fit=true>
                    <StatusBadge status />
                </Cell>
                <Cell label="Outcomes">
                    <CountsBar counts size=Size::Small />
                </Cell>
                <Cell label="Items" align=Align::End fit=true>
                    {crate::format::count(counts.subjects_matched)}
                </Cell>
                <Cell label="Started" fit=true>
                    <Timestamp at=ago(minutes) now=now() />
                </Cell>
                <Cell label="Duration" align=Align::End fit=true>
                    <Duration length=ms.map(chrono::TimeDelta::milliseconds) />
                </Cell>
            </Row>
        }
    });
    view! {
        <DataTable caption="Runs" columns>
            {rows.collect_view()}
        </DataTable>
    }
    .into_any()
}

#[component]
fn GroupTable() -> impl IntoView {
    use RunStatus::{Cancelled, Completed, CompletedWithFailures, Failed, Running};
    let columns = vec![
        Column::new("Definition"),
        Column::new("Recent runs"),
        Column::number("Runs"),
        Column::number("Succeeded"),
        Column::number("Failed"),
        Column::number("Awaiting approval"),
    ];
    let mut strip = vec![Completed; 9];
    strip.extend([CompletedWithFailures, Completed, Failed, Cancelled, Running]);
    view! {
        <DataTable caption="Outcomes of 3 definitions, 2026-07-01 to 2026-09-30" show_caption=true columns>
            <Row>
                <HeadCell href="#".to_owned()>"Weekly KYC review"</HeadCell>
                <Cell label="Recent runs" fit=true><HeatStrip runs=strip /></Cell>
                <Cell label="Runs" align=Align::End>"13"</Cell>
                <Cell label="Succeeded" align=Align::End>"590"</Cell>
                <Cell label="Failed" align=Align::End>"0"</Cell>
                <Cell label="Awaiting approval" align=Align::End>"18"</Cell>
            </Row>
            <Row>
                <HeadCell href="#".to_owned()>{LONG}</HeadCell>
                <Cell label="Recent runs" fit=true><HeatStrip runs=vec![Completed; 3] /></Cell>
                <Cell label="Runs" align=Align::End>{crate::format::count(1_204)}</Cell>
                <Cell label="Succeeded" align=Align::End>{crate::format::count(1_234_567)}</Cell>
                <Cell label="Failed" align=Align::End>"7"</Cell>
                <Cell label="Awaiting approval" align=Align::End>"0"</Cell>
            </Row>
        </DataTable>
    }
    .into_any()
}

/// Lists as pages show them.
#[component]
pub fn Lists() -> impl IntoView {
    let tab = |label: &str, count, current| Tab {
        label: label.to_owned(),
        href: "#".to_owned(),
        count,
        current,
    };
    let sizes =
        [25, 50, 100].map(|rows| PageSize { rows, href: "#".to_owned(), current: rows == 50 });
    view! {
        <div>
            <Tabs
                label="Views of runs"
                tabs=vec![
                    tab("All runs", None, true),
                    tab("Needs attention", Some(4), false),
                    tab("By definition", Some(1_204), false),
                ]
            />
            <Filters />
            <RunTable />
            <Pager
                summary="50 runs, newest first"
                newer=None
                older=Some("#".to_owned())
                sizes=sizes.into()
            />
        </div>
        <Panel title="Grouped by definition" note="from stored counts">
            <GroupTable />
        </Panel>
        <Panel title="An empty table">
            <DataTable caption="Attempts" columns=vec![Column::new("Attempt"), Column::new("Ended")]>
                <EmptyRow columns=2>"No attempt yet: the item waits for approval."</EmptyRow>
            </DataTable>
        </Panel>
    }
    .into_any()
}
