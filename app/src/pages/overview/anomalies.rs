//! What is unusual now; nothing where nothing is.

use domain::health::HealthQuery;
use engine::services::ServiceError;
use leptos::prelude::*;

use crate::{
    components::{
        button::{LinkButton, Size},
        panel::Panel,
    },
    context::Page,
    format,
    pages::health::anomaly_list,
};

/// Anomalies that are shown; the page of health has all.
const SHOWN: usize = 5;

pub(super) async fn show(page: &Page) -> Result<Option<AnyView>, ServiceError> {
    let today = HealthQuery { since: Some(1), ..HealthQuery::default() };
    let health = page.services.health(page.caller, &today).await?;
    let anomalies = health.anomalies();
    if anomalies.is_empty() {
        return Ok(None);
    }
    let all = anomalies.len() as i64;
    let note = format::plural(
        all,
        "figure outside of its usual band",
        "figures outside of their usual bands",
    );
    let actions = view! {
        <LinkButton href=page.place.health() size=Size::Small>
            "Health"
        </LinkButton>
    };
    let list = anomaly_list(page, &anomalies[..anomalies.len().min(SHOWN)]);
    Ok(Some(
        view! {
            <Panel title="What is unusual" note actions=actions.into_any()>
                {list}
            </Panel>
        }
        .into_any(),
    ))
}
