//! Removes an inbound endpoint.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::Redirect,
};

use super::part;
use crate::web::{errors::Refusal, state::AppState};

/// Leads back to the list.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, endpoint)): Path<(String, String)>,
) -> Result<Redirect, Refusal> {
    state.services().remove_inbound(place.caller(), part("endpoint", &endpoint)?).await?;
    Ok(Redirect::to(&place.inbound()))
}
