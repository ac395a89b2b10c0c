//! What incidents were put down to, the most frequent first.

use domain::incident::{Cause, IncidentFilter};
use engine::services::Health;
use leptos::prelude::*;

use super::{
    Asked,
    charts::{number, table},
    figures::change,
};
use crate::{
    components::{
        chart::{
            Figures,
            ranks::{Rank, ranks},
        },
        data_table::{Cell, Column, HeadCell, Row},
        panel::Panel,
        tone::Tone,
    },
    context::Page,
    format,
    pages::paging::with_query,
};

/// Causes that are drawn; all of them are in the table.
const SHOWN: usize = 8;

/// The panel, if anything went wrong.
pub fn panel(page: &Page, asked: &Asked, health: &Health) -> Option<AnyView> {
    let causes = &health.now.causes;
    if causes.is_empty() {
        return None;
    }
    let earlier = |cause: Cause| {
        let before = health.before.as_ref()?;
        let found = before.causes.iter().find(|(known, _)| *known == cause);
        Some(found.map_or(0, |(_, incidents)| *incidents))
    };
    let href = |cause: Cause| {
        let filter = IncidentFilter {
            causes: vec![cause],
            definitions: asked.query.automation.clone().into_iter().collect(),
            from: Some(health.now.period.from),
            to: Some(health.now.period.last_day()),
            ..IncidentFilter::default()
        };
        with_query(&page.place.incidents(), &filter.pairs())
    };
    let rank = |&(cause, incidents): &(Cause, i64)| Rank {
        name: cause.entry().title.to_owned(),
        href: Some(href(cause)),
        figure: incidents,
        written: format::count(incidents),
        note: earlier(cause)
            .map(|then| format!("before: {}{}", format::count(then), change(incidents, then))),
    };
    let drawn = ranks(causes.iter().take(SHOWN).map(rank).collect(), Tone::Danger);
    let columns = vec![Column::new("Cause"), Column::new("Word"), Column::number("Incidents")];
    let row = |&(cause, incidents): &(Cause, i64)| {
        let (href, title, word) = (href(cause), cause.entry().title, cause.as_str());
        let incidents = number("Incidents", format::count(incidents));
        view! {
            <Row>
                <HeadCell href>{title}</HeadCell>
                <Cell label="Word">
                    <code>{word}</code>
                </Cell>
                {incidents}
            </Row>
        }
    };
    let rows = causes.iter().map(row).collect_view().into_any();
    let figures = table("Incidents by cause", columns, rows);
    Some(
        view! {
            <Panel title="What it is put down to" note="incidents by cause" boxed=true>
                {drawn}
                <Figures>{figures}</Figures>
            </Panel>
        }
        .into_any(),
    )
}
