//! What reported runs used of language models: by model, and by phase.

use std::{cmp::Reverse, collections::BTreeMap};

use domain::rollup::Usage;
use engine::{services::Health, store::ModelUsage};
use leptos::prelude::*;

use super::{
    charts::{number, table},
    figures::{change, dollars},
};
use crate::{
    components::{
        chart::{
            Figures,
            ranks::{Rank, ranks},
        },
        data_table::{Column, HeadCell, Row},
        panel::Panel,
        tone::Tone,
    },
    format,
};

/// Both, if any model was used.
pub fn panels(health: &Health) -> Option<AnyView> {
    if health.now.usage.is_empty() {
        return None;
    }
    let before = health.before.as_ref().map(|before| &before.usage[..]);
    let model = |line: &ModelUsage| said(&line.model, "model not said");
    let phase = |line: &ModelUsage| said(&line.phase, "phase not said");
    Some(
        view! {
            <div class="health-pair">
                {panel("Cost and tokens by model", &health.now.usage, before, model)}
                {panel("Cost and tokens by phase", &health.now.usage, before, phase)}
            </div>
        }
        .into_any(),
    )
}

fn said(word: &str, otherwise: &str) -> String {
    if word.is_empty() { otherwise.to_owned() } else { word.to_owned() }
}

fn grouped(lines: &[ModelUsage], by: impl Fn(&ModelUsage) -> String) -> BTreeMap<String, Usage> {
    let mut groups: BTreeMap<String, Usage> = BTreeMap::new();
    for line in lines {
        groups.entry(by(line)).or_default().add(line.usage);
    }
    groups
}

fn tokens(usage: &Usage) -> i64 {
    usage.input_tokens + usage.output_tokens
}

/// What it cost, or that nobody knows.
fn cost(usage: &Usage) -> String {
    match (usage.cost, usage.unpriced) {
        (0, unpriced) if unpriced > 0 => "not known".to_owned(),
        (cost, 0) => dollars(cost),
        (cost, _) => format!("{} or more", dollars(cost)),
    }
}

fn panel(
    title: &'static str,
    lines: &[ModelUsage],
    before: Option<&[ModelUsage]>,
    by: fn(&ModelUsage) -> String,
) -> AnyView {
    let earlier = before.map(|lines| grouped(lines, by));
    let mut groups: Vec<_> = grouped(lines, by).into_iter().collect();
    // Where no price is known, tokens are what there is to compare.
    let priced = groups.iter().any(|(_, usage)| usage.cost > 0);
    let figure = |usage: &Usage| if priced { usage.cost } else { tokens(usage) };
    groups.sort_by_key(|(_, usage)| Reverse(figure(usage)));
    let rank = |(name, usage): &(String, Usage)| {
        let then = earlier.as_ref().map(|earlier| earlier.get(name).map_or(0, figure));
        let change = then.map(|then| change(figure(usage), then)).unwrap_or_default();
        Rank {
            name: name.clone(),
            href: None,
            figure: figure(usage),
            written: cost(usage),
            note: Some(format!(
                "{} tokens in {}{change}",
                format::count(tokens(usage)),
                format::plural(usage.calls, "call", "calls")
            )),
        }
    };
    let drawn = ranks(groups.iter().map(rank).collect(), Tone::Info);
    let columns = vec![
        Column::new("Name"),
        Column::number("Calls"),
        Column::number("Tokens in"),
        Column::number("Tokens out"),
        Column::number("Cost"),
        Column::number("Calls without a price"),
    ];
    let row = |(name, usage): &(String, Usage)| {
        let name = name.clone();
        let figures = [
            number("Calls", format::count(usage.calls)),
            number("Tokens in", format::count(usage.input_tokens)),
            number("Tokens out", format::count(usage.output_tokens)),
            number("Cost", cost(usage)),
            number("Calls without a price", format::count(usage.unpriced)),
        ];
        view! {
            <Row>
                <HeadCell>{name}</HeadCell>
                {figures.collect_view()}
            </Row>
        }
    };
    let rows = groups.iter().map(row).collect_view().into_any();
    let figures = table(title, columns, rows);
    view! {
        <Panel title boxed=true>
            {drawn}
            <Figures>{figures}</Figures>
        </Panel>
    }
    .into_any()
}
