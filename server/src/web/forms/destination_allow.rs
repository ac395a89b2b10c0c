//! Puts a destination on the workspace's list.

use app::context::Place;
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::request::Parts;

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Listing one again changes whether it may be private.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let allow_private = fields.text("allow_private") == "yes";
    let address = fields.text("address");
    match state.services().allow_destination(place.caller(), &address, allow_private).await {
        Ok(_) => Ok(Redirect::to(&place.destinations()).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
