//! The run that failed most recently, and why.

use domain::{filter::RunFilter, problem::Failure};
use engine::services::{LastFailure, ServiceError};
use leptos::prelude::*;

use crate::{
    components::{
        button::{LinkButton, Size},
        panel::Panel,
        status_badge::StatusBadge,
        timestamp::Timestamp,
    },
    context::Page,
    format,
};

/// Causes that are shown.
const SHOWN: usize = 3;

pub(super) async fn show(page: &Page) -> Result<AnyView, ServiceError> {
    let summary = page.services.run_summary(page.caller, &RunFilter::default()).await?;
    Ok(match summary.last_failure {
        Some(last) => failed(page, last),
        None => view! {
            <Panel title="What failed last" boxed=true>
                <p>"No run has failures."</p>
            </Panel>
        }
        .into_any(),
    })
}

fn failed(page: &Page, last: LastFailure) -> AnyView {
    let LastFailure { run, automation, causes } = last;
    let (href, status) = (page.place.run(run.id), run.status);
    let name = automation.map_or_else(|| "A run".to_owned(), |automation| automation.name);
    let now = page.now;
    let ended = run.completed_at.map(|at| view! { ", " <Timestamp at now /> });
    let others = causes.len().saturating_sub(SHOWN) as i64;
    let more = (others > 0).then(|| {
        let text = format!("and {}", format::plural(others, "other cause", "other causes"));
        view! { <li class="quiet">{text}</li> }
    });
    let causes = causes.into_iter().take(SHOWN).map(cause).collect_view();
    let actions = view! {
        <LinkButton href=href.clone() size=Size::Small>
            "Open the run"
        </LinkButton>
    };
    view! {
        <Panel title="What failed last" boxed=true actions=actions.into_any()>
            <p>
                <a href=href>{name}</a>
                {ended}
            </p>
            <p>
                <StatusBadge status />
            </p>
            <ul class="overview-causes">{causes} {more}</ul>
        </Panel>
    }
    .into_any()
}

fn cause((failure, items): (Failure, i64)) -> AnyView {
    let items = (items > 0).then(|| format!("{}: ", format::plural(items, "item", "items")));
    view! {
        <li>
            {items} {failure.message} " " <code>{failure.code}</code>
        </li>
    }
    .into_any()
}
