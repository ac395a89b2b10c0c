//! Cancels a run.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::request::Parts;

use super::part;
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads to the run, which shows the receipt.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, run)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let run = part("run", &run)?;
    match state.services().cancel(place.caller(), run, &fields.text("reason")).await {
        Ok(_) => Ok(Redirect::to(&place.run(run)).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
