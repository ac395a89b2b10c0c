//! Takes a destination off the workspace's list.

use app::context::Place;
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};

use crate::web::{errors::Refusal, fields::Fields, state::AppState};

/// An address that is not listed is not found; there is nothing in this form to correct.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    fields: Fields,
) -> Result<Response, Refusal> {
    state.services().remove_destination(place.caller(), &fields.text("address")).await?;
    Ok(Redirect::to(&place.destinations()).into_response())
}
