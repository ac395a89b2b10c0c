//! Switches a definition on or off.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use engine::services::ServiceError;
use http::request::Parts;

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Switching to what it is already changes nothing.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, key)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    match switch(&state, &place, &key, &fields).await {
        Ok(()) => Ok(Redirect::to(&place.definition(&key)).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn switch(
    state: &AppState,
    place: &Place,
    key: &str,
    fields: &Fields,
) -> Result<(), ServiceError> {
    let enabled = fields.parse("enabled")?;
    state.services().set_enabled(place.caller(), key, enabled).await.map(|_| ())
}
