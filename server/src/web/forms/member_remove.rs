//! Removes a member.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::request::Parts;

use super::part;
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads back to the members; whoever removed themselves has no place there any more.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, member)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("member", &member)?;
    match state.services().remove_member(place.caller(), id).await {
        Ok(()) if id == place.member.id => Ok(Redirect::to("/").into_response()),
        Ok(()) => Ok(Redirect::to(&place.members()).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
