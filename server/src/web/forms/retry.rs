//! Retries failed items of a run, as the plan said that the member saw.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{id::RunId, retry::PlanVerdict};
use engine::services::{Retried, RetryRequest, ServiceError};
use http::request::Parts;

use super::part;
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads to the run with a word about the round that began. When the plan has changed, the page
/// comes back with the new one.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, run)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let run = part("run", &run)?;
    match retry(&state, &place, run, &fields).await {
        Ok(Retried { round, .. }) => {
            let next = format!("{}?retried={round}", place.run(run));
            Ok(Redirect::to(&next).into_response())
        }
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn retry(
    state: &AppState,
    place: &Place,
    run: RunId,
    fields: &Fields,
) -> Result<Retried, ServiceError> {
    // Ticks are sent under the verdict that was seen; the digest makes sure that it still holds.
    let ticked = [PlanVerdict::Confirm, PlanVerdict::Pointless];
    let ticked = ticked.iter().flat_map(|verdict| fields.all(verdict.as_str()));
    let acknowledged = ticked
        .map(|item| item.parse().map_err(|error| ServiceError::invalid("", error)))
        .collect::<Result<_, _>>()?;
    let request = RetryRequest {
        run,
        plan_digest: fields.text("plan"),
        acknowledged,
        reason: fields.text("reason"),
    };
    state.services().retry(place.caller(), request).await
}
