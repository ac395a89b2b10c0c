//! Has requests to a destination no longer signed.

use app::context::Place;
use axum::{Extension, extract::State, response::Redirect};

use crate::web::{errors::Refusal, fields::Fields, state::AppState};

/// Leads back to the list.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    fields: Fields,
) -> Result<Redirect, Refusal> {
    state.services().unsign_destination(place.caller(), &fields.text("address")).await?;
    Ok(Redirect::to(&place.destinations()))
}
