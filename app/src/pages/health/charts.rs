//! Charts over time: runs by how they ended, how long they took, what they cost.

use domain::{
    filter::RunFilter,
    health::{Step, Stretch},
    run::RunStatus,
};
use engine::services::{Health, Side};
use leptos::prelude::*;

use super::{
    Asked,
    figures::{dollars, maybe_length},
};
use crate::{
    components::{
        chart::{
            Chart, Key, Mark, height,
            lines::line,
            scale::{GROWS, LengthScale, labels, of_counts},
            stacked::{Bar, bars},
        },
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        panel::Panel,
        tone::Tone,
    },
    context::Page,
    format,
};

/// How runs ended, from the ground of a bar up: what is drawn, in words, of which statuses.
const ENDS: [(Mark, &str, &[RunStatus]); 5] = [
    (Mark::Stripes(Tone::Danger), "Failed", &[RunStatus::Failed]),
    (Mark::Fill(Tone::Warning), "With failures", &[RunStatus::CompletedWithFailures]),
    (Mark::Fill(Tone::Success), "Completed", &[RunStatus::Completed]),
    (Mark::Fill(Tone::Neutral), "Stopped", &[RunStatus::Cancelled, RunStatus::Killed]),
    (Mark::Hollow(Tone::Info), "Under way", &[RunStatus::Pending, RunStatus::Running]),
];

/// Percentiles that are drawn: how, and in words.
const PERCENTILES: [(i64, &str, &str); 3] =
    [(50, "half", "Half of the runs"), (95, "most", "95 %"), (99, "all", "99 %")];

fn of(stretch: &Stretch, statuses: &[RunStatus]) -> i64 {
    statuses.iter().map(|&status| stretch.count(status)).sum()
}

/// What a chart is labelled with at its beginning, its middle and its end.
fn ends(slots: &[Stretch]) -> Vec<String> {
    let day =
        |slot: Option<&Stretch>| slot.map(|slot| slot.days.from.format("%-d %b %Y").to_string());
    let last = slots.last().map(|slot| slot.days.last_day().format("%-d %b %Y").to_string());
    let middle = (slots.len() > 4).then(|| day(slots.get(slots.len() / 2))).flatten();
    [day(slots.first()), middle, last.filter(|_| slots.len() > 1)].into_iter().flatten().collect()
}

fn by(step: Step) -> &'static str {
    match step {
        Step::Day => "by day",
        Step::Week => "by week",
        Step::Month => "by 30 days",
    }
}

fn before(health: &Health) -> Option<&Side> {
    health.before.as_ref()
}

/// Runs by how they ended.
pub fn outcomes(page: &Page, asked: &Asked, health: &Health) -> AnyView {
    let (slots, total) = (&health.now.slots, health.now.total());
    let runs = |slots: &[Stretch]| slots.iter().map(Stretch::runs).max().unwrap_or(0);
    let top = of_counts(runs(slots).max(before(health).map_or(0, |before| runs(&before.slots))));
    let mut keys: Vec<_> = ENDS
        .iter()
        .map(|(mark, label, statuses)| Key {
            mark: *mark,
            label: (*label).to_owned(),
            figure: format::count(of(&total, statuses)),
        })
        .collect();
    let bar = |slot: &Stretch| Bar {
        says: format!(
            "{}: {}, {} with failures",
            slot.days.days(),
            format::plural(slot.runs(), "run", "runs"),
            slot.failed()
        ),
        parts: ENDS.iter().map(|(mark, _, statuses)| (*mark, of(slot, statuses))).collect(),
    };
    let drawn = bars(slots.iter().map(bar).collect(), top);
    let earlier = before(health).map(|before| {
        let runs: Vec<_> = before.slots.iter().map(|slot| Some(slot.runs())).collect();
        let figure = format::count(before.total().runs());
        keys.push(Key {
            mark: Mark::Line("before"),
            label: "All runs of the period before".to_owned(),
            figure,
        });
        line(&runs, |runs| height(runs, top), "before")
    });
    let says = format!(
        "{} from {}, {} of them with failures. At most {} {}.",
        format::plural(total.runs(), "run", "runs"),
        health.now.period.days(),
        total.failed(),
        runs(slots),
        by(health.step)
    );
    let (note, scale) = (by(health.step), labels(top, format::count));
    let (ends, places) = (ends(slots), slots.len());
    let table = outcome_table(page, asked, health);
    let drawing = view! { {drawn} {earlier} }.into_any();
    let title = "Runs and how they ended";
    view! {
        <Panel title note boxed=true>
            <Chart id="outcomes" title says keys scale ends places drawing table />
        </Panel>
    }
    .into_any()
}

fn outcome_table(page: &Page, asked: &Asked, health: &Health) -> AnyView {
    let mut columns = vec![Column::new("Days"), Column::number("Runs")];
    columns.extend(ENDS.iter().map(|(_, label, _)| Column::number(*label)));
    columns.extend(before(health).map(|_| Column::number("Before")));
    let row = |(n, slot): (usize, &Stretch)| {
        let filter = RunFilter {
            definitions: asked.query.automation.clone().into_iter().collect(),
            from: Some(slot.days.from),
            to: Some(slot.days.last_day()),
            ..RunFilter::default()
        };
        let href = format!("{}?{}", page.place.runs(), filter.query());
        let parts = ENDS
            .iter()
            .map(|(_, label, statuses)| number(label, format::count(of(slot, statuses))));
        let before = before(health).and_then(|before| before.slots.get(n));
        let before = before.map(|slot| number("Before", format::count(slot.runs())));
        let parts = parts.collect_view();
        let (days, runs) = (slot.days.days(), number("Runs", format::count(slot.runs())));
        view! {
            <Row>
                <HeadCell href fit=true>
                    {days}
                </HeadCell>
                {runs}
                {parts}
                {before}
            </Row>
        }
    };
    table(
        "Runs and how they ended",
        columns,
        health.now.slots.iter().enumerate().map(row).collect_view().into_any(),
    )
}

/// How long runs took.
pub fn lengths(health: &Health) -> Option<AnyView> {
    let (slots, total) = (&health.now.slots, health.now.total());
    total.lengths.percentile(50)?;
    let drawn = |slot: &Stretch| PERCENTILES.map(|(percent, ..)| slot.lengths.percentile(percent));
    let scale = LengthScale::around(slots.iter().flat_map(drawn).flatten());
    let key = |(percent, dashes, label): (i64, &'static str, &str)| Key {
        mark: Mark::Line(dashes),
        label: label.to_owned(),
        figure: maybe_length(total.lengths.percentile(percent)),
    };
    let drawn = PERCENTILES.map(|(percent, dashes, _)| {
        let figures: Vec<_> = slots.iter().map(|slot| slot.lengths.percentile(percent)).collect();
        line(&figures, |length| scale.height(length), dashes)
    });
    let says = format!(
        "Of {} that ended, half took at most {}, 95 % at most {}, 99 % at most {}. The scale is \
         logarithmic: {GROWS}.",
        format::plural(total.lengths.runs(), "run", "runs"),
        maybe_length(total.lengths.percentile(50)),
        maybe_length(total.lengths.percentile(95)),
        maybe_length(total.lengths.percentile(99))
    );
    let keys = PERCENTILES.map(key).to_vec();
    let (scale, ends, places) = (scale.labels(), ends(slots), slots.len());
    let (drawing, table) = (drawn.collect_view().into_any(), length_table(health));
    let title = "How long runs took";
    let note = format!("percentiles, within an eighth; {GROWS}");
    let panel = view! {
        <Panel title note boxed=true>
            <Chart id="lengths" title says keys scale ends places drawing table />
        </Panel>
    };
    Some(panel.into_any())
}

fn length_table(health: &Health) -> AnyView {
    let mut columns = vec![Column::new("Days"), Column::number("Ended")];
    columns.extend(PERCENTILES.map(|(percent, ..)| Column::number(format!("p{percent}"))));
    columns.extend(before(health).map(|_| Column::number("p95 before")));
    let row = |(n, slot): (usize, &Stretch)| {
        let figures = PERCENTILES.map(|(percent, _, label)| {
            number(label, maybe_length(slot.lengths.percentile(percent)))
        });
        let before = before(health).and_then(|before| before.slots.get(n));
        let before =
            before.map(|slot| number("p95 before", maybe_length(slot.lengths.percentile(95))));
        let ended = number("Ended", format::count(slot.lengths.runs()));
        let (days, figures) = (slot.days.days(), figures.collect_view());
        view! {
            <Row>
                <HeadCell fit=true>{days}</HeadCell>
                {ended}
                {figures}
                {before}
            </Row>
        }
    };
    table(
        "How long runs took",
        columns,
        health.now.slots.iter().enumerate().map(row).collect_view().into_any(),
    )
}

/// What runs cost, where anything says so.
pub fn costs(health: &Health) -> Option<AnyView> {
    let (slots, total) = (&health.now.slots, health.now.total());
    if total.cost == 0 {
        return None;
    }
    let top = of_counts(slots.iter().map(|slot| slot.cost).max().unwrap_or(0));
    let mark = Mark::Fill(Tone::Info);
    let bar = |slot: &Stretch| Bar {
        says: format!("{}: {}", slot.days.days(), dollars(slot.cost)),
        parts: vec![(mark, slot.cost)],
    };
    let keys = vec![Key { mark, label: "Estimated cost".to_owned(), figure: dollars(total.cost) }];
    let says = format!(
        "{} for {} of which it is known.",
        dollars(total.cost),
        format::plural(total.costed, "run", "runs")
    );
    let columns =
        vec![Column::new("Days"), Column::number("Runs with a cost"), Column::number("Cost")];
    let row = |slot: &Stretch| {
        let days = slot.days.days();
        let costed = number("Runs with a cost", format::count(slot.costed));
        let cost = number("Cost", dollars(slot.cost));
        view! {
            <Row>
                <HeadCell fit=true>{days}</HeadCell>
                {costed}
                {cost}
            </Row>
        }
    };
    let title = "What runs cost";
    let table = table(title, columns, slots.iter().map(row).collect_view().into_any());
    let (note, scale) = (by(health.step), labels(top, dollars));
    let (ends, places) = (ends(slots), slots.len());
    let drawing = bars(slots.iter().map(bar).collect(), top);
    let panel = view! {
        <Panel title note boxed=true>
            <Chart id="costs" title says keys scale ends places drawing table />
        </Panel>
    };
    Some(panel.into_any())
}

/// A cell with a number.
pub(super) fn number(label: &'static str, figure: String) -> AnyView {
    view! {
        <Cell label=label align=Align::End fit=true>
            {figure}
        </Cell>
    }
    .into_any()
}

/// Figures behind a chart.
pub(super) fn table(caption: &'static str, columns: Vec<Column>, rows: AnyView) -> AnyView {
    view! {
        <DataTable caption columns>
            {rows}
        </DataTable>
    }
    .into_any()
}
