//! Releases a legal hold.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::request::Parts;

use super::part;
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads back to the list.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, hold)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("hold", &hold)?;
    match state.services().release_hold(place.caller(), id, &fields.text("reason")).await {
        Ok(_) => Ok(Redirect::to(&place.holds()).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
