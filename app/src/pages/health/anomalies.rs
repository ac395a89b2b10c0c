//! What is unusual: what it is, in figures, and the way to the runs behind it.

use domain::{
    automation::Automation,
    health::{Anomaly, FEWEST, Standing},
};
use engine::services::Health;
use leptos::prelude::*;

use crate::{
    components::{
        icon::{Glyph, Icon},
        panel::Panel,
        status_badge::Status,
        tone::Tone,
    },
    context::Page,
};

/// How a standing looks.
pub const fn standing(standing: Standing) -> Status {
    let (word, glyph, tone) = match standing {
        Standing::Ok => ("as usual", Glyph::Done, Tone::Success),
        Standing::Attention => ("needs attention", Glyph::Warning, Tone::Warning),
        Standing::Unknown => ("not enough known yet", Glyph::Unknown, Tone::Neutral),
    };
    Status::new(word, glyph, tone)
}

/// The first thing on the page.
pub fn panel(page: &Page, health: &Health) -> AnyView {
    let anomalies = health.anomalies();
    let content = match (anomalies.is_empty(), health.standing()) {
        (false, _) => list(page, &anomalies),
        (true, Standing::Unknown) => view! {
            <p class="health-calm">
                {format!(
                    "Not enough is known yet: what is usual takes {FEWEST} days or weeks with runs, all of \
                     which you may see.",
                )}
            </p>
        }
        .into_any(),
        (true, _) => view! {
            <p class="health-calm">"Nothing: every figure lies where it usually does."</p>
        }
        .into_any(),
    };
    let note = format!("up to {}", health.judged.format("%-d %b %Y"));
    view! {
        <Panel title="What is unusual" note>
            {content}
            <details class="health-how">
                <summary>"How this is found"</summary>
                <p>
                    "An automation that runs on most days is judged by the day, against the four weeks before; any \
                    other by seven days, against twelve such weeks. The usual band is the median and 3.5 times the \
                    median absolute deviation around it, with a least width of its own for each figure, and what \
                    came twice before is usual. From fewer than six days or weeks with runs nothing is concluded."
                </p>
            </details>
        </Panel>
    }
    .into_any()
}

/// Anomalies, the gravest first.
pub fn list(page: &Page, anomalies: &[(&Automation, &Anomaly)]) -> AnyView {
    let items = anomalies.iter().map(|(automation, anomaly)| {
        let (says, title) = (anomaly.says(), anomaly.title());
        let runs = format!("{}?{}", page.place.runs(), anomaly.runs.query());
        view! {
            <li class="health-anomaly" data-tone=Tone::Warning.as_str()>
                <Icon glyph=Glyph::Warning />
                <div>
                    <p class="health-anomaly-title">
                        <a href=page.place.health_of(&automation.key)>{automation.name.clone()}</a>
                        ": "
                        {title}
                    </p>
                    <p>{says}</p>
                </div>
                <a class="button" data-size="small" href=runs>
                    "Show the runs"
                    <span class="visually-hidden">
                        " of "
                        {automation.name.clone()}
                        ": "
                        {title}
                    </span>
                </a>
            </li>
        }
    });
    view! { <ul class="health-anomalies">{items.collect_view()}</ul> }.into_any()
}
