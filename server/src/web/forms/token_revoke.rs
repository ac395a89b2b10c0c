//! Revokes a token.

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
    Path((_, token)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("token", &token)?;
    match state.services().revoke_token(place.caller(), id).await {
        Ok(_) => Ok(Redirect::to(&place.tokens()).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
